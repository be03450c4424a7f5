/* The platform's certificates, each sealed with the caller's APIv3 key: with them clients check answers and
 * seal names. */
#include <string.h>

#include "api/call/endpoint.h"
#include "api/merchant/certificates.h"
#include "base/calendar.h"
#include "wire/base64.h"
#include "wire/certificate.h"
#include "wire/sealed.h"

#define ASSOCIATED "certificate" /* not empty, or a library refuses it */

FZ_STATEMENT(platform_certificates,
             "SELECT k.serial_no, k.certificate FROM platform_key k WHERE k.kind = 1 AND NOT EXISTS"
             " (SELECT 1 FROM platform_key n WHERE n.kind = 1 AND n.id > k.id AND n.signs_from_ms <= $1)"
             " ORDER BY k.id",
             "i", "tt");

struct certificate {
    const struct certificate *next;
    const char *serial_no, *pem;
};

struct out {
    const struct certificate *first; /* in the request's arena */
};

struct params {
    const char *algorithm_type;
};

/* Some libraries send it (their own extra: no page has it). There is no other, so nothing depends on it. */
static const char *const algorithm_types[] = {"RSA", NULL};
static const struct fz_member parameters[] = {
    {.name = "algorithm_type",
     .place = FZ_IN_QUERY,
     .kind = FZ_STRING,
     .min = 1,
     .max = 32,
     .words = algorithm_types,
     .offset = offsetof(struct params, algorithm_type),
     .meaning = "Which kind of certificates; there are RSA's alone"},
    {0},
};

static const struct fz_field fields[] = {
    {"data", FZ_ARRAY, 0, true, NULL, "All platform certificates that can be met"},
    {"data[].serial_no", FZ_STRING, 40, true, NULL, "Serial number, as Wechatpay-Serial has it"},
    {"data[].effective_time", FZ_STRING, 64, true, NULL, "Valid from"},
    {"data[].expire_time", FZ_STRING, 64, true, NULL, "Valid until"},
    {"data[].encrypt_certificate", FZ_OBJECT, 0, true, NULL, "The certificate, sealed with the APIv3 key"},
    {"data[].encrypt_certificate.algorithm", FZ_STRING, 32, true,
     (const char *const[]){"AEAD_AES_256_GCM", NULL}, "How it is sealed"},
    {"data[].encrypt_certificate.nonce", FZ_STRING, 12, true, NULL, "12 characters"},
    {"data[].encrypt_certificate.associated_data", FZ_STRING, 16, true, NULL,
     "What is authenticated with it"},
    {"data[].encrypt_certificate.ciphertext", FZ_STRING, 0, true, NULL,
     "Base64 of ciphertext and tag; inside is PEM"},
    {0},
};

/* Oldest first; those that do not sign yet are listed too. */
static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)params;
    if (call->public_key_only)
        return fz_refuse(tx->error, FZ_CERTIFICATES_NONE);
    const struct certificate **tail = &((struct out *)out)->first;
    FZ_CURSOR row = {0};
    enum fz_result result =
        fz_query(tx, &platform_certificates, FZ_VALUES(FZ_I(tx->now_ms - FZ_CERTIFICATE_STAYS_MS)), &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        struct certificate *certificate = fz_arena_take(call->arena, sizeof *certificate);
        if (certificate == NULL)
            return FZ_FAILED;
        certificate->serial_no = fz_arena_copy(call->arena, fz_string(&row, 0), strlen(fz_string(&row, 0)));
        certificate->pem = fz_arena_copy(call->arena, fz_string(&row, 1), strlen(fz_string(&row, 1)));
        if (certificate->serial_no == NULL || certificate->pem == NULL)
            return FZ_FAILED;
        *tail = certificate;
        tail = &certificate->next;
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* New; NULL when memory is short. */
/* False when memory is short. */
static bool add_sealed(struct fz_json *json, const struct fz_call *call, const char *pem)
{
    char nonce[FZ_GCM_NONCE_SIZE + 1];
    fz_random_text(nonce, sizeof nonce);
    size_t size = strlen(pem), sealed_size = size + FZ_GCM_TAG_SIZE;
    unsigned char *sealed = fz_arena_take(call->arena, sealed_size);
    char *base64 = fz_arena_take(call->arena, 4 * ((sealed_size + 2) / 3) + 1);
    if (sealed == NULL || base64 == NULL ||
        fz_gcm_seal(call->apiv3_key, (const unsigned char *)nonce, ASSOCIATED, strlen(ASSOCIATED), pem, size,
                    sealed) != FZ_OK)
        return false;
    fz_base64_write(base64, sealed, sealed_size);
    fz_json_object(json, "encrypt_certificate");
    fz_json_string(json, "algorithm", "AEAD_AES_256_GCM");
    fz_json_string(json, "nonce", nonce);
    fz_json_string(json, "associated_data", ASSOCIATED);
    fz_json_string(json, "ciphertext", base64);
    fz_json_end_object(json);
    return true;
}

static bool add_certificate(struct fz_json *json, const struct fz_call *call, const struct certificate *certificate)
{
    struct fz_certificate said;
    if (fz_certificate_read(certificate->pem, &said, NULL) != FZ_OK)
        return false;
    char effective_time[FZ_TIME_SIZE], expire_time[FZ_TIME_SIZE];
    fz_format_time(effective_time, said.validity.not_before_ms);
    fz_format_time(expire_time, said.validity.not_after_ms);
    fz_json_object(json, NULL);
    fz_json_string(json, "serial_no", certificate->serial_no);
    fz_json_string(json, "effective_time", effective_time);
    fz_json_string(json, "expire_time", expire_time);
    bool sealed = add_sealed(json, call, certificate->pem);
    fz_json_end_object(json);
    return sealed;
}

static void answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json)
{
    (void)params;
    fz_json_object(json, NULL);
    fz_json_array(json, "data");
    for (const struct certificate *at = ((const struct out *)out)->first; at != NULL; at = at->next)
        if (!add_certificate(json, call, at))
            json->text.failed = true;
    fz_json_end_array(json);
    fz_json_end_object(json);
}

const struct fz_spec fz_spec_certificates = {
    .name = "certificates",
    .method = "GET",
    .paths = {"/v3/global/certificates", "/v3/certificates", "/hk/v3/certificates"},
    .request = parameters,
    .fields = fields,
    .request_size = sizeof(struct params),
    .status = 200,
    .example = {
        .answer = FZ_JSON({"data": [{"serial_no": "56B967D6BDE78849FB8EDFDA6787867439372B3B",
                          "effective_time": "2020-01-01T08:00:00+08:00", "expire_time": "2049-12-31T23:59:59+08:00",
                          "encrypt_certificate": {"algorithm": "AEAD_AES_256_GCM", "nonce": "ULxg84GAUO5T",
                          "associated_data": "certificate",
                          "ciphertext": "wT3P96Miy4Ao7wVXfPBNETyxxf6TKCe0tU4V4UjB"}}]}),
    },
    .title = "Get the platform certificates",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter3_1_8.shtml",
};

const struct fz_endpoint fz_endpoint_certificates = {
    .spec = &fz_spec_certificates,
    .out_size = sizeof(struct out),
    .work = work,
    .answer = answer,
};
