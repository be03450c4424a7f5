/* Callbacks: what is sent to a notify_url (the vendor's documents 3.2.9 for refunds and 3.1.9 for payments). */
#ifndef FENZHANG_CALLBACK_H
#define FENZHANG_CALLBACK_H

#include "fenzhang/client.h"
#include "fenzhang/money.h"
#include "fenzhang/order.h"
#include "fenzhang/time.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The sealed part of a callback: AES-256-GCM under the merchant's APIv3 key. */
struct fz_callback_resource {
    const char *original_type; /* what is in it: transaction or refund */
    const char *algorithm;     /* AEAD_AES_256_GCM */
    const char *ciphertext;    /* base64, the tag at its end */
    const char *associated_data;
    const char *nonce;
};

/* The body of a callback. */
struct fz_callback_body {
    const char *id; /* the same again whenever the same event is sent again */
    struct fz_timestamp create_time;
    const char *event_type;    /* TRANSACTION.SUCCESS, REFUND.SUCCESS, REFUND.CLOSED, REFUND.ABNORMAL */
    const char *resource_type; /* encrypt-resource */
    const char *summary;       /* for people */
    struct fz_callback_resource resource;
};

struct fz_callback_refund_amount {
    int64_t total; /* the order's amount, in the price currency */
    const char *currency;
    int64_t refund;       /* what is refunded, in the price currency */
    int64_t payer_total;  /* what the payer paid, without vouchers */
    int64_t payer_refund; /* what the payer gets, without vouchers */
    const char *payer_currency;
    struct fz_exchange_rate exchange_rate;
};

/* The resource of a refund's events. That of a paid order is a struct fz_order_answer (order/order.h). */
struct fz_callback_refund {
    const char *mchid;                /* Common mode */
    const char *sp_mchid, *sub_mchid; /* Institutional mode */
    const char *transaction_id, *out_trade_no; /* of the order */
    const char *refund_id; /* WeChat Pay's refund number */
    const char *out_refund_no;
    const char *refund_status;        /* SUCCESS, CLOSED, ABNORMAL */
    struct fz_timestamp success_time; /* with SUCCESS only */
    const char *recv_account;         /* where the money went */
    const char *fund_source; /* REFUND_SOURCE_UNSETTLED_FUNDS or REFUND_SOURCE_RECHARGE_FUNDS */
    struct fz_callback_refund_amount amount;
};

/* What happens. */
enum fz_callback_event {
    FZ_CALLBACK_PAID,
    FZ_CALLBACK_REFUND_SUCCESS,
    FZ_CALLBACK_REFUND_CLOSED,
    FZ_CALLBACK_REFUND_ABNORMAL,
    FZ_CALLBACK_EVENTS
};

/* ---- receiving ---- */

/* A callback as it arrived. Borrowed for the call. */
struct fz_callback_request {
    size_t size; /* FZ_INIT */
    /* The headers Wechatpay-Timestamp, -Nonce, -Serial and -Signature; NULL: not there. */
    const char *timestamp, *nonce, *serial, *signature;
    const void *body; /* as it came, byte for byte: what a framework has parsed and written again verifies no more */
    size_t body_size;
    /* When it arrived, in milliseconds since 1970; 0: now. A callback that is worked off later is judged by this. */
    int64_t arrived_ms;
    bool never_fetch; /* an unknown serial number is not looked up over the network */
};

/* A callback that the platform signed, opened. */
struct fz_callback_received {
    enum fz_callback_event event; /* FZ_CALLBACK_EVENTS: one that this library does not know; then the two below are NULL */
    const char *id;               /* the same again whenever the same event is sent again */
    struct fz_timestamp create_time;
    const char *event_type;
    const char *plain; /* what was sealed: JSON, as it came */
    size_t plain_size;
    const struct fz_order_answer *order;     /* of FZ_CALLBACK_PAID */
    const struct fz_callback_refund *refund; /* of a refund's events */
};

/* Verifies a callback and opens it with the client's APIv3 key. *callback is freed by fz_callback_free. Every key that the client
 * believes is tried by the serial number that the callback names, so several are in force while one is rotated; a probe (signature
 * WECHATPAY/SIGNTEST/…) fails as any bad signature does, and has to be answered so: with 401. FZ_CODE_UNVERIFIED: not the
 * platform's, or not of now (timestamp_tolerance_s of the client's options); FZ_CODE_NO_KEY: signed by a key that cannot be had;
 * FZ_CODE_MALFORMED: the platform's, and not readable. It may fetch certificates, within the client's deadline. */
FZ_API int fz_callback_open(fz_client *client, const struct fz_callback_request *request,
                            struct fz_callback_received **callback, fz_error **error);
FZ_API void fz_callback_free(struct fz_callback_received *callback); /* NULL is allowed */

#ifdef __cplusplus
}
#endif

#endif
