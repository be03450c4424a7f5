/* What belongs to a merchant and to no trade: the platform's certificates, and files that are handed in. */
#ifndef FENZHANG_MERCHANT_H
#define FENZHANG_MERCHANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fenzhang/time.h"

/* Texts are borrowed: a request's from who sends it, an answer's live as long as the answer. */

/* ---- the platform's certificates ---- */

struct fz_certificates_request {
    size_t size; /* FZ_INIT */
    const char *algorithm_type; /* RSA, or NULL: no page has it, some libraries send it */
};

/* A text sealed by AES-256-GCM under the merchant's APIv3 key. */
struct fz_sealed_certificate {
    const char *algorithm;       /* AEAD_AES_256_GCM */
    const char *nonce;           /* 12 characters */
    const char *associated_data; /* what is authenticated with it */
    const char *ciphertext;      /* base64 of ciphertext and tag; inside is PEM */
};

struct fz_platform_certificate {
    const char *serial_no;              /* as Wechatpay-Serial has it */
    struct fz_timestamp effective_time; /* valid from */
    struct fz_timestamp expire_time;    /* valid until */
    struct fz_sealed_certificate encrypt_certificate;
};

struct fz_certificates_answer {
    struct fz_platform_certificate *data; /* all that can be met, oldest first */
    size_t data_count;
};

/* ---- upload a file ---- */

/* What is told of the file, which itself is a part of its own. */
struct fz_file_upload_request {
    size_t size; /* FZ_INIT */
    const char *filename; /* ends in .pdf, .jpg, .bmp or .png */
    const char *sha256;   /* of the file, in hexadecimal digits */
    const char *digest;   /* the same by its other name; one of the two */
};
struct fz_file_upload_answer {
    const char *file_id; /* for application_file_id and partnership_file_id of a receiver */
};

#endif
