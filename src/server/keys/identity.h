/* Identities: merchants' keys and certificates, made, stored sealed in the book, and copied to the data
 * directory with the platform's.
 *
 * Sealed columns hold, by kind and row (secrets.h): "merchant_key"/serial_no the PKCS #8 PEM text,
 * "apiv3_key"/mchid the 32 characters. merchant_key.public_key is the DER of
 * fz_public_key_write. */
#ifndef FZ_SERVER_KEYS_IDENTITY_H
#define FZ_SERVER_KEYS_IDENTITY_H

#include "server/keys/directory.h"
#include "server/keys/key_columns.h"

/* Gives `mchid` a certificate (its key from `pem`, NULL makes one; earlier certificates become REPLACED) and,
 * if it has none, an APIv3 key (`apiv3_key` of 32 characters, NULL draws one). Through `tx`. */
FZ_MUST_CHECK enum fz_result fz_identity_issue(struct fz_tx *tx, const struct fz_secrets *secrets,
                                               const char *mchid, const char *pem, const char *apiv3_key);
/* The row of a certificate that is the newest from now on; `sealed` empty: the private key is not known. FZ_CONFLICT: the
 * serial number is there already. */
FZ_MUST_CHECK enum fz_result fz_identity_insert(struct fz_tx *tx, const char *mchid, const struct fz_key_columns *columns);
/* The serial number of the newest certificate; FZ_ABSENT if there is none. */
FZ_MUST_CHECK enum fz_result fz_identity_serial(struct fz_tx *tx, const char *mchid,
                                                char out[FZ_SERIAL_SIZE]);
/* Whether the newest certificate's private key is known here; true if there is no certificate. */
FZ_MUST_CHECK enum fz_result fz_identity_has_private_key(struct fz_tx *tx, const char *mchid, bool *out);
/* Sets the state of the newest certificate; FZ_ABSENT if there is none. */
FZ_MUST_CHECK enum fz_result fz_identity_set_state(struct fz_tx *tx, const char *mchid,
                                                   enum fz_key_state state);
/* Takes all certificates away. */
FZ_MUST_CHECK enum fz_result fz_identity_remove_certificates(struct fz_tx *tx, const char *mchid);
/* Sets the APIv3 key: 32 characters; "" draws one; NULL takes it away. */
FZ_MUST_CHECK enum fz_result fz_identity_set_apiv3_key(struct fz_tx *tx, const struct fz_secrets *secrets,
                                                       const char *mchid, const char *apiv3_key);
/* Says which of the platform's keys it checks with. */
FZ_MUST_CHECK enum fz_result fz_identity_set_public_key(struct fz_tx *tx, const char *mchid,
                                                        enum fz_public_key_use use);
/* Says how many of 10 000 of its callbacks the public key signs; -1: all if it uses nothing else, else none. */
FZ_MUST_CHECK enum fz_result fz_identity_set_callback_key_share(struct fz_tx *tx, const char *mchid, int share);

/* Writes DIR/merchants/MCHID/ (apiclient_key.pem, apiclient_cert.pem, apiv3_key, serial_no; for a user of the
 * platform's public key that and its id too) as the book has them. What was taken away stays as it was: the
 * merchant still holds its copy, the platform no longer knows it. */
FZ_MUST_CHECK enum fz_result fz_identity_export(struct fz_tx *tx, const struct fz_secrets *secrets,
                                                const char *data, const char *mchid);
/* Writes DIR/platform/SERIAL.pem for each certificate, ID.pem for the public key. */
FZ_MUST_CHECK enum fz_result fz_platform_export(struct fz_tx *tx, const char *data);
/* Both, for all who have keys: what a crash or a full disk kept from being written is written then. Not `synced`: a power loss
 * may take them, until the next start. */
FZ_MUST_CHECK enum fz_result fz_all_export(struct fz_tx *tx, const struct fz_secrets *secrets, const char *data, bool synced);
/* Another book has come in the place of that one: what there is of merchants and keys that are not in it goes, and all that are
 * in it are written. */
FZ_MUST_CHECK enum fz_result fz_exports_follow(struct fz_reader *reader, const struct fz_secrets *secrets, const char *data);

#endif
