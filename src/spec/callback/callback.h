/* Callbacks: what is sent to a notify_url (the vendor's documents 3.2.9 for refunds and 3.1.9 for payments). */
#ifndef FZ_SPEC_CALLBACK_CALLBACK_H
#define FZ_SPEC_CALLBACK_CALLBACK_H

#include "spec/common/money.h"
#include "spec/row/member.h"

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

/* How an event is told, and by which rows its resource is read and written. */
struct fz_callback_spec {
    const char *event_type, *summary, *original_type;
    const char *refund_status;        /* of a refund's */
    const struct fz_member *resource; /* of a struct fz_order_answer or fz_callback_refund */
    size_t resource_size;
};
extern const struct fz_callback_spec fz_callback_specs[FZ_CALLBACK_EVENTS];

extern const struct fz_member fz_callback_body_members[];

#define FZ_CALLBACK_RESOURCE_TYPE "encrypt-resource"
#define FZ_CALLBACK_SEALED_BY     "AEAD_AES_256_GCM"

#endif
