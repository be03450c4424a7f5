/* Orders and what is paid for them: one row a payment.
 *
 * An order is placed under its merchant's number (place.c) and paid by the payer's side (rail.h), which
 * freezes a marked order's money and adds any other to the day's sales. The row keeps what was agreed
 * (price, currencies, rates, voucher, fee rate), which never changes; what follows from it once it is paid
 * (share.h); and running sums of its refunds and distributions, so that a rule reads one row and not all
 * that came before. The journal says the same once more, and the audit compares (docs/book.md, invariants
 * 2 to 5). Who changes the sums locks the row first (row.h) and touches pools after it: so no two
 * transactions wait for each other. Nothing is written when an unpaid order's time is over: it reads as
 * CLOSED from then on. */
#ifndef FZ_BOOK_ORDER_PAYMENT_H
#define FZ_BOOK_ORDER_PAYMENT_H

#include "book/merchant/merchant.h"
#include "book/number.h"
#include "book/state.h"

#define FZ_TRANSACTION_ID_SIZE 33
#define FZ_DIGEST_SIZE         32
#define FZ_TEXT_COLUMN_SIZE    400 /* 127 characters of three bytes: descriptions, attach */

/* The first three are stored as these numbers: there is no money yet, there is, there will be none. The
 * others are what an order paid by code reads as: one that waits for the payer's password is stored as NOTPAY
 * and becomes PAYERROR by the clock, one that is reversed has revoked_ms. Allowed: NOTPAY -> SUCCESS, CLOSED;
 * USERPAYING -> SUCCESS, PAYERROR, REVOKED; SUCCESS -> REVOKED; PAYERROR -> REVOKED. */
enum fz_payment_state {
    FZ_PAYMENT_NOTPAY = 1,
    FZ_PAYMENT_SUCCESS,
    FZ_PAYMENT_CLOSED,
    FZ_PAYMENT_USERPAYING,
    FZ_PAYMENT_REVOKED,
    FZ_PAYMENT_PAYERROR
};
extern const struct fz_states fz_payment_states;
/* What becomes of a marked order's money. Allowed: NONE -> FREEZING -> FROZEN -> ENDED, FREEZING -> ENDED. */
enum fz_funds_state { FZ_FUNDS_NONE = 0, FZ_FUNDS_FREEZING, FZ_FUNDS_FROZEN, FZ_FUNDS_ENDED };
extern const struct fz_states fz_funds_states;
enum fz_rate_type { FZ_RATE_SETTLEMENT = 1, FZ_RATE_USERPAYMENT };
enum fz_payer_kind { FZ_PAYER_BALANCE = 1, FZ_PAYER_MINI_FUND, FZ_PAYER_DEBIT, FZ_PAYER_CREDIT };
extern const char *const fz_payer_kind_words[]; /* as the enum, from 1: balance … */
enum fz_coupon_type { FZ_COUPON_NONE = 0, FZ_COUPON_COUPON, FZ_COUPON_DISCOUNT };
enum fz_coupon_scope { FZ_SCOPE_GLOBAL = 1, FZ_SCOPE_SINGLE };

struct fz_coupon {
    enum fz_coupon_type type;
    enum fz_coupon_scope scope;
    char promotion_id[33];
    int64_t amount; /* COUPON in payer currency, DISCOUNT in price currency */
};

struct fz_payment {
    int64_t id;
    char transaction_id[FZ_TRANSACTION_ID_SIZE]; /* "" until paid, unless the control interface chose it */
    char caller[FZ_MCHID_SIZE];
    char sub_mchid[FZ_MCHID_SIZE]; /* "" in Common mode */
    char out_trade_no[FZ_OUT_TRADE_NO_SIZE];
    unsigned char digest[FZ_DIGEST_SIZE];
    char trade_type[16]; /* NATIVE … */
    enum fz_payment_state state;
    char description[FZ_TEXT_COLUMN_SIZE];
    char attach[FZ_TEXT_COLUMN_SIZE];
    char notify_url[257];
    char appid[33], sub_appid[33];
    int64_t amount; /* P */
    char currency[FZ_CURRENCY_SIZE];
    enum fz_payer_kind payer_kind;
    int64_t payer_total; /* what the payer paid, payer currency, vouchers taken off */
    char payer_currency[FZ_CURRENCY_SIZE];
    int64_t payment_rate; /* between price and payer currency; FZ_RATE_ONE where they are the same */
    char settlement_currency[FZ_CURRENCY_SIZE];
    int64_t settlement_rate;
    struct fz_coupon coupon;
    int fee_rate;
    int64_t settled; /* S */
    int64_t fee;     /* F */
    bool marked;
    enum fz_funds_state funds_state;
    int64_t distributable; /* kept balance of the account `order` */
    int64_t to_receivers;  /* accepted for others than the sponsor, failed slices taken off: the ratio cap
                              reads it */
    int distribution_count;
    int64_t refunded, refunded_settled, refunded_fee, refunded_coupon,
        refunded_payer; /* by refunds that stand */
    int refund_count;
    int64_t last_refund_ms;
    int64_t created_ms, expires_ms, success_ms; /* success_ms 0 unless it was paid */
    int64_t revoked_ms;                         /* 0 unless it was reversed */
};

/* Marks an order that is not placed yet (S: mark, then order). Twice the same is fine. Refuses:
 * FZ_MARK_CURRENCY, FZ_MARK_TOO_LATE. */
FZ_MUST_CHECK enum fz_result fz_payment_mark(struct fz_tx *tx, const struct fz_party *party,
                                             const char *out_trade_no, const char *currency);

/* What is asked for when an order is placed. Texts borrowed, NULL = not given. Rates 0 and currencies NULL
 * take the defaults. */
struct fz_order_request {
    int64_t id; /* the row number it gets, taken before; 0: none */
    const char *out_trade_no;
    const char *transaction_id; /* control interface only */
    const char *trade_type;
    const char *description, *attach, *notify_url, *appid, *sub_appid;
    int64_t amount;
    const char *currency;       /* NULL: CNY */
    const char *payer_currency; /* NULL: the price currency */
    int64_t payment_rate, settlement_rate;
    struct fz_coupon coupon;
    enum fz_payer_kind payer_kind; /* 0: balance */
    int64_t expires_ms;            /* 0: two hours from now */
    unsigned char digest[FZ_DIGEST_SIZE];
};

/* Places an order, marked if a mark with its number and currency stands. The same number and digest again
 * returns the order as it is now. Refuses: FZ_ORDER_NUMBER_USED, FZ_ORDER_PAID, FZ_ORDER_CLOSED (also: it was
 * not paid in time), FZ_ORDER_CURRENCY, FZ_PARAM_ERROR (a voucher above the amount, two currencies of which
 * none is CNY, a rate or an amount out of range). FZ_CONFLICT: transaction_id is taken. */
FZ_MUST_CHECK enum fz_result fz_payment_place(struct fz_tx *tx, const struct fz_party *party,
                                              const struct fz_order_request *request, struct fz_payment *out);

/* Closes the party's own order, by transaction_id or by out_trade_no (the other NULL): nobody can pay it from
 * now on. A closed one stays closed. Refuses FZ_ORDER_PAID, and FZ_ORDER_BY_CODE one that is paid by code.
 * FZ_ABSENT if there is none. */
FZ_MUST_CHECK enum fz_result fz_payment_close(struct fz_tx *tx, const struct fz_party *party,
                                              const char *transaction_id, const char *out_trade_no);

/* FZ_ABSENT if there is none; by transaction_id, also if it is not paid. An order that was not paid until
 * expires_ms reads as CLOSED from then on, or PAYERROR if it is paid by code, by every one of these. */
FZ_MUST_CHECK enum fz_result fz_payment_by_row(struct fz_tx *tx, int64_t id, struct fz_payment *out);
FZ_MUST_CHECK enum fz_result fz_payment_by_transaction_id(struct fz_tx *tx, const char *transaction_id,
                                                          struct fz_payment *out);
FZ_MUST_CHECK enum fz_result fz_payment_by_out_trade_no(struct fz_tx *tx, const char *caller,
                                                        const char *sub_mchid, const char *out_trade_no,
                                                        struct fz_payment *out);
/* The party's own order by transaction_id, by out_trade_no, or by both (NULL = not given), which then have to
 * be of one order. FZ_ABSENT if there is none, or it is another merchant's. */
FZ_MUST_CHECK enum fz_result fz_payment_of_party(struct fz_tx *tx, const struct fz_party *party,
                                                 const char *transaction_id, const char *out_trade_no,
                                                 struct fz_payment *out);
/* All payments with this number, of whatever merchant; FZ_CONFLICT when several (control interface). */
FZ_MUST_CHECK enum fz_result fz_payment_by_number_alone(struct fz_tx *tx, const char *out_trade_no,
                                                        struct fz_payment *out);

/* Finds the order of `transaction_id` for a distribution question, in the order of S-AMT's error rows:
 * unknown, another caller's or unmarked: FZ_ORDER_NOT_DISTRIBUTABLE; another child's: FZ_ORDER_INCONSISTENT;
 * a penalised sub-merchant or used receiver: FZ_NO_AUTH_RECEIVER; still freezing: FZ_ORDER_FREEZING. */
FZ_MUST_CHECK enum fz_result fz_payment_for_distribution(struct fz_tx *tx, const struct fz_party *party,
                                                         const char *transaction_id, struct fz_payment *out);

/* Writes back the columns that distributions and refunds change: state of funds, kept balance, counts and
 * sums. */
FZ_MUST_CHECK enum fz_result fz_payment_store_funds(struct fz_tx *tx, const struct fz_payment *payment);

/* S-RQ exchange_rate: from price currency to settlement currency, or, where the payer paid in another
 * currency than the price's, the payment's own rate. */
void fz_payment_exchange_rate(const struct fz_payment *payment, enum fz_rate_type *type, int64_t *rate);

/* Whether the payer showed a code. Such an order is never closed but reversed. */
bool fz_payment_is_by_code(const struct fz_payment *payment);

/* The words of the API. Static. */
const char *fz_payer_word(enum fz_payer_kind kind);        /* bank_type */
const char *fz_recv_account_word(enum fz_payer_kind kind); /* S-RQ recv_account */

#endif
