/* The trades of a day, for the transaction statement: payments by the day they succeeded, refunds by the
 * day they were accepted, of marked orders and others. What is told of them never changes once the day is
 * over. */
#ifndef FZ_BOOK_BILL_TRADE_BILL_H
#define FZ_BOOK_BILL_TRADE_BILL_H

#include "book/refund/refund.h"

/* A line of it; all texts borrowed for the length of the call. A refund's line repeats what its order is,
 * not its amounts. */
struct fz_trade_line {
    int64_t time_ms; /* paid, or accepted */
    const char *appid, *caller, *sub_mchid, *transaction_id, *out_trade_no, *trade_type, *description;
    const char *attach;
    enum fz_payer_kind payer_kind;
    int fee_rate;
    const char *currency, *payer_currency, *settlement_currency;
    int64_t amount;        /* price currency: paid, or asked back */
    int64_t payer_amount;  /* payer currency, without vouchers */
    enum fz_coupon_type coupon_type;
    int64_t coupon_amount; /* of its own currency: used, or given back */
    /* Settlement currency. Of a refund: what is taken back, and the fee that is given back of it. */
    struct fz_gross settlement;
    int64_t rate;               /* exchange_rate of the order or the refund (S-RQ) */
    /* A refund's: */
    const char *refund_id, *out_refund_no; /* NULL: it is a payment */
    enum fz_refund_channel channel;
    enum fz_refund_state state; /* at the end of the day */
    bool reversal;              /* of an order that was paid by code: the whole of it, on the same day */
};

typedef enum fz_result (*fz_trade_each)(void *argument, const struct fz_trade_line *line);

/* Whether the day has any, of `caller`, of one sub-merchant or of all (""). */
FZ_MUST_CHECK enum fz_result fz_trade_bill_exists(struct fz_tx *tx, const char *caller, const char *sub_mchid,
                                                  int day, bool *out);
/* Go along the payments of `day`, and along the refunds accepted on it, as fz_refund_bill_each does. */
FZ_MUST_CHECK enum fz_result fz_trade_bill_payments(struct fz_tx *tx, const char *caller,
                                                    const char *sub_mchid, int day, int64_t after,
                                                    int64_t limit, fz_trade_each each, void *argument,
                                                    int64_t *last, int64_t *count);
FZ_MUST_CHECK enum fz_result fz_trade_bill_refunds(struct fz_tx *tx, const char *caller,
                                                   const char *sub_mchid, int day, int64_t after,
                                                   int64_t limit, fz_trade_each each, void *argument,
                                                   int64_t *last, int64_t *count);

#endif
