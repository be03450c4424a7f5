/* The Authorization header of a request: `WECHATPAY2-SHA256-RSA2048 mchid="…",nonce_str="…",…` (the vendor's
 * API rules on request signatures). */
#ifndef FZ_WIRE_AUTHORIZATION_H
#define FZ_WIRE_AUTHORIZATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

#define FZ_SCHEME "WECHATPAY2-SHA256-RSA2048"

/* Everything is copied out and capped, but for the text of the signature, which points into the header. */
struct fz_authorization {
    char mchid[33];
    char nonce_str[129];
    char serial_no[65];      /* upper-case hex, however it was sent (fz_serial_read); else as sent */
    int64_t timestamp;       /* seconds, 1 to 12 digits, no sign */
    char timestamp_text[16]; /* as sent: the signature covers these characters */
    unsigned char signature[512];
    size_t signature_size;
    const char *signature_text; /* as sent, not terminated */
    size_t signature_text_size;
};

/* What is wrong with a header. */
enum fz_authorization_fault {
    FZ_AUTHORIZATION_READ = 0,  /* nothing */
    FZ_AUTHORIZATION_SCHEME,    /* it begins with another word than FZ_SCHEME */
    FZ_AUTHORIZATION_MALFORMED, /* it is missing, or its members are not as they have to be */
};

/* Reads the header's value. Members in any order, blanks around commas and equal signs allowed, each
 * exactly once, values in double quotes without escapes: printable ASCII, not empty, as long as fits
 * above. Unknown members are malformed; the scheme is compared exactly. NULL `value` = no header. A
 * signature that is no base64 is no fault of the header and leaves signature_size 0 (libraries send such;
 * it is a wrong signature, which is for the verification to say). On a fault `out` is untouched. */
FZ_MUST_CHECK enum fz_authorization_fault fz_authorization_read(const char *value,
                                                                struct fz_authorization *out);

/* Appends the header's value for a request (the client's side). */
void fz_authorization_write(struct fz_text *out, const char *mchid, const char *serial_no,
                            const char *nonce_str, int64_t timestamp, const char *signature_base64);

#endif
