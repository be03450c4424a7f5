/* Refunds: from the order's own funds, from the advance balance, or both (S-RQ, S-BAL, S-RBILL).
 *
 * Accepting one (submit.c) checks the rules, works out what each part gives back (order/share.h), and
 * draws the money at once, so that two requests cannot both count on it: it lies in the account
 * `refunding` until the bank's side says what became of it (rail.h, outcome.c). Arrived, it goes to the
 * payer and to who paid for the voucher. Closed, it goes back where it came from, pool parts to today's
 * pool: the row keeps every amount, so nothing is worked out again. ABNORMAL, it stays where it is until
 * somebody decides. Reversing an order that was paid by code (reverse.c) is a refund of everything,
 * accepted and arrived in one step. docs/book.md says what is posted; invariants 3, 6 and 8 hold. */
#ifndef FZ_BOOK_REFUND_REFUND_H
#define FZ_BOOK_REFUND_REFUND_H

#include "book/order/payment.h"

#define FZ_REFUND_ID_SIZE 33

/* Stored. Allowed: PROCESSING -> SUCCESS, CLOSED, ABNORMAL; ABNORMAL -> SUCCESS, CLOSED. */
enum fz_refund_state { FZ_REFUND_PROCESSING = 1, FZ_REFUND_SUCCESS, FZ_REFUND_CLOSED, FZ_REFUND_ABNORMAL };
enum fz_refund_channel {
    FZ_CHANNEL_ORIGINAL = 1,
    FZ_CHANNEL_BALANCE,
    FZ_CHANNEL_OTHER_BALANCE,
    FZ_CHANNEL_OTHER_BANKCARD
};
enum fz_fund_source { FZ_SOURCE_UNSETTLED = 1, FZ_SOURCE_RECHARGE };

/* A part of a refund: what it is, what the platform gives back for it, what its source paid. Fen. */
struct fz_refund_part {
    int64_t gross, fee, net;
};

struct fz_refund {
    int64_t id;
    char refund_id[FZ_REFUND_ID_SIZE];
    char caller[FZ_MCHID_SIZE], sub_mchid[FZ_MCHID_SIZE];
    char out_refund_no[FZ_OUT_REFUND_NO_SIZE];
    unsigned char digest[FZ_DIGEST_SIZE];
    int64_t payment;
    char transaction_id[FZ_TRANSACTION_ID_SIZE], out_trade_no[FZ_OUT_TRADE_NO_SIZE];
    enum fz_fund_source fund_source;
    bool marked;
    int64_t amount;
    char currency[FZ_CURRENCY_SIZE];
    int64_t payer_refund;
    char payer_currency[FZ_CURRENCY_SIZE];
    enum fz_rate_type rate_type;
    int64_t rate;
    struct fz_coupon coupon; /* of the order; amount = the whole voucher */
    int64_t coupon_refund;
    int64_t settled;        /* CNY on its way to the payer and the voucher's payer */
    int64_t coupon_settled; /* the part of it for who paid for a COUPON */
    /* From the order's own funds; unmarked, from the day's sales; or from the recharged balance. */
    struct fz_refund_part own;
    struct fz_refund_part funds; /* from the advance balance */
    int fee_rate;
    char settlement_currency[FZ_CURRENCY_SIZE];
    int64_t settlement_rate;
    int64_t recharged; /* of the recharged balance alone: own.net in the settlement currency */
    enum fz_refund_state state;
    enum fz_refund_channel channel;
    char recv_account[200];
    int64_t order_success_ms, created_ms;
    int64_t success_ms, closed_ms; /* 0 unless it is SUCCESS, or CLOSED */
};

struct fz_refund_request {
    const char *transaction_id, *out_trade_no; /* one or both; NULL = not given */
    const char *out_refund_no;
    const char *refund_id; /* NULL: drawn, as it is for every request of a client */
    const char *reason, *notify_url; /* may be NULL */
    enum fz_fund_source source;
    int64_t refund, total;
    const char *currency;
    bool has_from;       /* amount.from was given: the parts below add up to `refund` */
    int64_t from_order;  /* ORDER_REFUNDABLE_BALANCE */
    int64_t from_funds;  /* FUNDS_REFUNDABLE_BALANCE */
    bool repeats_alone;  /* a new refund is refused with FZ_LIMIT_FAULTY_REFUNDS */
    bool limits;         /* a minute between refunds of an order, 5 000 a minute of old ones */
    unsigned char digest[FZ_DIGEST_SIZE];
};

/* What fz_refund_submit asks first, for fz_ask_ahead. */
void fz_refund_submit_ask(struct fz_tx *tx, const char *caller, const char *sub_mchid, const struct fz_refund_request *request);
/* Accepts a refund: draws its money, plans its arrival. The same number and digest again: the refund as it
 * stands now. Refuses with the rows FZ_REFUND_…, FZ_ORDER_UNKNOWN, FZ_LIMIT_REFUND_MINUTE,
 * FZ_LIMIT_LATE_REFUNDS of errors.def; then nothing changed. */
FZ_MUST_CHECK enum fz_result fz_refund_submit(struct fz_tx *tx, const struct fz_party *party,
                                              const struct fz_refund_request *request, struct fz_refund *out);

/* For fz_ask_ahead, what the next two ask; `sub_mchid` "": none. */
void fz_refund_ask_told(struct fz_tx *tx, const char *caller, const char *sub_mchid, const char *refund_id);
void fz_refund_ask_number(struct fz_tx *tx, const char *caller, const char *sub_mchid, const char *out_refund_no);
/* What an answer tells of a refund, by its WeChat number; the other fields are left alone. FZ_ABSENT if there is none, or
 * it is another merchant's: a number alone opens nobody else's refund. */
FZ_MUST_CHECK enum fz_result fz_refund_told(struct fz_tx *tx, const struct fz_party *party, const char *refund_id,
                                            struct fz_refund *out);
/* By the merchant's own number. */
FZ_MUST_CHECK enum fz_result fz_refund_by_out_refund_no(struct fz_tx *tx, const struct fz_party *party,
                                                        const char *out_refund_no, struct fz_refund *out);
/* By the WeChat number alone, of whatever merchant (control interface). */
FZ_MUST_CHECK enum fz_result fz_refund_find(struct fz_tx *tx, const char *refund_id, struct fz_refund *out);

#define FZ_REFUND_PAGE_MAX 50

struct fz_refund_page {
    int64_t total; /* how many refunds the order has, closed ones too */
    size_t count;
    struct fz_refund list[FZ_REFUND_PAGE_MAX];
};
/* The refunds of a payment in the order of their acceptance, without the first `offset`, at most `limit`
 * (1 to FZ_REFUND_PAGE_MAX). */
FZ_MUST_CHECK enum fz_result fz_refund_of_payment(struct fz_tx *tx, int64_t payment, int64_t offset,
                                                  int64_t limit, struct fz_refund_page *out);

#endif
