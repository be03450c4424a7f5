/* The parts of an audit, one for each group of invariants. For the files of the audit alone. */
#ifndef FZ_BOOK_AUDIT_PARTS_H
#define FZ_BOOK_AUDIT_PARTS_H

#include "book/audit/audit.h"
#include "book/distribution/distribution.h"
#include "book/entry.h"
#include "book/notification/notification.h"
#include "book/refund/refund.h"

#define FZ_ENTRY_KINDS   (FZ_ENTRY_PAID_OUT + 1)
#define FZ_ACCOUNT_COUNT (FZ_ACCOUNT_RECHARGED + 1)

/* No amount of a row is larger. What is, is a finding by itself and never calculated with. */
#define FZ_AUDIT_AMOUNT_MAX (100 * FZ_AMOUNT_MAX)
/* No posting is larger: a conversion sums up to 1 000 amounts. */
#define FZ_AUDIT_POSTING_MAX (1000 * FZ_AUDIT_AMOUNT_MAX)

/* What a set of entries comes to, in any order: how many, and the sum of 64-bit hashes of each entry and each
 * posting. Sets with equal tallies are equal, in constant memory: one changed fen changes the hash. */
struct fz_audit_tally {
    uint64_t count, hash;
};

struct fz_audit_run {
    struct fz_tx *tx;
    struct fz_audit *out;
    struct fz_audit_tally journal[FZ_ENTRY_KINDS]; /* the entries that there are, by kind */
    struct fz_audit_tally
        rows[FZ_ENTRY_KINDS]; /* those that payments, distributions, refunds and recharges call for */
    __int128 journal_cny[FZ_ACCOUNT_COUNT]; /* CNY, by account */
    __int128 rows_cny[FZ_ACCOUNT_COUNT]; /* the same by the rows: order, fee, sharing, receiver, refunding */
    char merchants[8][FZ_MCHID_SIZE];    /* the last ones found to be there */
    size_t merchant;                     /* the oldest of them */
};

/* A column that is kept in 32 bits: a kind, a state, a count. What does not fit is -1, which is none of
 * them; cut off, it could look like one. */
int fz_audit_small(const struct fz_cursor *row, int column);

/* Takes down a violation. */
void fz_audit_find(struct fz_audit_run *run, const char *format, ...) FZ_PRINTF(2, 3);

/* Which row a finding is about: "refund 5030…". */
struct fz_audit_subject {
    const char *noun, *number;
};
/* Takes down unless `kept` is `due`: "refund 5030…: amount is 12 but its parts come to 11". */
void fz_audit_same(struct fz_audit_run *run, struct fz_audit_subject subject, const char *what, int64_t kept,
                   const char *other, int64_t due);
/* Takes down unless `kept`. */
void fz_audit_true(struct fz_audit_run *run, struct fz_audit_subject subject, const char *what, bool kept);
/* Takes down unless the amount is 0 to FZ_AUDIT_AMOUNT_MAX; returns whether it is. */
bool fz_audit_range(struct fz_audit_run *run, struct fz_audit_subject subject, const char *what,
                    int64_t amount);
/* Takes down a merchant that is not there. */
FZ_MUST_CHECK enum fz_result fz_audit_merchant(struct fz_audit_run *run, struct fz_audit_subject subject,
                                               const char *mchid);

/* The parts of a tally's hash. */
uint64_t fz_audit_entry_hash(enum fz_entry_kind kind, int64_t subject, int64_t time_ms);
uint64_t fz_audit_posting_hash(enum fz_entry_kind kind, int64_t subject, const struct fz_posting *posting);
void fz_audit_tally(struct fz_audit_tally *tally, const struct fz_entry *entry, int64_t time_ms);

/* The entry that docs/book.md calls for, from the row alone: `time_ms` when it was booked, 0 where the row
 * does not say. False where there is to be none: not yet, or no money to move. Postings borrow the row's
 * texts. */
bool fz_audit_expect_payment(const struct fz_payment *payment, struct fz_entry *out, int64_t *time_ms);
bool fz_audit_expect_distribution(const struct fz_distribution *distribution, enum fz_entry_kind kind,
                                  struct fz_entry *out, int64_t *time_ms);
bool fz_audit_expect_refund(const struct fz_refund *refund, enum fz_entry_kind kind, struct fz_entry *out,
                            int64_t *time_ms);

/* A sum paid in. */
struct fz_audit_recharge {
    int64_t id, amount, created_ms;
    char mchid[FZ_MCHID_SIZE], currency[FZ_CURRENCY_SIZE];
};
/* FZ_ABSENT if there is none. */
FZ_MUST_CHECK enum fz_result fz_audit_find_recharge(struct fz_tx *tx, int64_t id,
                                                    struct fz_audit_recharge *out);
bool fz_audit_expect_recharge(const struct fz_audit_recharge *recharge, struct fz_entry *out,
                              int64_t *time_ms);

/* A batch that was paid out. */
struct fz_audit_payout {
    int64_t id, amount, created_ms;
    char mchid[FZ_MCHID_SIZE], currency[FZ_CURRENCY_SIZE];
};
/* FZ_ABSENT if there is none. */
FZ_MUST_CHECK enum fz_result fz_audit_find_payout(struct fz_tx *tx, int64_t id, struct fz_audit_payout *out);
bool fz_audit_expect_payout(const struct fz_audit_payout *payout, struct fz_entry *out, int64_t *time_ms);

/* Whether the row can be calculated with: currencies known, rates and amounts within their bounds. */
bool fz_audit_is_sane_payment(const struct fz_payment *payment);
bool fz_audit_is_sane_rate(const char *currency, int64_t rate);

/* Rows that hang on payments, in the payments' order: column 0 is the payment, 1 their row number, 2 their
 * number in words. */
struct fz_audit_rows {
    struct fz_cursor cursor;
    bool at_row;     /* there is one at hand */
    int64_t payment; /* column 0 */
};
FZ_MUST_CHECK enum fz_result fz_audit_rows_next(struct fz_audit_rows *rows);
FZ_MUST_CHECK enum fz_result fz_audit_refunds_begin(struct fz_audit_run *run, struct fz_audit_rows *out);
FZ_MUST_CHECK enum fz_result fz_audit_slices_begin(struct fz_audit_run *run, struct fz_audit_rows *out);

/* What an order's distributions and refunds come to. */
struct fz_audit_sums {
    int64_t shared, returned;       /* slices, CNY: accepted; failed and therefore back */
    int64_t to_receivers, requests; /* slices not failed and not the sponsor's; distributions asked for */
    int64_t refunds;                /* that stand, and their amounts: */
    int64_t gross, settled, fee, coupon, coupon_settled, payer, own_net;
    int64_t last_refund_ms; /* of all */
};

/* A payment as it is stored: a reversed one that was paid says SUCCESS. FZ_ABSENT if there is none. */
FZ_MUST_CHECK enum fz_result fz_audit_find_payment(struct fz_tx *tx, int64_t id, struct fz_payment *out);
/* What an order is called in a finding: an order that was never paid may have no transaction_id. */
static inline const char *fz_audit_payment_number(const struct fz_payment *payment)
{
    return payment->transaction_id[0] != '\0' ? payment->transaction_id : payment->out_trade_no;
}

/* The order at hand. */
struct fz_audit_order {
    struct fz_payment payment;
    bool is_sane; /* the payment can be calculated with */
    struct fz_audit_sums sums;
};

/* Check what is at hand, a refund or a distribution with its slices, by itself and against its order; tally
 * its entries, add it to the order's sums, go on behind it. */
FZ_MUST_CHECK enum fz_result fz_audit_refund(struct fz_audit_run *run, struct fz_audit_rows *rows,
                                             struct fz_audit_order *order);
FZ_MUST_CHECK enum fz_result fz_audit_distribution(struct fz_audit_run *run, struct fz_audit_rows *rows,
                                                   struct fz_audit_order *order);
/* Checks the payment by itself and against the sums, tallies its entry. */
FZ_MUST_CHECK enum fz_result fz_audit_payment(struct fz_audit_run *run, const struct fz_audit_order *order);

/* The parts. FZ_OK also with findings; FZ_FAILED when the book cannot be read. */
FZ_MUST_CHECK enum fz_result fz_audit_journal(struct fz_audit_run *run); /* each entry by itself */
FZ_MUST_CHECK enum fz_result fz_audit_orders(struct fz_audit_run *run);  /* payments and what hangs on them */
FZ_MUST_CHECK enum fz_result fz_audit_pools(struct fz_audit_run *run); /* pools and conversion, day by day */
FZ_MUST_CHECK enum fz_result fz_audit_recharged(struct fz_audit_run *run); /* the recharged balances */
FZ_MUST_CHECK enum fz_result fz_audit_receipts(struct fz_audit_run *run);  /* what persons were paid */
FZ_MUST_CHECK enum fz_result fz_audit_details(struct fz_audit_run *run); /* settlement details, day by day */
FZ_MUST_CHECK enum fz_result fz_audit_payouts(struct fz_audit_run *run); /* batches and settlement pools */
FZ_MUST_CHECK enum fz_result fz_audit_waiting(struct fz_audit_run *run); /* what is under way goes on */
FZ_MUST_CHECK enum fz_result fz_audit_notifications(struct fz_audit_run *run); /* what is told, and to whom */
FZ_MUST_CHECK enum fz_result fz_audit_match(struct fz_audit_run *run); /* journal and rows, after these */

#endif
