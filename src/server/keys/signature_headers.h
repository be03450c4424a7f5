/* How an answer or a callback tells its signature: with which timestamp and nonce, under which key. */
#ifndef FZ_SERVER_KEYS_SIGNATURE_HEADERS_H
#define FZ_SERVER_KEYS_SIGNATURE_HEADERS_H

#include <stdint.h>

/* How the signatures begin that the vendor sends to see whether they are checked. */
#define FZ_SIGNATURE_PROBE "WECHATPAY/SIGNTEST/"

/* What a signature covers beside the body. */
struct fz_stamp {
    char timestamp[24];
    char nonce[33];
};

/* The seconds of `now_ms`, and a nonce that is drawn. */
void fz_stamp_make(struct fz_stamp *out, int64_t now_ms);

/* A header to be sent; borrowed. */
struct fz_header {
    const char *name, *value;
};

#define FZ_SIGNATURE_HEADERS 5
/* The spelling of the names counts: client libraries look some of them up case-sensitively. */
void fz_signature_headers(struct fz_header out[FZ_SIGNATURE_HEADERS], const struct fz_stamp *stamp,
                          const char *signature, const char *serial_no);

#endif
