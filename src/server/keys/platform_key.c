/* The platform's keys: made, and kept sealed in the book. */
#include "server/keys/platform_key.h"

#include <string.h>

#include "server/keys/directory.h"
#include "wire/server/key.h"

#define VALID_MS (INT64_C(5) * 365 * 86400000) /* beyond either clock, and beyond the certificate before */

FZ_STATEMENT(platform_first,
             "SELECT serial_no, private_key FROM platform_key WHERE kind = 1 ORDER BY id LIMIT 1", "", "tb");
FZ_STATEMENT(
    platform_signing,
    "SELECT serial_no FROM platform_key WHERE kind = 1 AND signs_from_ms <= $1 ORDER BY id DESC LIMIT 1", "i",
    "t");
FZ_STATEMENT(platform_waiting,
             "SELECT COUNT(*), COALESCE(MAX(signs_from_ms), 0) FROM platform_key WHERE kind = 1", "", "ii");
FZ_STATEMENT(platform_last, "SELECT certificate FROM platform_key WHERE kind = 1 ORDER BY id DESC LIMIT 1", "", "t");
FZ_STATEMENT(platform_public, "SELECT serial_no FROM platform_key WHERE kind = 2", "", "t");
/* In the order of their numbers they come to sign, whichever process wrote them: as in identity.c. */
FZ_STATEMENT(platform_insert,
             "INSERT INTO platform_key (id, serial_no, certificate, private_key, kind, signs_from_ms)"
             " VALUES ((SELECT COALESCE(MAX(id), 0) + 1 FROM platform_key), $1, $2, $3, $4, $5)",
             "ttbii", "");

static enum fz_result insert(struct fz_tx *tx, const struct fz_key_columns *columns,
                             enum fz_platform_key_kind kind, int64_t signs_from_ms)
{
    return fz_run(tx, &platform_insert,
                  FZ_VALUES(FZ_T(columns->serial_no), FZ_T(columns->certificate.data),
                            FZ_B(columns->sealed.data, columns->sealed.size), FZ_I(kind),
                            FZ_I(signs_from_ms)),
                  NULL);
}

/* `pem` NULL makes a key, `validity` NULL is the usual. */
static enum fz_result add_certificate(struct fz_tx *tx, const struct fz_secrets *secrets, const char *pem,
                                      const struct fz_validity *validity, int64_t signs_from_ms,
                                      char serial_no[FZ_SERIAL_SIZE])
{
    FZ_CLEANUP(fz_key_drop) EVP_PKEY *key = pem == NULL ? fz_key_new() : fz_key_read(pem);
    FZ_KEY_COLUMNS(columns);
    enum fz_result result =
        key == NULL ? FZ_FAILED
                    : fz_key_columns_fill(&columns, secrets, "platform_key", key, FZ_PLATFORM_NAME, NULL, validity);
    if (result == FZ_OK)
        result = insert(tx, &columns, FZ_PLATFORM_CERTIFICATE, signs_from_ms);
    if (result == FZ_OK)
        fz_copy(serial_no, FZ_SERIAL_SIZE, columns.serial_no);
    return result;
}

static enum fz_result read_serial(struct fz_tx *tx, const struct fz_statement *statement,
                                  const struct fz_value *values, size_t count, char out[FZ_SERIAL_SIZE])
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, statement, values, count, &row);
    if (result == FZ_OK)
        fz_copy(out, FZ_SERIAL_SIZE, fz_string(&row, 0));
    return result;
}

enum fz_result fz_platform_serial(struct fz_tx *tx, char out[FZ_SERIAL_SIZE])
{
    return read_serial(tx, &platform_signing, FZ_VALUES(FZ_I(tx->now_ms)), out);
}

enum fz_result fz_platform_pem(struct fz_tx *tx, const struct fz_secrets *secrets, struct fz_text *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &platform_first, NULL, 0, &row);
    if (result != FZ_OK)
        return result;
    size_t size;
    const void *sealed = fz_bytes(&row, 1, &size);
    return fz_secret_open(secrets, "platform_key", fz_string(&row, 0), sealed, size, out);
}

/* The first one signs from the beginning of time and has the usual dates: the demo story begins before the book is made, and a
 * reset makes the same certificate again. */
enum fz_result fz_platform_ensure(struct fz_tx *tx, const struct fz_secrets *secrets, const char *pem)
{
    char serial_no[FZ_SERIAL_SIZE];
    enum fz_result result = read_serial(tx, &platform_first, NULL, 0, serial_no);
    return result == FZ_ABSENT ? add_certificate(tx, secrets, pem, NULL, 0, serial_no) : result;
}

static int64_t later_of(int64_t one, int64_t other)
{
    return one > other ? one : other;
}

/* Certificates have whole seconds: of two that are made within one, the second begins in the next. */
static enum fz_result follow(struct fz_tx *tx, int64_t wire_ms, struct fz_validity *out)
{
    FZ_CURSOR row = {0};
    struct fz_certificate last;
    enum fz_result result = fz_query_one(tx, &platform_last, NULL, 0, &row);
    if (result == FZ_OK)
        result = fz_certificate_read(fz_string(&row, 0), &last, NULL);
    if (result != FZ_OK)
        return FZ_FAILED;
    int64_t now_ms = tx->now_ms < wire_ms ? tx->now_ms : wire_ms;
    out->not_before_ms = later_of(now_ms / 1000 * 1000, last.validity.not_before_ms + 1000);
    out->not_after_ms = later_of(later_of(tx->now_ms, wire_ms), last.validity.not_after_ms) + VALID_MS;
    return FZ_OK;
}

enum fz_result fz_platform_rotate(struct fz_tx *tx, const struct fz_secrets *secrets, const char *pem,
                                  int64_t wire_ms, int64_t signs_from_ms, char serial_no[FZ_SERIAL_SIZE])
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &platform_waiting, NULL, 0, &row);
    if (result != FZ_OK)
        return result;
    if (fz_int(&row, 1) > tx->now_ms)
        return FZ_CONFLICT;
    if (fz_int(&row, 0) >= FZ_PLATFORM_KEYS_MAX)
        return FZ_FULL;
    fz_cursor_done(&row);
    struct fz_validity validity;
    result = follow(tx, wire_ms, &validity);
    return result == FZ_OK ? add_certificate(tx, secrets, pem, &validity, signs_from_ms, serial_no) : result;
}

enum fz_result fz_platform_public_key_ensure(struct fz_tx *tx, const struct fz_secrets *secrets,
                                             const char *pem)
{
    FZ_KEY_COLUMNS(columns);
    enum fz_result result = read_serial(tx, &platform_public, NULL, 0, columns.serial_no);
    if (result != FZ_ABSENT)
        return result;
    FZ_CLEANUP(fz_key_drop) EVP_PKEY *key = fz_key_read(pem);
    result = key == NULL ? FZ_FAILED : fz_public_key_id(key, columns.serial_no);
    if (result == FZ_OK)
        result = fz_public_key_write_pem(key, &columns.certificate);
    if (result == FZ_OK)
        result = fz_key_columns_seal(&columns, secrets, "platform_key", key);
    return result == FZ_OK ? insert(tx, &columns, FZ_PLATFORM_PUBLIC_KEY, 0) : result;
}
