/* The platform's public keys, by the serial number that an answer or a callback names.
 *
 * A merchant knows the platform by certificates (fetched, sealed with the APIv3 key; a new one is listed a
 * day before it signs) or by one public key with an id (downloaded from the console), and while it moves
 * from one to the other by both: which of them signed, Wechatpay-Serial says each time. So a set holds
 * several at once, and is looked up by that header alone; a key that does not fit the header is never tried
 * in its place. (The vendor's document 3.1.8 on certificates; its client libraries' notes on the public key.)
 *
 * A set belongs to one thread at a time: verifying changes contexts inside it. There is no state outside
 * it. */
#ifndef FZ_WIRE_TRUSTED_KEYS_H
#define FZ_WIRE_TRUSTED_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

#define FZ_TRUSTED_KEYS_MAX  16 /* of a set: the vendor lists two or three certificates at a time */
#define FZ_TRUSTED_NAME_SIZE 65 /* room for a serial number (40) or an id of a public key, and a NUL */

struct fz_trusted_keys;

/* An empty set. New: free with fz_trusted_keys_free (NULL is allowed). NULL when memory is short. */
struct fz_trusted_keys *fz_trusted_keys_new(void);
void fz_trusted_keys_free(struct fz_trusted_keys *keys);

/* Adds what `pem` (a terminated PEM certificate of an RSA key of up to 4096 bits; copied) certifies,
 * under the certificate's serial number. That the certificate is the platform's is for the caller to
 * know: it came sealed with the APIv3 key, or from the console. The same one again changes nothing.
 * FZ_MALFORMED: no such certificate. FZ_CONFLICT: the serial number stands for another key already.
 * FZ_FULL: there are FZ_TRUSTED_KEYS_MAX. FZ_FAILED: memory is short. The set is as before then. */
FZ_MUST_CHECK enum fz_result fz_trusted_keys_add_certificate(struct fz_trusted_keys *keys, const char *pem);

/* Adds a public key (`pem`: terminated PEM, SubjectPublicKeyInfo, RSA; copied) under its `id`,
 * PUB_KEY_ID_ and letters and digits, as the console shows it. It has no end. Results as above;
 * FZ_MALFORMED also for the id. */
FZ_MUST_CHECK enum fz_result fz_trusted_keys_add_public_key(struct fz_trusted_keys *keys, const char *id,
                                                             const char *pem);

/* Takes one out, as when its certificate is listed no more. FZ_ABSENT: it is not there. */
FZ_MUST_CHECK enum fz_result fz_trusted_keys_remove(struct fz_trusted_keys *keys, const char *name);

/* How many there are, and the name (serial number or id) of the one at `index`, from 0 in the order of
 * adding; borrowed until the set changes. NULL beyond the last. */
size_t fz_trusted_keys_count(const struct fz_trusted_keys *keys);
const char *fz_trusted_keys_name(const struct fz_trusted_keys *keys, size_t index);

#endif
