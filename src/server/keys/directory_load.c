/* The directory of merchants and keys: read from the book, whole or what has changed in it. */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "server/keys/directory_internal.h"
#include "wire/sealed.h"
#include "wire/server/key.h"

#define PEM_MAX 8192

#define CALLER "SELECT mchid, kind, apiv3_key, public_key, callback_key_share FROM merchant WHERE kind IN (1, 2)"
#define KEY    "SELECT serial_no, mchid, public_key, state FROM merchant_key"
FZ_LARGE_STATEMENT(directory_callers, CALLER " ORDER BY mchid", "", "tibii");
FZ_STATEMENT(directory_caller, CALLER " AND mchid = $1", "t", "tibii");
FZ_LARGE_STATEMENT(directory_keys, KEY " ORDER BY serial_no", "", "ttbi");
FZ_STATEMENT(directory_keys_of, KEY " WHERE mchid = $1", "t", "ttbi");
FZ_STATEMENT(directory_platform,
             "SELECT serial_no, private_key, kind, signs_from_ms FROM platform_key ORDER BY id", "", "tbii");

/* ---- arrays ---- */

/* An array of `count` items has room for the next power of two. */
static size_t room_for(size_t count)
{
    size_t room = 1;
    while (room < count)
        room *= 2;
    return room;
}

/* Room for one more at `place` among `count` items; NULL when memory is short. `items` points to the array. What it
 * grows out of is wiped: it may hold keys. */
static void *insert_item(void *items, size_t count, size_t place, size_t item_size)
{
    void **array = items;
    if (count == 0 || count == room_for(count)) {
        void *larger = OPENSSL_clear_realloc(*array, count * item_size, room_for(count + 1) * item_size);
        if (larger == NULL)
            return NULL;
        *array = larger;
    }
    char *at = (char *)*array + place * item_size;
    memmove(at + item_size, at, (count - place) * item_size);
    return memset(at, 0, item_size);
}

/* ---- callers ---- */

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

static struct fz_caller *insert_caller(struct fz_directory *directory, const char *mchid)
{
    size_t place = directory->caller_count;
    while (place > 0 && strcmp(directory->callers[place - 1].mchid, mchid) > 0)
        place--;
    struct fz_caller *caller =
        insert_item(&directory->callers, directory->caller_count, place, sizeof *caller);
    if (caller != NULL)
        directory->caller_count++;
    return caller;
}

/* All, or the one of that number (NULL: all). */
static enum fz_result load_callers(struct fz_tx *tx, const struct fz_secrets *secrets, const char *mchid,
                                   struct fz_directory *directory)
{
    FZ_CURSOR row = {0};
    enum fz_result result = mchid == NULL ? fz_query(tx, &directory_callers, NULL, 0, &row)
                                          : fz_query(tx, &directory_caller, FZ_VALUES(FZ_T(mchid)), &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        struct fz_caller *caller = insert_caller(directory, fz_string(&row, 0));
        if (caller == NULL)
            return FZ_FAILED;
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

/* ---- merchants' keys ---- */

static struct fz_merchant_key *insert_key(struct fz_directory *directory, const char *serial_no)
{
    size_t place = directory->key_count;
    while (place > 0 && strcmp(directory->keys[place - 1].serial_no, serial_no) > 0)
        place--;
    struct fz_merchant_key *key = insert_item(&directory->keys, directory->key_count, place, sizeof *key);
    if (key != NULL)
        directory->key_count++;
    return key;
}

/* A certificate stays what it is, so a key that an earlier version has is taken from there, with its number. */
static bool find_key(const struct fz_directory *before, const struct fz_cursor *row, struct fz_merchant_key *out)
{
    static atomic_uint_fast64_t numbers;
    const struct fz_merchant_key *known = before == NULL ? NULL : fz_directory_key(before, out->serial_no);
    if (known != NULL && strcmp(known->mchid, out->mchid) == 0 && EVP_PKEY_up_ref(known->public_key) == 1) {
        out->public_key = known->public_key;
        out->number = known->number;
        return true;
    }
    size_t size;
    const void *der = fz_bytes(row, 2, &size);
    out->public_key = fz_public_key_read(der, size);
    out->number = atomic_fetch_add_explicit(&numbers, 1, memory_order_relaxed);
    return out->public_key != NULL;
}

static enum fz_result load_keys(struct fz_tx *tx, const char *mchid, const struct fz_directory *before,
                                struct fz_directory *directory)
{
    FZ_CURSOR row = {0};
    enum fz_result result = mchid == NULL ? fz_query(tx, &directory_keys, NULL, 0, &row)
                                          : fz_query(tx, &directory_keys_of, FZ_VALUES(FZ_T(mchid)), &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        struct fz_merchant_key *key = insert_key(directory, fz_string(&row, 0));
        if (key == NULL)
            return FZ_FAILED;
        FZ_COPY_COLUMN(key->serial_no, &row, 0);
        FZ_COPY_COLUMN(key->mchid, &row, 1);
        key->state = (enum fz_key_state)fz_int(&row, 3);
        if (!find_key(before, &row, key))
            return FZ_FAILED;
        struct fz_caller *caller = fz_directory_find_caller(directory, key->mchid);
        if (caller != NULL)
            caller->key_count++;
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* ---- the platform's ---- */

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

/* One that an earlier version has is taken from there. */
static EVP_PKEY *find_platform_key(const struct fz_directory *before, const char *serial_no)
{
    for (size_t i = 0; before != NULL && i < before->platform_count; i++)
        if (strcmp(before->platform[i].serial_no, serial_no) == 0 &&
            EVP_PKEY_up_ref(before->platform[i].private_key) == 1)
            return before->platform[i].private_key;
    return NULL;
}

static enum fz_result load_platform(struct fz_tx *tx, const struct fz_secrets *secrets,
                                    const struct fz_directory *before, struct fz_directory *directory)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(tx, &directory_platform, NULL, 0, &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        size_t count = directory->platform_count;
        struct fz_platform_key *key = insert_item(&directory->platform, count, count, sizeof *key);
        if (key == NULL)
            return FZ_FAILED;
        directory->platform_count++;
        FZ_COPY_COLUMN(key->serial_no, &row, 0);
        key->kind = (enum fz_platform_key_kind)fz_int(&row, 2);
        key->signs_from_ms = fz_int(&row, 3);
        key->private_key = find_platform_key(before, key->serial_no);
        if (key->private_key == NULL)
            key->private_key = open_platform_key(secrets, &row, key->serial_no);
        if (key->private_key == NULL)
            return FZ_FAILED;
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* ---- versions ---- */

static struct fz_directory *new_version(void)
{
    static atomic_uint_fast64_t versions;
    struct fz_directory *directory = calloc(1, sizeof *directory);
    if (directory == NULL)
        return NULL;
    atomic_init(&directory->references, 1);
    directory->version = atomic_fetch_add(&versions, 1) + 1;
    return directory;
}

/* A book that is being made has its row already; the tests' have none. */
static enum fz_result load_changes(struct fz_tx *tx, struct fz_directory *directory)
{
    enum fz_result result = fz_changes_read(tx, &directory->changes);
    return result == FZ_ABSENT ? FZ_OK : result;
}

static enum fz_result hand_out(enum fz_result result, struct fz_directory *directory, struct fz_directory **out)
{
    if (result == FZ_OK)
        *out = directory;
    else
        fz_directory_unref(directory);
    return result;
}

enum fz_result fz_directory_load(struct fz_tx *tx, const struct fz_secrets *secrets,
                                 struct fz_directory **out)
{
    struct fz_directory *directory = new_version();
    if (directory == NULL)
        return FZ_FAILED;
    enum fz_result result = load_changes(tx, directory);
    if (result == FZ_OK)
        result = load_callers(tx, secrets, NULL, directory);
    if (result == FZ_OK)
        result = load_keys(tx, NULL, NULL, directory);
    if (result == FZ_OK)
        result = load_platform(tx, secrets, NULL, directory);
    return hand_out(result, directory, out);
}

/* All of `before` but what belongs to one merchant (NULL: all of it). */
static bool copy_merchants(struct fz_directory *to, const struct fz_directory *before, const char *but)
{
    to->callers = OPENSSL_malloc(room_for(before->caller_count) * sizeof to->callers[0]);
    to->keys = OPENSSL_malloc(room_for(before->key_count) * sizeof to->keys[0]);
    if (to->callers == NULL || to->keys == NULL)
        return false;
    for (size_t i = 0; i < before->caller_count; i++)
        if (but == NULL || strcmp(before->callers[i].mchid, but) != 0)
            to->callers[to->caller_count++] = before->callers[i];
    for (size_t i = 0; i < before->key_count; i++)
        if ((but == NULL || strcmp(before->keys[i].mchid, but) != 0) &&
            EVP_PKEY_up_ref(before->keys[i].public_key) == 1)
            to->keys[to->key_count++] = before->keys[i];
    return true;
}

enum fz_result fz_directory_renew(struct fz_tx *tx, const struct fz_secrets *secrets,
                                  const struct fz_directory *before, const char *mchid,
                                  struct fz_directory **out)
{
    struct fz_directory *directory = new_version();
    if (directory == NULL)
        return FZ_FAILED;
    enum fz_result result = copy_merchants(directory, before, mchid) ? load_changes(tx, directory) : FZ_FAILED;
    if (result == FZ_OK && mchid != NULL)
        result = load_callers(tx, secrets, mchid, directory);
    if (result == FZ_OK && mchid != NULL)
        result = load_keys(tx, mchid, before, directory);
    if (result == FZ_OK)
        result = load_platform(tx, secrets, before, directory);
    return hand_out(result, directory, out);
}
