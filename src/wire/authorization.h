/* The Authorization header of a request: `WECHATPAY2-SHA256-RSA2048 mchid="…",nonce_str="…",…` (the vendor's
 * API rules on request signatures). */
#ifndef FZ_WIRE_AUTHORIZATION_H
#define FZ_WIRE_AUTHORIZATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/server/refusal.h"
#include "base/text.h"

#define FZ_SCHEME "WECHATPAY2-SHA256-RSA2048"

/* Everything is copied out and capped, but for the text of the signature, which points into the header. */
struct fz_authorization {
    char mchid[33];
    char nonce_str[129];
    char serial_no[65];      /* upper-case hex, however it was sent (fz_serial_read); another spelling as sent */
    int64_t timestamp;       /* seconds, 1 to 12 digits, no sign */
    char timestamp_text[16]; /* as sent: the signature covers these characters */
    unsigned char signature[512];
    size_t signature_size;
    const char *signature_text; /* as sent, not terminated */
    size_t signature_text_size;
};

/* Reads the header's value. Members in any order, blanks around commas and equal signs allowed, each exactly
 * once, values in double quotes without escapes: printable ASCII, not empty, as long as fits above. Unknown
 * members are malformed; the scheme is compared exactly. NULL `value` = no header. Refuses with
 * FZ_SIGN_MALFORMED or FZ_SIGN_SCHEME; a signature that is no base64 is FZ_SIGN_MISMATCH's case and leaves
 * signature_size 0 (libraries send such; it is a wrong signature, not a broken header). */
FZ_MUST_CHECK enum fz_result fz_authorization_read(const char *value, struct fz_authorization *out,
                                                   struct fz_error *error);

/* Appends the header's value for a request (the client's side). */
void fz_authorization_write(struct fz_text *out, const char *mchid, const char *serial_no,
                            const char *nonce_str, int64_t timestamp, const char *signature_base64);

#endif
