/* Whether an answer or a callback is the platform's: its four headers, its age, its signature.
 *
 * The platform signs "timestamp\nnonce\nbody\n" with RSA and SHA-256 and says in headers with which key
 * (the vendor's rule 4.1 on verifying; the same for answers and callbacks). A 2xx without a signature is
 * to be treated as forged; an answer to a request whose own signature was refused (401) is not signed.
 * Bill files are not signed either; of a statement, the signed body is {"sha1":"…"} with its header
 * Wechatpay-Statement-Sha1. */
#ifndef FZ_WIRE_PLATFORM_SIGNATURE_H
#define FZ_WIRE_PLATFORM_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "wire/trusted_keys.h"

#define FZ_PLATFORM_TOLERANCE_S 300 /* what the vendor's own libraries take: five minutes */

/* The headers' values as they came, borrowed; NULL: not there. */
struct fz_platform_headers {
    const char *timestamp;      /* Wechatpay-Timestamp: seconds since 1970 */
    const char *nonce;          /* Wechatpay-Nonce */
    const char *serial;         /* Wechatpay-Serial */
    const char *signature;      /* Wechatpay-Signature: base64 */
    const char *signature_type; /* Wechatpay-Signature-Type; not there or empty means the one type there is */
};

/* In the order in which it is found out, so that the dear check comes last. */
enum fz_platform_verdict {
    FZ_PLATFORM_GENUINE = 0,
    FZ_PLATFORM_UNSIGNED,    /* none of the four headers is there: a proxy may have dropped them */
    FZ_PLATFORM_HEADERS,     /* one is missing, or is none: a timestamp of other than digits, a nonce with a
                                control character */
    FZ_PLATFORM_TYPE,        /* another Wechatpay-Signature-Type than WECHATPAY2-SHA256-RSA2048 */
    FZ_PLATFORM_TIME,        /* older, or further ahead, than the tolerance */
    FZ_PLATFORM_KEY_UNKNOWN, /* the set has no key of this name: the list may have to be fetched again */
    FZ_PLATFORM_KEY_ENDED,   /* its certificate is not in force at that time */
    FZ_PLATFORM_SIGNATURE,   /* does not fit: changed on its way, or one of the platform's probes
                                (WECHATPAY/SIGNTEST/…), which are to be treated as any wrong one */
};

/* Verifies `body` (`body_size` bytes exactly as they came, after any content coding was undone; NULL with
 * 0 for none). `now_s`, seconds since 1970, is when it *arrived*, not when it is looked at; a timestamp
 * that differs from it by at most `tolerance_s` is in time, so 0 takes the same second alone, and a
 * negative one nothing. `keys` is as before in any case. */
FZ_MUST_CHECK enum fz_platform_verdict fz_platform_verify(struct fz_trusted_keys *keys,
                                                          const struct fz_platform_headers *headers,
                                                          const void *body, size_t body_size, int64_t now_s,
                                                          int64_t tolerance_s);

#endif
