/* The answer to GET /v3/certificates (document 3.1.8): opened, and believed if it proves itself. */
#include "client/trust_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "spec/calls.h"
#include "spec/merchant/merchant.h"
#include "spec/row/json.h"
#include "wire/base64.h"
#include "wire/platform_signature.h"

#define ARENA_MAX (4 * FZ_ANSWER_JSON_MAX) /* the texts once, what is unsealed once, and the items */

/* Terminated text in the arena. FZ_MALFORMED: the key does not fit, or no PEM can be in it. */
static enum fz_result unseal(const unsigned char apiv3_key[FZ_APIV3_KEY_SIZE],
                             const struct fz_sealed_certificate *from, struct fz_arena *arena, char **out)
{
    size_t text_size = from->ciphertext == NULL ? 0 : strlen(from->ciphertext), size = 0;
    if (text_size == 0 || text_size / 4 * 3 > FZ_CERTIFICATE_PEM_MAX || from->nonce == NULL ||
        strlen(from->nonce) != FZ_GCM_NONCE_SIZE)
        return FZ_MALFORMED;
    unsigned char *sealed = fz_arena_take(arena, text_size);
    char *plain = fz_arena_take(arena, text_size);
    if (sealed == NULL || plain == NULL)
        return FZ_FAILED;
    if (fz_base64_read(from->ciphertext, text_size, sealed, text_size, &size) != FZ_OK)
        return FZ_MALFORMED;
    const char *associated = from->associated_data == NULL ? "" : from->associated_data;
    enum fz_result result = fz_gcm_open(apiv3_key, (const unsigned char *)from->nonce, associated,
                                        strlen(associated), sealed, size, (unsigned char *)plain);
    *out = plain; /* base64 is longer than what it says, and the arena zeroes: a NUL stands behind */
    return result;
}

static bool is_usable(const char *pem, int64_t now_ms)
{
    struct fz_certificate said;
    return fz_certificate_read(pem, &said, NULL) == FZ_OK && fz_is_in_force(&said.validity, now_ms);
}

static enum fz_result add_usable(const char *pem, struct fz_listed *out, char *why, size_t why_size)
{
    enum fz_result result = fz_trusted_keys_add_certificate(out->keys, pem);
    if (fz_trusted_keys_count(out->keys) > out->count) /* else it is listed twice */
        out->pems[out->count++] = pem;
    if (result == FZ_OK || result == FZ_FAILED)
        return result;
    snprintf(why, why_size, "the list has more than %d certificates, two with one serial number, or one "
                            "whose key is larger than %d bits.", FZ_TRUSTED_KEYS_MAX, FZ_KEY_BITS_MAX);
    return FZ_MALFORMED;
}

/* What is sealed in a way that is not known, holds another kind of key, or is not in force, is passed
 * over: a list may come to have such beside those that are of use. What the key does not open is not: then
 * the key is wrong, or the list forged. */
static enum fz_result add(const unsigned char *apiv3_key, const struct fz_sealed_certificate *sealed,
                          int64_t now_ms, struct fz_listed *out, char *why, size_t why_size)
{
    char *pem = NULL;
    if (sealed->algorithm == NULL || strcmp(sealed->algorithm, fz_sealing_words[0]) != 0)
        return FZ_OK;
    enum fz_result result = unseal(apiv3_key, sealed, &out->arena, &pem);
    if (result == FZ_MALFORMED)
        snprintf(why, why_size, "the APIv3 key does not open the certificates: it has to be the one that is "
                                "set for this merchant on the platform.");
    return result != FZ_OK || !is_usable(pem, now_ms) ? result : add_usable(pem, out, why, why_size);
}

static enum fz_result read_members(const void *body, size_t size, struct fz_arena *arena,
                                   struct fz_certificates_answer *out, char *why, size_t why_size)
{
    char fault[FZ_MEMBER_NAME_SIZE] = "";
    enum fz_result result = FZ_MALFORMED;
    if (size <= FZ_ANSWER_JSON_MAX)
        result = fz_members_read(fz_spec_certificates.answer, body, size, arena, out, fault);
    if (result == FZ_MALFORMED)
        snprintf(why, why_size, "the answer is no list of certificates%s%s.", fault[0] == '\0' ? "" : ": ",
                 fault);
    return result;
}

static enum fz_result open_all(const unsigned char *apiv3_key, const void *body, size_t size, int64_t now_ms,
                               struct fz_listed *out, char *why, size_t why_size)
{
    struct fz_certificates_answer answer = {0};
    enum fz_result result = read_members(body, size, &out->arena, &answer, why, why_size);
    for (size_t i = 0; i < answer.data_count && result == FZ_OK; i++)
        result = add(apiv3_key, &answer.data[i].encrypt_certificate, now_ms, out, why, why_size);
    if (result != FZ_OK || out->count > 0)
        return result;
    snprintf(why, why_size, "the list has no RSA certificate that is in force now. Is this machine's clock "
                            "right?");
    return FZ_MALFORMED;
}

static const char *reason(enum fz_platform_verdict verdict)
{
    switch (verdict) {
    case FZ_PLATFORM_TIME:
        return "its timestamp is not of now. Is this machine's clock right?";
    case FZ_PLATFORM_KEY_UNKNOWN:
        return "it is signed by a key that it does not list.";
    case FZ_PLATFORM_UNSIGNED:
    case FZ_PLATFORM_HEADERS:
        return "it is not signed: Wechatpay-Timestamp, -Nonce, -Serial and -Signature have to be there, and "
               "a proxy must not drop them.";
    default:
        return "its signature does not fit.";
    }
}

/* The list could be anybody's who once saw one and knows nothing of the platform's key: opening shows who
 * sealed the certificates, and this shows that the list as a whole is the platform's, and of now. */
static enum fz_result check_signature(const struct fz_listed *listed, const struct fz_signed_headers *headers,
                                      const void *body, size_t size, int64_t now_ms, int64_t tolerance_s,
                                      char *why, size_t why_size)
{
    const struct fz_platform_headers four = {.timestamp = headers->timestamp,
                                             .nonce = headers->nonce,
                                             .serial = headers->serial,
                                             .signature = headers->signature};
    enum fz_platform_verdict verdict =
        fz_platform_verify(listed->keys, &four, body, size, now_ms / 1000, tolerance_s);
    if (verdict == FZ_PLATFORM_GENUINE)
        return FZ_OK;
    snprintf(why, why_size, "the list of certificates is not believed: %s", reason(verdict));
    return FZ_MALFORMED;
}

enum fz_result fz_listed_read(const unsigned char apiv3_key[FZ_APIV3_KEY_SIZE],
                              const struct fz_signed_headers *headers, const void *body, size_t size,
                              int64_t now_ms, int64_t tolerance_s, struct fz_listed *out, char *why,
                              size_t why_size)
{
    *out = (struct fz_listed){.keys = fz_trusted_keys_new(), .arena = {.max = ARENA_MAX}};
    if (out->keys == NULL)
        return FZ_FAILED;
    enum fz_result result = open_all(apiv3_key, body, size, now_ms, out, why, why_size);
    return result != FZ_OK ? result
                           : check_signature(out, headers, body, size, now_ms, tolerance_s, why, why_size);
}

void fz_listed_done(struct fz_listed *listed)
{
    fz_trusted_keys_free(listed->keys);
    fz_arena_done(&listed->arena);
}
