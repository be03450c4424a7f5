/* Verifying what the platform signed. */
#include "wire/platform_signature.h"

#include <string.h>

#include "base/text.h"
#include "wire/authorization.h"
#include "wire/base64.h"
#include "wire/trusted_key.h"

#define TIMESTAMP_DIGITS 12 /* as of a request: no sum with it can overflow */

static bool is_there(const char *value)
{
    return value != NULL && value[0] != '\0';
}

static bool read_timestamp(const char *text, int64_t *out)
{
    return text[0] != '-' && strlen(text) <= TIMESTAMP_DIGITS && fz_parse_int(text, out) == FZ_OK;
}

/* A line feed in the nonce would let a part of the body pass for it, or the other way round. */
static bool is_nonce(const char *nonce)
{
    for (const unsigned char *at = (const unsigned char *)nonce; *at != '\0'; at++)
        if (*at < 0x20 || *at == 0x7F)
            return false;
    return true;
}

static enum fz_platform_verdict check_headers(const struct fz_platform_headers *headers, int64_t *timestamp)
{
    const char *const four[] = {headers->timestamp, headers->nonce, headers->serial, headers->signature};
    size_t there = 0;
    for (size_t i = 0; i < 4; i++)
        there += is_there(four[i]) ? 1 : 0;
    if (there == 0)
        return FZ_PLATFORM_UNSIGNED;
    if (there < 4 || !read_timestamp(headers->timestamp, timestamp) || !is_nonce(headers->nonce))
        return FZ_PLATFORM_HEADERS;
    bool other_type = is_there(headers->signature_type) && strcmp(headers->signature_type, FZ_SCHEME) != 0;
    return other_type ? FZ_PLATFORM_TYPE : FZ_PLATFORM_GENUINE;
}

/* Times that differ too much for a difference are far apart, whatever the tolerance. */
static bool is_in_time(int64_t timestamp, int64_t now_s, int64_t tolerance_s)
{
    int64_t apart;
    if (__builtin_sub_overflow(now_s, timestamp, &apart) || apart == INT64_MIN)
        return false;
    return (apart < 0 ? -apart : apart) <= tolerance_s;
}

static bool is_in_force(const struct fz_trusted_key *key, int64_t timestamp)
{
    return timestamp >= key->validity.not_before_ms / 1000 && timestamp <= key->validity.not_after_ms / 1000;
}

static bool fits(struct fz_trusted_key *key, const struct fz_platform_headers *headers, const void *body,
                 size_t body_size)
{
    unsigned char signature[FZ_KEY_BITS_MAX / 8];
    size_t size = 0;
    struct fz_piece pieces[6];
    if (fz_base64_read(headers->signature, strlen(headers->signature), signature, sizeof signature, &size) !=
        FZ_OK)
        return false;
    fz_answer_message(pieces, headers->timestamp, headers->nonce, body, body_size);
    return fz_verify(key->verifier, pieces, sizeof pieces / sizeof pieces[0], signature, size);
}

enum fz_platform_verdict fz_platform_verify(struct fz_trusted_keys *keys,
                                            const struct fz_platform_headers *headers, const void *body,
                                            size_t body_size, int64_t now_s, int64_t tolerance_s)
{
    int64_t timestamp = 0;
    enum fz_platform_verdict verdict = check_headers(headers, &timestamp);
    if (verdict != FZ_PLATFORM_GENUINE)
        return verdict;
    if (!is_in_time(timestamp, now_s, tolerance_s))
        return FZ_PLATFORM_TIME;
    struct fz_trusted_key *key = fz_trusted_keys_find(keys, headers->serial);
    if (key == NULL)
        return FZ_PLATFORM_KEY_UNKNOWN;
    if (!is_in_force(key, timestamp))
        return FZ_PLATFORM_KEY_ENDED;
    return fits(key, headers, body, body_size) ? FZ_PLATFORM_GENUINE : FZ_PLATFORM_SIGNATURE;
}
