/* A small set of keys: looked through from its beginning, for it never has more than a few. */
#include "wire/trusted_keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/trusted_key.h"

struct fz_trusted_keys {
    size_t count;
    struct fz_trusted_key list[FZ_TRUSTED_KEYS_MAX];
};

struct fz_trusted_keys *fz_trusted_keys_new(void)
{
    return calloc(1, sizeof(struct fz_trusted_keys));
}

static void release(struct fz_trusted_key *key)
{
    fz_verifier_free(key->verifier);
    EVP_PKEY_free(key->key);
}

void fz_trusted_keys_free(struct fz_trusted_keys *keys)
{
    for (size_t i = 0; keys != NULL && i < keys->count; i++)
        release(&keys->list[i]);
    free(keys);
}

struct fz_trusted_key *fz_trusted_keys_find(struct fz_trusted_keys *keys, const char *name)
{
    char serial[FZ_SERIAL_SIZE];
    if (fz_serial_read(name, serial) == FZ_OK)
        name = serial;
    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->list[i].name, name) == 0)
            return &keys->list[i];
    return NULL;
}

/* Takes over `key->key`. */
static enum fz_result add(struct fz_trusted_keys *keys, struct fz_trusted_key *key)
{
    const struct fz_trusted_key *there = fz_trusted_keys_find(keys, key->name);
    enum fz_result result = FZ_OK;
    if (there != NULL)
        result = EVP_PKEY_eq(there->key, key->key) == 1 ? FZ_OK : FZ_CONFLICT;
    else if (EVP_PKEY_get_bits(key->key) > FZ_KEY_BITS_MAX)
        result = FZ_MALFORMED;
    else if (keys->count == FZ_TRUSTED_KEYS_MAX)
        result = FZ_FULL;
    else if ((key->verifier = fz_verifier_new(key->key)) == NULL)
        result = FZ_FAILED;
    if (result == FZ_OK && there == NULL)
        keys->list[keys->count++] = *key;
    else
        release(key);
    return result;
}

enum fz_result fz_trusted_keys_add_certificate(struct fz_trusted_keys *keys, const char *pem)
{
    struct fz_certificate certificate;
    struct fz_trusted_key key = {0};
    enum fz_result result = fz_certificate_read(pem, &certificate, &key.key);
    if (result != FZ_OK)
        return result;
    fz_copy(key.name, sizeof key.name, certificate.serial);
    key.validity = certificate.validity;
    return add(keys, &key);
}

/* PUB_KEY_ID_ and at least one letter or digit. */
static bool is_id(const char *id)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    size_t begin = strlen(FZ_PUBLIC_KEY_ID_BEGIN), size = strlen(id);
    return size < FZ_TRUSTED_NAME_SIZE && strncmp(id, FZ_PUBLIC_KEY_ID_BEGIN, begin) == 0 && size > begin &&
           strspn(id + begin, letters) == size - begin;
}

enum fz_result fz_trusted_keys_add_public_key(struct fz_trusted_keys *keys, const char *id, const char *pem)
{
    struct fz_trusted_key key = {.validity = {INT64_MIN, INT64_MAX}};
    if (!is_id(id) || (key.key = fz_public_key_read_pem(pem)) == NULL)
        return FZ_MALFORMED;
    fz_copy(key.name, sizeof key.name, id);
    return add(keys, &key);
}

enum fz_result fz_trusted_keys_remove(struct fz_trusted_keys *keys, const char *name)
{
    struct fz_trusted_key *key = fz_trusted_keys_find(keys, name);
    if (key == NULL)
        return FZ_ABSENT;
    release(key);
    keys->count--;
    memmove(key, key + 1, (size_t)(keys->list + keys->count - key) * sizeof *key);
    return FZ_OK;
}

size_t fz_trusted_keys_count(const struct fz_trusted_keys *keys)
{
    return keys->count;
}

const char *fz_trusted_keys_name(const struct fz_trusted_keys *keys, size_t index)
{
    return index < keys->count ? keys->list[index].name : NULL;
}
