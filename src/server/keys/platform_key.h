/* The platform's keys in the book: certificates, of which each signs from its own time on until the next one
 * does, and a public key without certificate for merchants that use it (the vendor's public-key mode).
 *
 * platform_key.private_key holds the PKCS #8 PEM text sealed for "platform_key"/serial_no (secrets.h); the
 * serial_no of a public key is its id, PUB_KEY_ID_ and 28 digits. */
#ifndef FZ_SERVER_KEYS_PLATFORM_KEY_H
#define FZ_SERVER_KEYS_PLATFORM_KEY_H

#include "server/keys/key_columns.h"
#include "store/store.h"

/* A new certificate is listed this long before it signs, because clients look for new ones once a day at the
 * rarest. */
#define FZ_PLATFORM_LISTED_BEFORE_MS INT64_C(86400000)
#define FZ_PLATFORM_KEYS_MAX   100 /* rotations that a book takes */

/* Makes sure that the book has a certificate; `pem` is the key to use, NULL makes a new one. Through `tx`. */
FZ_MUST_CHECK enum fz_result fz_platform_ensure(struct fz_tx *tx, const struct fz_secrets *secrets,
                                                const char *pem);
/* Appends the private key of the first certificate, as PEM: it issues the merchants' certificates, and is the
 * one that a reset goes back to. FZ_ABSENT if there is none. */
FZ_MUST_CHECK enum fz_result fz_platform_pem(struct fz_tx *tx, const struct fz_secrets *secrets,
                                             struct fz_text *out);
/* The serial number of the certificate that signs now. */
FZ_MUST_CHECK enum fz_result fz_platform_serial(struct fz_tx *tx, char out[FZ_SERIAL_SIZE]);

/* Adds a certificate for the key `pem` that signs from `signs_from_ms` on. It begins now, by book time and by `wire_ms`, and ends
 * later than all before it: clients that take the newest by date take this one. FZ_CONFLICT while another one
 * waits to sign; FZ_FULL at FZ_PLATFORM_KEYS_MAX. */
FZ_MUST_CHECK enum fz_result fz_platform_rotate(struct fz_tx *tx, const struct fz_secrets *secrets,
                                                const char *pem, int64_t wire_ms, int64_t signs_from_ms,
                                                char serial_no[FZ_SERIAL_SIZE]);

/* Makes sure that there is a public key; `pem` is the key to use. */
FZ_MUST_CHECK enum fz_result fz_platform_public_key_ensure(struct fz_tx *tx, const struct fz_secrets *secrets,
                                                           const char *pem);

#endif
