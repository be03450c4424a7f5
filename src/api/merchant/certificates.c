/* The platform's certificates, each sealed with the caller's APIv3 key: with them clients check answers and
 * seal names. */
#include <string.h>

#include "api/call/endpoint.h"
#include "api/merchant/certificates.h"
#include "spec/merchant/merchant.h"
#include "wire/base64.h"
#include "wire/certificate.h"
#include "wire/sealed.h"

#define ASSOCIATED "certificate" /* not empty, or a library refuses it */

FZ_STATEMENT(platform_certificates,
             "SELECT k.serial_no, k.certificate FROM platform_key k WHERE k.kind = 1 AND NOT EXISTS"
             " (SELECT 1 FROM platform_key n WHERE n.kind = 1 AND n.id > k.id AND n.signs_from_ms <= $1)"
             " ORDER BY k.id",
             "i", "tt");

struct out {
    struct fz_certificates_answer answer; /* all of it in the request's arena */
    size_t capacity;                      /* of data */
};

/* New; NULL when memory is short. */
static const char *nonce_new(struct fz_arena *arena)
{
    char nonce[FZ_GCM_NONCE_SIZE + 1];
    fz_random_text(nonce, sizeof nonce);
    return fz_arena_copy(arena, nonce, FZ_GCM_NONCE_SIZE);
}

static enum fz_result seal(const struct fz_call *call, const char *pem, struct fz_sealed_certificate *out)
{
    size_t size = strlen(pem), sealed_size = size + FZ_GCM_TAG_SIZE;
    const char *nonce = nonce_new(call->arena);
    unsigned char *sealed = fz_arena_take(call->arena, sealed_size);
    char *base64 = fz_arena_take(call->arena, 4 * ((sealed_size + 2) / 3) + 1);
    if (nonce == NULL || sealed == NULL || base64 == NULL)
        return FZ_FAILED;
    enum fz_result result = fz_gcm_seal(call->apiv3_key, (const unsigned char *)nonce, ASSOCIATED,
                                        strlen(ASSOCIATED), pem, size, sealed);
    if (result != FZ_OK)
        return result;
    fz_base64_write(base64, sealed, sealed_size);
    *out = (struct fz_sealed_certificate){fz_sealing_words[0], nonce, ASSOCIATED, base64};
    return FZ_OK;
}

static enum fz_result describe(const struct fz_call *call, const char *serial_no, const char *pem,
                               struct fz_platform_certificate *out)
{
    struct fz_certificate said;
    enum fz_result result = fz_certificate_read(pem, &said, NULL);
    if (result != FZ_OK)
        return FZ_FAILED;
    out->serial_no = fz_arena_copy(call->arena, serial_no, strlen(serial_no));
    out->effective_time.ms = said.validity.not_before_ms;
    out->expire_time.ms = said.validity.not_after_ms;
    return out->serial_no == NULL ? FZ_FAILED : seal(call, pem, &out->encrypt_certificate);
}

/* Takes twice the memory for the list. */
static enum fz_result make_room(struct fz_arena *arena, struct out *out)
{
    struct fz_certificates_answer *list = &out->answer;
    size_t capacity = list->data == NULL ? 2 : 2 * out->capacity;
    struct fz_platform_certificate *larger = fz_arena_take(arena, capacity * sizeof *larger);
    if (larger == NULL)
        return FZ_FAILED;
    if (list->data_count > 0)
        memcpy(larger, list->data, list->data_count * sizeof *larger);
    list->data = larger;
    out->capacity = capacity;
    return FZ_OK;
}

static enum fz_result add(const struct fz_call *call, const char *serial_no, const char *pem, struct out *out)
{
    struct fz_certificates_answer *list = &out->answer;
    enum fz_result result = list->data_count == out->capacity ? make_room(call->arena, out) : FZ_OK;
    return result == FZ_OK ? describe(call, serial_no, pem, &list->data[list->data_count++]) : result;
}

/* Oldest first; those that do not sign yet are listed too. */
static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)params;
    if (call->public_key_only)
        return fz_refuse(tx->error, FZ_CERTIFICATES_NONE);
    FZ_CURSOR row = {0};
    enum fz_result result = make_room(call->arena, out); /* an empty list is a list */
    if (result == FZ_OK)
        result =
            fz_query(tx, &platform_certificates, FZ_VALUES(FZ_I(tx->now_ms - FZ_CERTIFICATE_STAYS_MS)), &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK)
        result = add(call, fz_string(&row, 0), fz_string(&row, 1), out);
    return result == FZ_ABSENT ? FZ_OK : result;
}

const struct fz_endpoint fz_endpoint_certificates = {
    .spec = &fz_spec_certificates,
    .out_size = sizeof(struct out),
    .work = work,
};
