/* Refunds: submitting them, asking for them, and what can still be refunded. */
#ifndef FENZHANG_REFUND_H
#define FENZHANG_REFUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fenzhang/time.h"
#include "fenzhang/money.h"

/* Amounts are in the smallest unit of their currency. Texts are borrowed: a request's from who sends it, an
 * answer's live as long as the answer. */

/* ---- submit a refund ---- */

/* What a refund is drawn from unless it says otherwise. */
#define FZ_UNSETTLED_FUNDS "REFUND_SOURCE_UNSETTLED_FUNDS"

/* Where the money of a refund comes from, for orders with funds distribution. */
struct fz_refund_source {
    const char *fund_source; /* ORDER_REFUNDABLE_BALANCE: the order's own funds; FUNDS_REFUNDABLE_BALANCE: the advance balance */
    int64_t amount;          /* gross, in fen */
};

struct fz_refund_submit_amount {
    int64_t refund;       /* what is to be refunded, in the price currency */
    int64_t total;        /* the order's amount */
    const char *currency; /* the order's price currency */
    struct fz_refund_source *from; /* each source once, together `refund`; NULL: the order's own funds */
    size_t from_count;
};

struct fz_refund_submit_request {
    size_t size; /* FZ_INIT */
    const char *mchid;               /* Common mode */
    const char *sp_mchid, *sub_mchid; /* Institutional mode */
    const char *appid;               /* Common mode */
    const char *sp_appid, *sub_appid; /* Institutional mode; sub_appid may be NULL */
    const char *transaction_id, *out_trade_no; /* of the order; one of them */
    const char *out_refund_no; /* the merchant's; the same again with the same content refunds once */
    const char *reason;        /* shown to the payer; may be NULL */
    const char *source;        /* REFUND_SOURCE_UNSETTLED_FUNDS, also if NULL, or REFUND_SOURCE_RECHARGE_FUNDS */
    const char *notify_url;    /* callback address; may be NULL */
    struct fz_refund_submit_amount amount;
};

/* ---- a refund, as it is answered ---- */

struct fz_refund_amount {
    int64_t refund;             /* what is refunded of the order, in its price currency */
    const char *currency;       /* price currency */
    int64_t payer_refund;       /* what the payer gets, without vouchers */
    const char *payer_currency; /* payment currency */
    struct fz_exchange_rate exchange_rate;
};

/* A voucher's share. */
struct fz_refund_coupon {
    const char *promotion_id;
    const char *scope; /* GLOBAL or SINGLE */
    const char *type;  /* COUPON: it is settled; DISCOUNT: it is not */
    bool has_amount, has_refund_amount;
    int64_t amount;        /* the voucher's worth */
    int64_t refund_amount; /* what of it is given back with this refund */
    const char *currency;  /* the payer's of a COUPON, the price's of a DISCOUNT */
};

/* That a refund was accepted. */
struct fz_refund_submit_answer {
    const char *id; /* WeChat Pay's refund number */
    const char *out_refund_no;
    struct fz_timestamp create_time; /* when it was accepted */
    struct fz_refund_amount amount;
    struct fz_refund_coupon *detail; /* NULL without a voucher */
    size_t detail_count;
};

/* A refund as it stands; also an item of fz_refunds_of_order_answer, so it does not grow. */
struct fz_refund_answer {
    const char *id; /* WeChat Pay's refund number */
    const char *out_refund_no;
    const char *transaction_id, *out_trade_no; /* of the order */
    struct fz_refund_amount amount;
    struct fz_refund_coupon *detail; /* NULL without a voucher; "refund_detail" in a list */
    size_t detail_count;
    const char *channel;      /* ORIGINAL, BALANCE, OTHER_BALANCE, OTHER_BANKCARD */
    const char *recv_account; /* where the money goes */
    const char *fund_source;  /* REFUND_SOURCE_UNSETTLED_FUNDS or REFUND_SOURCE_RECHARGE_FUNDS */
    struct fz_timestamp success_time; /* when it arrived; only with SUCCESS */
    struct fz_timestamp create_time;  /* when it was accepted */
    const char *status; /* PROCESSING, SUCCESS, REFUNDCLOSE; under /v3/global also ABNORMAL */
};

/* ---- query a single refund (S-RQ) ---- */

struct fz_refund_by_id_request {
    size_t size; /* FZ_INIT */
    const char *id;                   /* WeChat Pay's refund number */
    const char *mchid;                /* Common mode */
    const char *sp_mchid, *sub_mchid; /* Institutional mode */
};

struct fz_refund_by_out_refund_no_request {
    size_t size; /* FZ_INIT */
    const char *out_refund_no;
    const char *mchid;                /* Common mode */
    const char *sp_mchid, *sub_mchid; /* Institutional mode */
};

/* ---- query all refunds of an order ---- */

#define FZ_REFUNDS_A_PAGE 50

struct fz_refunds_of_order_request {
    size_t size; /* FZ_INIT */
    const char *mchid;                /* Common mode */
    const char *sp_mchid, *sub_mchid; /* Institutional mode */
    const char *transaction_id, *out_trade_no; /* one of them */
    int64_t offset; /* how many refunds to pass over, from the oldest */
    int64_t count;  /* how many to answer at most: 1 to FZ_REFUNDS_A_PAGE */
};

struct fz_refunds_of_order_amount {
    int64_t total; /* in the price currency */
    const char *currency;
    int64_t payer_total; /* what the payer paid, without vouchers */
    const char *payer_currency;
};

struct fz_refunds_of_order_answer {
    const char *id;                   /* WeChat Pay's transaction ID */
    const char *mchid;                /* Common mode */
    const char *sp_mchid, *sub_mchid; /* Institutional mode */
    const char *out_trade_no;
    struct fz_refunds_of_order_amount amount;
    struct fz_refund_answer *data; /* of this page, oldest first */
    size_t data_count;
    int64_t total_num;         /* how many refunds the order has */
    int64_t current_total_num; /* how many are on this page */
};

/* ---- what can still be refunded ---- */

/* The real-time balance available for advance refund (S-BAL). */
struct fz_refundable_balance_request {
    size_t size; /* FZ_INIT */
    const char *sub_mchid; /* may be NULL, and changes nothing */
};
struct fz_refundable_balance_answer {
    const char *sponsor_mchid; /* who conducts the transactions with WeChat Pay */
    int64_t balance;           /* what an advance refund can draw now, in fen */
    const char *currency;      /* CNY */
};

/* The remaining refundable amount of an order. */
struct fz_refundable_amounts_request {
    size_t size; /* FZ_INIT */
    const char *transaction_id;
    const char *sub_mchid; /* Institutional mode */
};
struct fz_refundable_amounts_answer {
    const char *transaction_id;
    int64_t refundable_amount; /* out of the order's own funds, in fen, fee included */
    bool has_funds_refundable_amount;
    int64_t funds_refundable_amount; /* further, with the advance balance alone, in fen */
    const char *currency;            /* CNY */
};

/* The recharged refund balance: of a direct merchant, which sends nothing, */
struct fz_recharge_balance_request {
    size_t size; /* FZ_INIT */
};
/* and of an institution: its own, which serves all its sub-merchants. */
struct fz_recharge_balance_partner_request {
    size_t size; /* FZ_INIT */
    const char *sub_mchid;
};
struct fz_recharge_balance_answer {
    int64_t remaining_amount; /* what refunds can draw */
    const char *currency;     /* the settlement currency */
};

#endif
