/* Keys and certificates: made, and kept sealed in the book. */
#include "server/keys/identity.h"

#include <openssl/crypto.h>
#include <string.h>

#include "server/keys/platform_key.h"
#include "wire/sealed.h"
#include "wire/server/key.h"

FZ_STATEMENT(key_newest, "SELECT id, serial_no FROM merchant_key WHERE mchid = $1 ORDER BY id DESC LIMIT 1",
             "t", "it");
FZ_STATEMENT(key_private, "SELECT CASE WHEN private_key IS NULL THEN 1 ELSE 0 END FROM merchant_key WHERE mchid = $1 ORDER BY id DESC LIMIT 1", "t", "i");
/* The newest has the highest number, whichever process wrote it: so it does not come from a block of numbers (fz_next_id), and nobody else
 * takes one at the same time (fz_changes_add). */
FZ_STATEMENT(key_insert,
             "INSERT INTO merchant_key (id, mchid, serial_no, certificate, public_key, private_key, state)"
             " VALUES ((SELECT COALESCE(MAX(id), 0) + 1 FROM merchant_key), $1, $2, $3, $4, $5, $6) ON CONFLICT (serial_no) DO NOTHING",
             "tttbbi", "");
FZ_STATEMENT(key_replace, "UPDATE merchant_key SET state = $2 WHERE mchid = $1", "ti", "");
FZ_STATEMENT(key_set_state, "UPDATE merchant_key SET state = $2 WHERE id = $1", "ii", "");
FZ_STATEMENT(key_remove, "DELETE FROM merchant_key WHERE mchid = $1", "t", "");
FZ_STATEMENT(apiv3_set, "UPDATE merchant SET apiv3_key = $2 WHERE mchid = $1", "tb", "");
FZ_STATEMENT(public_key_set, "UPDATE merchant SET public_key = $2 WHERE mchid = $1", "ti", "");
FZ_STATEMENT(callback_key_set, "UPDATE merchant SET callback_key_share = $2 WHERE mchid = $1", "ti", "");
FZ_STATEMENT(apiv3_missing, "SELECT 1 FROM merchant WHERE mchid = $1 AND apiv3_key IS NULL", "t", "i");

/* The platform's key: it is the sandbox's certificate authority too. */
static EVP_PKEY *read_issuer(struct fz_tx *tx, const struct fz_secrets *secrets)
{
    FZ_CLEANUP(fz_text_wipe) struct fz_text pem = {.max = FZ_PEM_MAX};
    return fz_platform_pem(tx, secrets, &pem) == FZ_OK ? fz_key_read(pem.data) : NULL;
}

static enum fz_result issue_certificate(struct fz_tx *tx, const struct fz_secrets *secrets, const char *mchid,
                                        const char *pem)
{
    FZ_CLEANUP(fz_key_drop) EVP_PKEY *key = pem == NULL ? fz_key_new() : fz_key_read(pem);
    FZ_CLEANUP(fz_key_drop) EVP_PKEY *issuer = read_issuer(tx, secrets);
    if (key == NULL || issuer == NULL)
        return FZ_FAILED;
    FZ_KEY_COLUMNS(columns);
    enum fz_result result = fz_key_columns_fill(&columns, secrets, "merchant_key", key, mchid, issuer, NULL);
    return result == FZ_OK ? fz_identity_insert(tx, mchid, &columns) : result;
}

enum fz_result fz_identity_insert(struct fz_tx *tx, const char *mchid, const struct fz_key_columns *columns)
{
    bool is_whole = columns->sealed.size > 0; /* the private key is known */
    /* First: after the insertion it would hit the new one. */
    enum fz_result result = fz_run(tx, &key_replace, FZ_VALUES(FZ_T(mchid), FZ_I(FZ_KEY_REPLACED)), NULL);
    if (result != FZ_OK)
        return result;
    return fz_insert(tx, &key_insert,
                     FZ_VALUES(FZ_T(mchid), FZ_T(columns->serial_no), FZ_T(columns->certificate.data),
                               FZ_B(columns->public_key.data, columns->public_key.size),
                               is_whole ? FZ_B(columns->sealed.data, columns->sealed.size) : FZ_NIL, FZ_I(FZ_KEY_VALID)));
}

enum fz_result fz_identity_set_apiv3_key(struct fz_tx *tx, const struct fz_secrets *secrets,
                                         const char *mchid, const char *apiv3_key)
{
    if (apiv3_key == NULL)
        return fz_run(tx, &apiv3_set, FZ_VALUES(FZ_T(mchid), FZ_NIL), NULL);
    char drawn[FZ_APIV3_KEY_SIZE + 1];
    if (apiv3_key[0] == '\0') {
        fz_random_text(drawn, sizeof drawn);
        apiv3_key = drawn;
    }
    FZ_CLEANUP(fz_text_done) struct fz_text sealed = {.max = 256};
    enum fz_result result =
        fz_secret_seal(secrets, "apiv3_key", mchid, apiv3_key, FZ_APIV3_KEY_SIZE, &sealed);
    OPENSSL_cleanse(drawn, sizeof drawn);
    if (result != FZ_OK)
        return result;
    return fz_run(tx, &apiv3_set, FZ_VALUES(FZ_T(mchid), FZ_B(sealed.data, sealed.size)), NULL);
}

enum fz_result fz_identity_issue(struct fz_tx *tx, const struct fz_secrets *secrets, const char *mchid,
                                 const char *pem, const char *apiv3_key)
{
    enum fz_result result = issue_certificate(tx, secrets, mchid, pem);
    if (result != FZ_OK)
        return result;
    /* A new certificate is no new APIv3 key: the merchant's callbacks stay readable to it. */
    FZ_CURSOR row = {0};
    result = fz_query_one(tx, &apiv3_missing, FZ_VALUES(FZ_T(mchid)), &row);
    fz_cursor_done(&row);
    if (result == FZ_OK)
        return fz_identity_set_apiv3_key(tx, secrets, mchid, apiv3_key == NULL ? "" : apiv3_key);
    return result == FZ_ABSENT ? FZ_OK : result;
}

static enum fz_result find_newest(struct fz_tx *tx, const char *mchid, int64_t *id,
                                  char serial_no[FZ_SERIAL_SIZE])
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &key_newest, FZ_VALUES(FZ_T(mchid)), &row);
    if (result != FZ_OK)
        return result;
    *id = fz_int(&row, 0);
    fz_copy(serial_no, FZ_SERIAL_SIZE, fz_string(&row, 1));
    return FZ_OK;
}

enum fz_result fz_identity_serial(struct fz_tx *tx, const char *mchid, char out[FZ_SERIAL_SIZE])
{
    int64_t id;
    return find_newest(tx, mchid, &id, out);
}

enum fz_result fz_identity_has_private_key(struct fz_tx *tx, const char *mchid, bool *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &key_private, FZ_VALUES(FZ_T(mchid)), &row);
    *out = result != FZ_OK || fz_int(&row, 0) == 0;
    return result == FZ_ABSENT ? FZ_OK : result;
}

enum fz_result fz_identity_set_state(struct fz_tx *tx, const char *mchid, enum fz_key_state state)
{
    int64_t id;
    char serial_no[FZ_SERIAL_SIZE];
    enum fz_result result = find_newest(tx, mchid, &id, serial_no);
    if (result != FZ_OK)
        return result;
    return fz_run(tx, &key_set_state, FZ_VALUES(FZ_I(id), FZ_I(state)), NULL);
}

enum fz_result fz_identity_remove_certificates(struct fz_tx *tx, const char *mchid)
{
    return fz_run(tx, &key_remove, FZ_VALUES(FZ_T(mchid)), NULL);
}

enum fz_result fz_identity_set_public_key(struct fz_tx *tx, const char *mchid, enum fz_public_key_use use)
{
    return fz_run(tx, &public_key_set, FZ_VALUES(FZ_T(mchid), FZ_I(use)), NULL);
}

enum fz_result fz_identity_set_callback_key_share(struct fz_tx *tx, const char *mchid, int share)
{
    return fz_run(tx, &callback_key_set, FZ_VALUES(FZ_T(mchid), share < 0 ? FZ_NIL : FZ_I(share)), NULL);
}
