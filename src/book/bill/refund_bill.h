/* The refunds of a bill. */
#ifndef FZ_BOOK_BILL_REFUND_BILL_H
#define FZ_BOOK_BILL_REFUND_BILL_H

#include "book/refund/refund.h"

/* A refund on a bill (S-RBILL), all texts borrowed for the length of the call. */
struct fz_refund_line {
    int64_t created_ms, success_ms;
    const char *refund_id, *out_refund_no, *transaction_id, *out_trade_no;
    int64_t amount;
    const char *currency;
    int64_t coupon_cny; /* the voucher's share, in CNY */
    int64_t payer_refund;
    const char *payer_currency;
    int fee_rate;
    struct fz_refund_part own, funds; /* gross 0: not drawn from there */
    const char *settlement_currency;
    int64_t settlement_rate;
};

/* The refunds on a bill: of marked orders, succeeded on `day`, of `caller`, of one sub-merchant or of all
 * (""). */
FZ_MUST_CHECK enum fz_result fz_refund_bill_exists(struct fz_tx *tx, const char *caller,
                                                   const char *sub_mchid, int day, bool *out);
/* Calls `each` for at most `limit` of them with a row number above `after`, in row order; `last` gets the
 * last number seen, `count` how many they were (0: the end). Constant memory: a bill is written range by
 * range. What `each` returns other than FZ_OK ends it. */
FZ_MUST_CHECK enum fz_result fz_refund_bill_each(struct fz_tx *tx, const char *caller, const char *sub_mchid,
                                                 int day, int64_t after, int64_t limit,
                                                 enum fz_result (*each)(void *argument,
                                                                        const struct fz_refund_line *),
                                                 void *argument, int64_t *last, int64_t *count);

#endif
