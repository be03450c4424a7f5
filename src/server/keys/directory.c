/* The directory of merchants and keys: a version of it is only looked up. */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "api/merchant/certificates.h"
#include "server/keys/directory_internal.h"

static int compare_mchid(const void *mchid, const void *caller)
{
    return strcmp(mchid, ((const struct fz_caller *)caller)->mchid);
}

struct fz_caller *fz_directory_find_caller(const struct fz_directory *directory, const char *mchid)
{
    return directory->caller_count == 0 ? NULL
                                        : bsearch(mchid, directory->callers, directory->caller_count,
                                                  sizeof directory->callers[0], compare_mchid);
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
    OPENSSL_clear_free(directory->callers, directory->caller_count * sizeof directory->callers[0]);
    OPENSSL_free(directory->keys);
    OPENSSL_free(directory->platform);
    free(directory);
}

const struct fz_caller *fz_directory_caller(const struct fz_directory *directory, const char *mchid)
{
    return fz_directory_find_caller(directory, mchid);
}

const struct fz_caller *fz_directory_caller_at(const struct fz_directory *directory, size_t index)
{
    return index < directory->caller_count ? &directory->callers[index] : NULL;
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

const struct fz_changes *fz_directory_changes_of(const struct fz_directory *directory)
{
    return &directory->changes;
}

size_t fz_directory_key_count(const struct fz_directory *directory)
{
    return directory->key_count;
}

uint64_t fz_directory_version(const struct fz_directory *directory)
{
    return directory->version;
}
