/* The platform's signers, prepared: of each kind of key the one that signed last. It rarely changes, not even
 * with a new version of the directory. For one thread. */
#ifndef FZ_SERVER_KEYS_SIGNERS_H
#define FZ_SERVER_KEYS_SIGNERS_H

#include "server/keys/directory.h"
#include "wire/signature.h"

/* Zeroed: none is prepared. */
struct fz_signers {
    struct fz_prepared_signer {
        char serial_no[FZ_SERIAL_SIZE];
        struct fz_signer *signer;
    } by_kind[FZ_PLATFORM_PUBLIC_KEY + 1];
};

/* Borrowed until the next call; NULL when memory is short. */
struct fz_signer *fz_signers_prepare(struct fz_signers *signers, const struct fz_platform_key *key);
void fz_signers_done(struct fz_signers *signers);

#endif
