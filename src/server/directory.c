/* The directory of merchants and keys: read whole from the book, then only looked up. */
#include "server/directory.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "api/certificates.h"
#include "wire/sealed.h"

#define PEM_MAX 8192

FZ_STATEMENT(directory_callers,
             "SELECT mchid, kind, apiv3_key, public_key, callback_key_share FROM merchant WHERE kind IN (1, 2) ORDER BY mchid",
             "", "tibii");
FZ_STATEMENT(directory_keys,
             "SELECT serial_no, mchid, public_key, state FROM merchant_key ORDER BY serial_no", "", "ttbi");
FZ_STATEMENT(directory_platform,
             "SELECT serial_no, private_key, kind, signs_from_ms FROM platform_key ORDER BY id", "", "tbii");

struct fz_directory {
    atomic_size_t references;
    uint64_t version;
    /* Callers and keys in the order of their numbers, the platform's keys oldest first, as the statements
     * give them. */
    struct fz_caller *callers;
    struct fz_merchant_key *keys;
    struct fz_platform_key *platform;
    size_t caller_count, key_count, platform_count;
};

/* Room for one more behind `count` items; NULL when memory is short. `items` points to the array. */
static void *next_item(void *items, size_t count, size_t item_size)
{
    void **array = items;
    if ((count & (count - 1)) == 0) { /* full whenever a power of two is reached */
        void *larger = realloc(*array, (count == 0 ? 1 : 2 * count) * item_size);
        if (larger == NULL)
            return NULL;
        *array = larger;
    }
    return memset((char *)*array + count * item_size, 0, item_size);
}

static enum fz_result open_apiv3_key(const struct fz_secrets *secrets, const struct fz_cursor *row,
                                     struct fz_caller *caller)
{
    if (fz_is_null(row, 2))
        return FZ_OK;
    size_t size;
    const void *sealed = fz_bytes(row, 2, &size);
    struct fz_text opened = {.max = FZ_APIV3_KEY_SIZE};
    enum fz_result result = fz_secret_open(secrets, "apiv3_key", caller->mchid, sealed, size, &opened);
    caller->has_apiv3_key = result == FZ_OK && opened.size == FZ_APIV3_KEY_SIZE;
    if (caller->has_apiv3_key)
        memcpy(caller->apiv3_key, opened.data, FZ_APIV3_KEY_SIZE);
    if (opened.data != NULL)
        OPENSSL_cleanse(opened.data, opened.size);
    fz_text_done(&opened);
    return caller->has_apiv3_key ? FZ_OK : FZ_FAILED;
}

static enum fz_result load_callers(struct fz_tx *tx, const struct fz_secrets *secrets,
                                   struct fz_directory *directory)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(tx, &directory_callers, NULL, 0, &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        struct fz_caller *caller = next_item(&directory->callers, directory->caller_count, sizeof *caller);
        if (caller == NULL)
            return FZ_FAILED;
        caller->index = directory->caller_count++;
        FZ_COPY_COLUMN(caller->mchid, &row, 0);
        caller->kind = (enum fz_merchant_kind)fz_int(&row, 1);
        caller->public_key = (enum fz_public_key_use)fz_int(&row, 3);
        caller->callback_key_share = !fz_is_null(&row, 4)                       ? (int)fz_int(&row, 4)
                                     : caller->public_key == FZ_PUBLIC_KEY_ONLY ? FZ_CALLBACK_KEY_ALL
                                                                                : 0;
        result = open_apiv3_key(secrets, &row, caller);
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}

static int compare_mchid(const void *mchid, const void *caller)
{
    return strcmp(mchid, ((const struct fz_caller *)caller)->mchid);
}

static struct fz_caller *find_caller(const struct fz_directory *directory, const char *mchid)
{
    return directory->caller_count == 0 ? NULL
                                        : bsearch(mchid, directory->callers, directory->caller_count,
                                                  sizeof directory->callers[0], compare_mchid);
}

static enum fz_result load_keys(struct fz_tx *tx, struct fz_directory *directory)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(tx, &directory_keys, NULL, 0, &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        struct fz_merchant_key *key = next_item(&directory->keys, directory->key_count, sizeof *key);
        if (key == NULL)
            return FZ_FAILED;
        key->index = directory->key_count++;
        FZ_COPY_COLUMN(key->serial_no, &row, 0);
        FZ_COPY_COLUMN(key->mchid, &row, 1);
        key->state = (enum fz_key_state)fz_int(&row, 3);
        size_t size;
        const void *der = fz_bytes(&row, 2, &size);
        key->public_key = fz_public_key_read(der, size);
        if (key->public_key == NULL)
            return FZ_FAILED;
        struct fz_caller *caller = find_caller(directory, key->mchid);
        if (caller != NULL)
            caller->key_count++;
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* NULL if it does not open under the secret. */
static EVP_PKEY *open_platform_key(const struct fz_secrets *secrets, const struct fz_cursor *row,
                                   const char *serial_no)
{
    size_t size;
    const void *sealed = fz_bytes(row, 1, &size);
    struct fz_text pem = {.max = PEM_MAX};
    EVP_PKEY *key = fz_secret_open(secrets, "platform_key", serial_no, sealed, size, &pem) == FZ_OK
                        ? fz_key_read(pem.data)
                        : NULL;
    if (pem.data != NULL)
        OPENSSL_cleanse(pem.data, pem.size);
    fz_text_done(&pem);
    return key;
}

static enum fz_result load_platform(struct fz_tx *tx, const struct fz_secrets *secrets,
                                    struct fz_directory *directory)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(tx, &directory_platform, NULL, 0, &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        struct fz_platform_key *key = next_item(&directory->platform, directory->platform_count, sizeof *key);
        if (key == NULL)
            return FZ_FAILED;
        directory->platform_count++;
        FZ_COPY_COLUMN(key->serial_no, &row, 0);
        key->kind = (enum fz_platform_key_kind)fz_int(&row, 2);
        key->signs_from_ms = fz_int(&row, 3);
        key->private_key = open_platform_key(secrets, &row, key->serial_no);
        if (key->private_key == NULL)
            return FZ_FAILED;
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}

enum fz_result fz_directory_load(struct fz_tx *tx, const struct fz_secrets *secrets,
                                 struct fz_directory **out)
{
    static atomic_uint_fast64_t versions;
    struct fz_directory *directory = calloc(1, sizeof *directory);
    if (directory == NULL)
        return FZ_FAILED;
    atomic_init(&directory->references, 1);
    directory->version = atomic_fetch_add(&versions, 1) + 1;
    enum fz_result result = load_callers(tx, secrets, directory);
    if (result == FZ_OK)
        result = load_keys(tx, directory);
    if (result == FZ_OK)
        result = load_platform(tx, secrets, directory);
    if (result == FZ_OK)
        *out = directory;
    else
        fz_directory_unref(directory);
    return result;
}

struct fz_directory *fz_directory_ref(struct fz_directory *directory)
{
    atomic_fetch_add_explicit(&directory->references, 1, memory_order_relaxed);
    return directory;
}

void fz_directory_unref(struct fz_directory *directory)
{
    if (directory == NULL || atomic_fetch_sub_explicit(&directory->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < directory->key_count; i++)
        EVP_PKEY_free(directory->keys[i].public_key);
    for (size_t i = 0; i < directory->platform_count; i++)
        EVP_PKEY_free(directory->platform[i].private_key);
    for (size_t i = 0; i < directory->caller_count; i++)
        OPENSSL_cleanse(directory->callers[i].apiv3_key, sizeof directory->callers[i].apiv3_key);
    free(directory->callers);
    free(directory->keys);
    free(directory->platform);
    free(directory);
}

const struct fz_caller *fz_directory_caller(const struct fz_directory *directory, const char *mchid)
{
    return find_caller(directory, mchid);
}

static int compare_serial(const void *serial_no, const void *key)
{
    return strcmp(serial_no, ((const struct fz_merchant_key *)key)->serial_no);
}

const struct fz_merchant_key *fz_directory_key(const struct fz_directory *directory, const char *serial_no)
{
    return directory->key_count == 0 ? NULL
                                     : bsearch(serial_no, directory->keys, directory->key_count,
                                               sizeof directory->keys[0], compare_serial);
}

/* The newest key of `kind` that signs by now. */
static const struct fz_platform_key *newest(const struct fz_directory *directory,
                                            enum fz_platform_key_kind kind, int64_t now_ms)
{
    for (size_t i = directory->platform_count; i > 0; i--) {
        const struct fz_platform_key *key = &directory->platform[i - 1];
        if (key->kind == kind && key->signs_from_ms <= now_ms)
            return key;
    }
    return NULL;
}

const struct fz_platform_key *fz_directory_signing(const struct fz_directory *directory, int64_t now_ms)
{
    return newest(directory, FZ_PLATFORM_CERTIFICATE, now_ms);
}

/* As GET /v3/certificates lists them. */
static bool is_listed(const struct fz_directory *directory, const struct fz_platform_key *certificate, int64_t now_ms)
{
    const struct fz_platform_key *signed_by_then =
        newest(directory, FZ_PLATFORM_CERTIFICATE, now_ms - FZ_CERTIFICATE_STAYS_MS);
    return signed_by_then == NULL || certificate >= signed_by_then;
}

const struct fz_platform_key *fz_directory_sealing(const struct fz_directory *directory,
                                                   const struct fz_caller *caller, const char *serial_no,
                                                   int64_t now_ms)
{
    const struct fz_platform_key *key = directory->platform, *end = key + directory->platform_count;
    while (key < end && strcmp(key->serial_no, serial_no) != 0)
        key++;
    if (key == end)
        return NULL;
    bool may = key->kind == FZ_PLATFORM_CERTIFICATE ? is_listed(directory, key, now_ms)
                                                    : caller->public_key != FZ_PUBLIC_KEY_OFF;
    return may ? key : NULL;
}

const struct fz_platform_key *fz_directory_answering(const struct fz_directory *directory,
                                                     const struct fz_caller *caller, const char *serial_no,
                                                     int64_t now_ms)
{
    const struct fz_platform_key *named =
        serial_no == NULL ? NULL : fz_directory_sealing(directory, caller, serial_no, now_ms);
    return named != NULL && named->kind == FZ_PLATFORM_PUBLIC_KEY ? named
                                                                  : fz_directory_signing(directory, now_ms);
}

const struct fz_platform_key *fz_directory_calling_back(const struct fz_directory *directory,
                                                        const struct fz_caller *caller, int drawn, int64_t now_ms)
{
    return newest(directory,
                  drawn < caller->callback_key_share ? FZ_PLATFORM_PUBLIC_KEY : FZ_PLATFORM_CERTIFICATE, now_ms);
}

size_t fz_directory_keys_of(const struct fz_directory *directory, const char *mchid,
                            const struct fz_merchant_key **out, size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < directory->key_count && count < max; i++)
        if (strcmp(directory->keys[i].mchid, mchid) == 0)
            out[count++] = &directory->keys[i];
    return count;
}

const struct fz_platform_key *fz_directory_platform_at(const struct fz_directory *directory, size_t index)
{
    return index < directory->platform_count ? &directory->platform[index] : NULL;
}

size_t fz_directory_key_count(const struct fz_directory *directory)
{
    return directory->key_count;
}

uint64_t fz_directory_version(const struct fz_directory *directory)
{
    return directory->version;
}
