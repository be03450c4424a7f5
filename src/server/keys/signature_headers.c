/* The headers of a signature. */
#include "server/keys/signature_headers.h"

#include <stdio.h>

#include "base/server/random.h"

void fz_stamp_make(struct fz_stamp *out, int64_t now_ms)
{
    snprintf(out->timestamp, sizeof out->timestamp, "%lld", (long long)(now_ms / 1000));
    fz_random_text(out->nonce, sizeof out->nonce);
}

void fz_signature_headers(struct fz_header out[FZ_SIGNATURE_HEADERS], const struct fz_stamp *stamp,
                          const char *signature, const char *serial_no)
{
    out[0] = (struct fz_header){"Wechatpay-Timestamp", stamp->timestamp};
    out[1] = (struct fz_header){"Wechatpay-Nonce", stamp->nonce};
    out[2] = (struct fz_header){"Wechatpay-Signature", signature};
    out[3] = (struct fz_header){"Wechatpay-Serial", serial_no};
    out[4] = (struct fz_header){"Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"};
}
