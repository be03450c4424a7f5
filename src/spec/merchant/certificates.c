/* The platform's certificates, each sealed with the caller's APIv3 key: with them clients check answers and
 * seal names. */
#include "spec/merchant/merchant.h"

const char *const fz_sealing_words[] = {"AEAD_AES_256_GCM", NULL};

/* Some libraries send it (their own extra: no page has it). There is no other, so nothing depends on it. */
static const char *const algorithm_types[] = {"RSA", NULL};

static const struct fz_member fz_certificates_request_members[] = {
    FZ_TEXT(fz_certificates_request, algorithm_type, 32, .place = FZ_IN_QUERY, .words = algorithm_types,
            .meaning = "Which kind of certificates; there are RSA's alone"),
    {0},
};

static const struct fz_member fz_sealed_certificate_members[] = {
    FZ_TEXT(fz_sealed_certificate, algorithm, 32, .required = FZ_BOTH, .words = fz_sealing_words,
            .meaning = "How it is sealed"),
    FZ_TEXT(fz_sealed_certificate, nonce, 12, .required = FZ_BOTH, .meaning = "12 characters"),
    FZ_TEXT(fz_sealed_certificate, associated_data, 16, .required = FZ_BOTH,
            .meaning = "What is authenticated with it"),
    FZ_TEXT(fz_sealed_certificate, ciphertext, 0, .required = FZ_BOTH,
            .meaning = "Base64 of ciphertext and tag; inside is PEM"),
    {0},
};

static const struct fz_member fz_platform_certificate_members[] = {
    FZ_TEXT(fz_platform_certificate, serial_no, 40, .required = FZ_BOTH,
            .meaning = "Serial number, as Wechatpay-Serial has it"),
    FZ_MOMENT(fz_platform_certificate, effective_time, .required = FZ_BOTH, .meaning = "Valid from"),
    FZ_MOMENT(fz_platform_certificate, expire_time, .required = FZ_BOTH, .meaning = "Valid until"),
    FZ_STRUCT(fz_platform_certificate, encrypt_certificate, fz_sealed_certificate, .required = FZ_BOTH,
              .meaning = "The certificate, sealed with the APIv3 key"),
    {0},
};

static const struct fz_member fz_certificates_answer_members[] = {
    FZ_LIST(fz_certificates_answer, data, fz_platform_certificate, 0, 0, .required = FZ_BOTH,
            .meaning = "All platform certificates that can be met"),
    {0},
};

const struct fz_spec fz_spec_certificates = {
    .name = "certificates",
    .method = "GET",
    .paths = {"/v3/global/certificates", "/v3/certificates", "/hk/v3/certificates"},
    FZ_REQUEST(fz_certificates_request),
    FZ_ANSWER(fz_certificates_answer),
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
