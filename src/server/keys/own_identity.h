/* Identities that merchants bring: what they sign with in production, or in their tests, goes on unchanged. */
#ifndef FZ_SERVER_KEYS_OWN_IDENTITY_H
#define FZ_SERVER_KEYS_OWN_IDENTITY_H

#include "server/keys/secrets.h"
#include "store/store.h"

/* PEM texts and a number, as they were given; NULL: not given. */
struct fz_own_identity {
    const char *private_key;         /* known to the merchant alone unless it is given */
    const char *certificate;         /* its serial number and public key count */
    const char *merchant_public_key; /* instead of a certificate, with a serial_no */
    const char *serial_no;
};

/* Whether anything was given. */
bool fz_own_identity_is_given(const struct fz_own_identity *own);

/* Looks whether the parts make an identity: an RSA key of 2048 to 4096 bits, of which the public half is known, and a serial
 * number. FZ_MALFORMED: they do not; `why` is what is wrong, as a clause, and what to do. */
FZ_MUST_CHECK enum fz_result fz_own_identity_check(const struct fz_own_identity *own, const char **why);

/* Makes it the newest one of `mchid`; what was there becomes REPLACED. Where no certificate was given, one is made for the
 * public key. FZ_MALFORMED as above; FZ_CONFLICT: the serial number names another key already. */
FZ_MUST_CHECK enum fz_result fz_own_identity_set(struct fz_tx *tx, const struct fz_secrets *secrets, const char *mchid,
                                                 const struct fz_own_identity *own, const char **why);

#endif
