/* Identities that merchants bring: read, compared, put into the book. */
#include "server/keys/own_identity.h"

#include <string.h>

#include "server/keys/identity.h"
#include "server/keys/platform_key.h"
#include "wire/server/certificate.h"
#include "wire/server/key.h"

#define BITS_MIN 2048

FZ_STATEMENT(own_key_named, "SELECT mchid, public_key FROM merchant_key WHERE serial_no = $1", "t", "tb");
FZ_STATEMENT(own_key_remove, "DELETE FROM merchant_key WHERE serial_no = $1", "t", "");

/* What was read of it. */
struct identity {
    EVP_PKEY *private_key, *public_key; /* NULL: not given */
    char serial_no[FZ_SERIAL_SIZE];     /* "": none */
    const char *why;
};

static void done(struct identity *identity)
{
    EVP_PKEY_free(identity->private_key);
    EVP_PKEY_free(identity->public_key);
}

bool fz_own_identity_is_given(const struct fz_own_identity *own)
{
    return own->private_key != NULL || own->certificate != NULL || own->merchant_public_key != NULL || own->serial_no != NULL;
}

/* ---- reading ---- */

static enum fz_result wrong(struct identity *identity, const char *why)
{
    identity->why = why;
    return FZ_MALFORMED;
}

static enum fz_result read_public(const struct fz_own_identity *own, struct identity *out)
{
    struct fz_certificate certificate;
    if (own->certificate != NULL && own->merchant_public_key != NULL)
        return wrong(out, "a certificate has the public key in it: give one of the two");
    if (own->merchant_public_key != NULL) {
        out->public_key = fz_public_key_read_pem(own->merchant_public_key);
        return out->public_key != NULL ? FZ_OK : wrong(out, "merchant_public_key is no RSA key in PEM (BEGIN PUBLIC KEY): give one");
    }
    if (own->certificate == NULL)
        return FZ_OK;
    if (fz_certificate_read(own->certificate, &certificate, &out->public_key) != FZ_OK)
        return wrong(out, "certificate is no X.509 certificate of an RSA key in PEM (BEGIN CERTIFICATE): give one");
    memcpy(out->serial_no, certificate.serial, sizeof out->serial_no);
    return FZ_OK;
}

/* The public half of a private key, where nothing else says it. */
static enum fz_result read_private(const struct fz_own_identity *own, struct identity *out)
{
    if (own->private_key == NULL)
        return FZ_OK;
    out->private_key = fz_key_read(own->private_key);
    if (out->private_key == NULL)
        return wrong(out, "private_key is no RSA key in PEM without a password (BEGIN PRIVATE KEY): give one");
    if (out->public_key == NULL && EVP_PKEY_up_ref(out->private_key) == 1)
        out->public_key = out->private_key;
    else if (EVP_PKEY_eq(out->private_key, out->public_key) != 1)
        return wrong(out, "private_key is another than that of the certificate or public key: give those that belong together");
    return FZ_OK;
}

static enum fz_result read_serial(const struct fz_own_identity *own, struct identity *out)
{
    char given[FZ_SERIAL_SIZE];
    if (own->serial_no == NULL)
        return own->merchant_public_key == NULL
                   ? FZ_OK
                   : wrong(out, "a public key alone has no serial number: give the serial_no that its owner sends");
    if (fz_serial_read(own->serial_no, given) != FZ_OK)
        return wrong(out, "serial_no is no hexadecimal number of at most 40 digits without zeros in front: give one");
    if (out->serial_no[0] != '\0' && strcmp(out->serial_no, given) != 0)
        return wrong(out, "serial_no is another than that of the certificate: leave it away, or give the right certificate");
    memcpy(out->serial_no, given, sizeof given);
    return FZ_OK;
}

static enum fz_result check_bits(struct identity *out)
{
    if (out->public_key == NULL)
        return wrong(out, "a serial_no alone is no identity: give a certificate, a merchant_public_key or a private_key");
    int bits = EVP_PKEY_get_bits(out->public_key);
    return bits >= BITS_MIN && bits <= FZ_KEY_BITS_MAX ? FZ_OK : wrong(out, "the key has not 2048 to 4096 bits: give one that has");
}

static enum fz_result read_identity(const struct fz_own_identity *own, struct identity *out)
{
    enum fz_result result = read_public(own, out);
    if (result == FZ_OK)
        result = read_private(own, out);
    if (result == FZ_OK)
        result = read_serial(own, out);
    return result == FZ_OK ? check_bits(out) : result;
}

enum fz_result fz_own_identity_check(const struct fz_own_identity *own, const char **why)
{
    FZ_CLEANUP(done) struct identity identity = {0};
    enum fz_result result = read_identity(own, &identity);
    *why = identity.why;
    return result;
}

/* ---- bringing it in ---- */

/* A certificate of one's own as it is; else one that the sandbox issues. */
static enum fz_result fill_certificate(struct fz_tx *tx, const struct fz_secrets *secrets, const char *mchid,
                                       const struct fz_own_identity *own, struct identity *identity, struct fz_key_columns *out)
{
    if (own->certificate != NULL) {
        fz_text_string(&out->certificate, own->certificate);
        return out->certificate.failed ? FZ_FULL : FZ_OK;
    }
    FZ_CLEANUP(fz_text_wipe) struct fz_text pem = {.max = FZ_PEM_MAX};
    enum fz_result result = fz_platform_pem(tx, secrets, &pem);
    FZ_CLEANUP(fz_key_drop) EVP_PKEY *issuer = result == FZ_OK ? fz_key_read(pem.data) : NULL;
    if (issuer == NULL)
        return FZ_FAILED;
    if (identity->serial_no[0] == '\0')
        return fz_certificate_make(identity->public_key, mchid, issuer, FZ_PLATFORM_NAME, NULL, identity->serial_no,
                                   &out->certificate);
    return fz_certificate_make_as(identity->public_key, mchid, issuer, FZ_PLATFORM_NAME, identity->serial_no, &out->certificate);
}

static enum fz_result fill(const struct fz_secrets *secrets, struct identity *identity, struct fz_key_columns *out)
{
    memcpy(out->serial_no, identity->serial_no, sizeof out->serial_no);
    if (identity->private_key != NULL)
        return fz_key_columns_seal(out, secrets, "merchant_key", identity->private_key);
    return fz_public_key_write(identity->public_key, &out->public_key);
}

/* A number names one key for ever: who keeps it in memory may go by it. The same once more is brought in anew. */
static enum fz_result make_room(struct fz_tx *tx, const char *mchid, const struct fz_key_columns *columns)
{
    FZ_CURSOR row = {0};
    size_t size = 0;
    enum fz_result result = fz_query_one(tx, &own_key_named, FZ_VALUES(FZ_T(columns->serial_no)), &row);
    if (result != FZ_OK)
        return result == FZ_ABSENT ? FZ_OK : result;
    const void *der = fz_bytes(&row, 1, &size);
    bool is_same = strcmp(fz_string(&row, 0), mchid) == 0 && size == columns->public_key.size &&
                   memcmp(der, columns->public_key.data, size) == 0;
    fz_cursor_done(&row);
    return is_same ? fz_run(tx, &own_key_remove, FZ_VALUES(FZ_T(columns->serial_no)), NULL) : FZ_CONFLICT;
}

enum fz_result fz_own_identity_set(struct fz_tx *tx, const struct fz_secrets *secrets, const char *mchid,
                                   const struct fz_own_identity *own, const char **why)
{
    FZ_CLEANUP(done) struct identity identity = {0};
    FZ_KEY_COLUMNS(columns);
    enum fz_result result = read_identity(own, &identity);
    *why = identity.why;
    if (result == FZ_OK)
        result = fill_certificate(tx, secrets, mchid, own, &identity, &columns);
    if (result == FZ_OK)
        result = fill(secrets, &identity, &columns);
    if (result == FZ_OK)
        result = make_room(tx, mchid, &columns);
    return result == FZ_OK ? fz_identity_insert(tx, mchid, &columns) : result;
}
