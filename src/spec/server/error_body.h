/* The body of every answer outside 2xx: code, message, and detail where the documents have one (S-RQ). */
#ifndef FZ_SPEC_SERVER_ERROR_BODY_H
#define FZ_SPEC_SERVER_ERROR_BODY_H

#include <stdbool.h>

#include "base/server/refusal.h"
#include "base/text.h"

struct fz_diagnosis; /* wire/doctor/doctor.h */

/* How the caller wants to be answered. */
struct fz_manner {
    bool old_spelling; /* under /hk/v3: the older codes */
    bool chinese;      /* Accept-Language begins with zh */
};

/* What SIGN_ERROR tells: on a mismatch `detail.sign_information`, and beside the vendor's members the
 * sandbox's own `diagnosis`. */
struct fz_sign_information {
    const char *method;
    const char *url; /* target as sent */
    const char *timestamp;
    const char *nonce;
    const void *body;
    size_t body_size;
    const struct fz_diagnosis *diagnosis; /* NULL, or without a mistake: nothing to tell */
};

/* Appends the JSON body for `error`. Never breaks the JSON, whatever was sent. FZ_FULL when `out` is,
 * FZ_FAILED when memory is short.
 *
 * `detail` is written for PARAM_ERROR's rows: field, value and issue always, location if it is set, each at
 * most 256 characters of clean UTF-8. error->field is the parameter's name, or with location "body" the JSON
 * Pointer (/amount/currency; empty: the whole body); the old spelling makes it #/properties/amount/currency
 * (whole body: #).
 *
 * With `sign` not NULL a mismatch has the vendor's diagnosis: field "signature", location "authorization",
 * the inner detail.issue "sign not match", and sign_information with the message cut after the first 8
 * characters of the body (and targets after 2048), and the whole message's length in bytes. With its
 * `diagnosis` the body has a further member `diagnosis`: mistake, message, and where they are known also,
 * offset, line, signed, expected. */
FZ_MUST_CHECK enum fz_result fz_error_body_write(struct fz_text *out, const struct fz_error *error,
                                                 const struct fz_manner *manner,
                                                 const struct fz_sign_information *sign);

#endif
