/* The keys of the platform that a client has: verified with, sealed for. */
#include "client/trust_internal.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "wire/platform_signature.h"

/* ---- made ---- */

static enum fz_result add_public_key(struct fz_trust *trust, const struct fz_trust_setup *setup, char *why,
                                     size_t why_size)
{
    if (setup->public_key_id == NULL && setup->public_key == NULL)
        return FZ_OK;
    if (setup->public_key_id == NULL || setup->public_key == NULL) {
        snprintf(why, why_size, "the platform's public key needs both its id (" FZ_PUBLIC_KEY_ID_BEGIN
                                "...) and its PEM: one of them is missing.");
        return FZ_MALFORMED;
    }
    enum fz_result result =
        fz_trusted_keys_add_public_key(trust->keys, setup->public_key_id, setup->public_key);
    if (result == FZ_OK)
        fz_copy(trust->public_key_id, sizeof trust->public_key_id, setup->public_key_id);
    else if (result == FZ_MALFORMED)
        snprintf(why, why_size, "the platform's public key is no RSA key in PEM (BEGIN PUBLIC KEY), or its "
                                "id is none (" FZ_PUBLIC_KEY_ID_BEGIN " and letters and digits).");
    return result;
}

static enum fz_result add_certificate(struct fz_trust *trust, size_t place, const char *pem, char *why,
                                      size_t why_size)
{
    enum fz_result result = fz_trusted_keys_add_certificate(trust->keys, pem);
    if (result == FZ_MALFORMED)
        snprintf(why, why_size, "platform certificate %zu is no certificate of an RSA key in PEM.", place);
    else if (result == FZ_CONFLICT)
        snprintf(why, why_size, "platform certificate %zu has the serial number of another one.", place);
    else if (result == FZ_FULL)
        snprintf(why, why_size, "there are more than %d platform certificates.", FZ_TRUSTED_KEYS_MAX);
    return result == FZ_CONFLICT || result == FZ_FULL ? FZ_MALFORMED : result;
}

/* One that begins later stays: whoever fixes them may give the next one ahead of its time. */
static enum fz_result add_certificates(struct fz_trust *trust, const char *const *pems, char *why,
                                       size_t why_size)
{
    enum fz_result result = FZ_OK;
    for (size_t i = 0; pems != NULL && pems[i] != NULL && result == FZ_OK; i++)
        result = add_certificate(trust, i + 1, pems[i], why, why_size);
    return result;
}

static enum fz_result check_sufficient(const struct fz_trust *trust, char *why, size_t why_size)
{
    if (trust->can_fetch || fz_trusted_keys_count(trust->keys) > 0)
        return FZ_OK;
    snprintf(why, why_size, "it has nothing to verify answers with: no platform certificate that has not "
                            "ended, and no public key, and none can be fetched. Give one of them, or the "
                            "APIv3 key without fixed_certificates.");
    return FZ_ABSENT;
}

/* Certificates that were given come before those of the directory: of two with one serial number the first
 * counts. */
static enum fz_result fill(struct fz_trust *trust, const struct fz_trust_setup *setup, int64_t now_ms,
                           char *why, size_t why_size)
{
    enum fz_result result = add_public_key(trust, setup, why, why_size);
    if (result == FZ_OK)
        result = add_certificates(trust, setup->certificates, why, why_size);
    if (result != FZ_OK)
        return result;
    fz_trust_drop_ended(trust, now_ms);
    if (setup->directory != NULL) {
        trust->directory = fz_text_copy(setup->directory);
        if (trust->directory == NULL)
            return FZ_FAILED;
        trust->fetching.fetched_ms = fz_trust_directory_read(trust->directory, now_ms, trust->keys);
    }
    trust->can_fetch = !setup->fixed && setup->apiv3_key != NULL;
    if (trust->can_fetch)
        memcpy(trust->apiv3_key, setup->apiv3_key, sizeof trust->apiv3_key);
    return check_sufficient(trust, why, why_size);
}

static struct fz_trust *make(void)
{
    struct fz_trust *trust = fz_allocate_zeroed(sizeof *trust);
    if (trust == NULL)
        return NULL;
    trust->keys = fz_trusted_keys_new();
    if (trust->keys != NULL && pthread_mutex_init(&trust->lock, NULL) == 0) {
        if (fz_trust_fetching_init(&trust->fetching))
            return trust;
        pthread_mutex_destroy(&trust->lock);
    }
    fz_trusted_keys_free(trust->keys);
    fz_release(trust);
    return NULL;
}

enum fz_result fz_trust_new(const struct fz_trust_setup *setup, int64_t now_ms, struct fz_trust **out,
                            char *why, size_t why_size)
{
    fz_copy(why, why_size, "");
    struct fz_trust *trust = make();
    if (trust == NULL)
        return FZ_FAILED;
    enum fz_result result = fill(trust, setup, now_ms, why, why_size);
    if (result == FZ_OK)
        *out = trust;
    else
        fz_trust_free(trust);
    return result;
}

void fz_trust_free(struct fz_trust *trust)
{
    if (trust == NULL)
        return;
    fz_trust_fetching_done(&trust->fetching);
    pthread_mutex_destroy(&trust->lock);
    fz_trusted_keys_free(trust->keys);
    fz_release(trust->directory);
    OPENSSL_cleanse(trust->apiv3_key, sizeof trust->apiv3_key);
    fz_release(trust);
}

/* ---- which there are ---- */

static struct fz_trusted_key *key_at(const struct fz_trust *trust, size_t index)
{
    return fz_trusted_keys_find(trust->keys, fz_trusted_keys_name(trust->keys, index));
}

const struct fz_trusted_key *fz_trust_newest(const struct fz_trust *trust, int64_t now_ms)
{
    const struct fz_trusted_key *newest = NULL;
    for (size_t i = 0; i < fz_trusted_keys_count(trust->keys); i++) {
        const struct fz_trusted_key *key = key_at(trust, i);
        if (strcmp(key->name, trust->public_key_id) != 0 && fz_is_in_force(&key->validity, now_ms) &&
            (newest == NULL || key->validity.not_after_ms > newest->validity.not_after_ms))
            newest = key;
    }
    return newest;
}

void fz_trust_drop_ended(struct fz_trust *trust, int64_t now_ms)
{
    for (size_t i = fz_trusted_keys_count(trust->keys); i-- > 0;) {
        const struct fz_trusted_key *key = key_at(trust, i);
        char name[FZ_TRUSTED_NAME_SIZE];
        fz_copy(name, sizeof name, key->name); /* the set must not be asked for a name that it takes out */
        if (key->validity.not_after_ms < now_ms && fz_trusted_keys_remove(trust->keys, name) != FZ_OK)
            return;
    }
}

/* ---- verifying ---- */

static bool is_there(const char *value)
{
    return value != NULL && value[0] != '\0';
}

static enum fz_verdict verdict_of(enum fz_platform_verdict verdict, const struct fz_signed_headers *headers)
{
    switch (verdict) {
    case FZ_PLATFORM_GENUINE:
        return FZ_TRUSTED;
    case FZ_PLATFORM_UNSIGNED:
        return FZ_NO_SIGNATURE;
    case FZ_PLATFORM_HEADERS:
        return is_there(headers->timestamp) && is_there(headers->nonce) && is_there(headers->serial) &&
                       is_there(headers->signature)
                   ? FZ_WRONG_SIGNATURE
                   : FZ_NO_SIGNATURE;
    case FZ_PLATFORM_TIME:
        return FZ_STALE;
    case FZ_PLATFORM_KEY_UNKNOWN:
        return FZ_UNKNOWN_SERIAL;
    case FZ_PLATFORM_KEY_ENDED:
        return FZ_KEY_OUTDATED;
    case FZ_PLATFORM_TYPE:
    case FZ_PLATFORM_SIGNATURE:
        return FZ_WRONG_SIGNATURE;
    }
    __builtin_unreachable();
}

enum fz_verdict fz_trust_verify(struct fz_trust *trust, const struct fz_signed_headers *headers,
                                const void *body, size_t size, int64_t now_ms, int64_t tolerance_s)
{
    const struct fz_platform_headers four = {.timestamp = headers->timestamp,
                                             .nonce = headers->nonce,
                                             .serial = headers->serial,
                                             .signature = headers->signature};
    pthread_mutex_lock(&trust->lock);
    enum fz_platform_verdict verdict =
        fz_platform_verify(trust->keys, &four, body, size, now_ms / 1000, tolerance_s);
    pthread_mutex_unlock(&trust->lock);
    return verdict_of(verdict, headers);
}

/* ---- sealing ---- */

enum fz_result fz_trust_sealing_serial(struct fz_trust *trust, int64_t now_ms, char out[FZ_TRUST_SERIAL_SIZE])
{
    const char *name = trust->public_key_id;
    pthread_mutex_lock(&trust->lock);
    const struct fz_trusted_key *newest = name[0] != '\0' ? NULL : fz_trust_newest(trust, now_ms);
    if (newest != NULL)
        name = newest->name;
    if (name[0] != '\0')
        fz_copy(out, FZ_TRUST_SERIAL_SIZE, name);
    enum fz_result result = name[0] != '\0' ? FZ_OK : FZ_ABSENT;
    pthread_mutex_unlock(&trust->lock);
    return result;
}

enum fz_result fz_trust_seal(struct fz_trust *trust, const char *serial, int64_t now_ms, const char *plain,
                             char *out, size_t out_size)
{
    pthread_mutex_lock(&trust->lock);
    const struct fz_trusted_key *key = fz_trusted_keys_find(trust->keys, serial);
    enum fz_result result = FZ_ABSENT;
    if (key != NULL && fz_is_in_force(&key->validity, now_ms))
        result = fz_oaep_seal(key->key, plain, out, out_size);
    pthread_mutex_unlock(&trust->lock);
    return result;
}

const char *fz_trust_public_key_id(const struct fz_trust *trust)
{
    return trust->public_key_id;
}
