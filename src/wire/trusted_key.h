/* One of the platform's keys, for those who verify with it or seal for it. */
#ifndef FZ_WIRE_TRUSTED_KEY_H
#define FZ_WIRE_TRUSTED_KEY_H

#include "wire/certificate.h"
#include "wire/signature.h"
#include "wire/trusted_keys.h"

struct fz_trusted_key {
    char name[FZ_TRUSTED_NAME_SIZE]; /* serial number or id */
    EVP_PKEY *key;
    struct fz_verifier *verifier;
    struct fz_validity validity; /* of the certificate; of a public key all time */
};

/* The key that Wechatpay-Serial names: a serial number in either case, an id as it is. Borrowed until the set
 * changes; NULL: there is none. */
struct fz_trusted_key *fz_trusted_keys_find(struct fz_trusted_keys *keys, const char *name);

#endif
