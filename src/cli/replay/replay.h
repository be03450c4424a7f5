/* The parts of `fenzhang replay`. */
#ifndef FZ_CLI_REPLAY_REPLAY_H
#define FZ_CLI_REPLAY_REPLAY_H

#include <jansson.h>
#include <openssl/evp.h>
#include <stdbool.h>

#include "cli/profile/profile.h"
#include "cli/signed/signed.h"

/* key.c: who is to sign. */
struct fz_replay_identity {
    char *serial_no;
    EVP_PKEY *key;
};
/* The merchant's key from beside `demo_env` (NULL: none), or of the profile. False after a message; fz_replay_identity_done
 * either way. */
bool fz_replay_identity_find(const struct fz_profile *profile, const char *demo_env, const char *mchid,
                             struct fz_replay_identity *out);
void fz_replay_identity_done(struct fz_replay_identity *identity);

/* answer.c: tells how the exchange of the log was answered, how it is now, and in what that differs. Gives the exit status.
 */
int fz_replay_tell(const json_t *exchange, const struct fz_signed_answer *answer, bool json);

#endif
