/* The parts of an audit, one for each group of invariants. For the files of the audit alone. */
#ifndef FZ_BOOK_AUDIT_PARTS_H
#define FZ_BOOK_AUDIT_PARTS_H

#include "book/audit/audit.h"
#include "book/distribution/distribution.h"
#include "book/entry.h"
#include "book/notification/notification.h"
#include "book/refund/refund.h"
#include "book/settlement/settlement.h"

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

/* What is gone through range by range where the book is read in slices, a bit each: tables by their row numbers (orders with what hangs on them),
 * persons by their accounts; and what is read at once. */
enum fz_audit_span {
    FZ_AUDIT_ENTRIES = 1,
    FZ_AUDIT_ORDERS = 2,
    FZ_AUDIT_DISTRIBUTIONS = 4,
    FZ_AUDIT_SLICES = 8,
    FZ_AUDIT_REFUNDS = 16,
    FZ_AUDIT_NOTIFICATIONS = 32,
    FZ_AUDIT_RECHARGES = 64,
    FZ_AUDIT_PERSONS = 128,
    FZ_AUDIT_BALANCES = 256,
    FZ_AUDIT_PAYOUTS = 512,
    FZ_AUDIT_ALL = 1023 /* in one snapshot */
};

/* A day whose pools and settlement details are read in slices (days.c). */
struct fz_audit_day {
    int64_t day, last;
    bool is_open;                      /* it is not over: what is read of it is what it was at `moment_ms` */
    int64_t moment_ms;
    int64_t converted_to, detailed_to; /* movements up to these numbers */
    bool has_moved;                    /* it was converted further while it was read */
    bool is_odd;                       /* something about it is wrong */
    int64_t pools;
    unsigned __int128 sum;             /* of products: 0 if what is kept is what the movements come to */
};

struct fz_audit_run {
    struct fz_tx *tx;
    struct fz_audit *out;
    enum fz_audit_span span;   /* what is read in this transaction */
    int64_t after, upto;       /* its rows: behind this one, up to that one */
    char after_account[130], upto_account[130]; /* the same of persons; "": from the first, to the last */
    int64_t size, stretch;     /* as many rows are a slice, at first and now */
    int64_t end;               /* the last row that there was at the beginning */
    int64_t before_ms;         /* journal and rows are compared as they were at this moment of book time */
    struct fz_audit_tally journal[FZ_ENTRY_KINDS]; /* the entries that there are, by kind */
    struct fz_audit_tally
        rows[FZ_ENTRY_KINDS]; /* those that payments, distributions, refunds and recharges call for */
    __int128 journal_cny[FZ_ACCOUNT_COUNT]; /* CNY, by account */
    __int128 rows_cny[FZ_ACCOUNT_COUNT]; /* the same by the rows: order, fee, sharing, receiver, refunding */
    __int128 since_cny[FZ_ACCOUNT_COUNT]; /* what rows call for that is not before that moment */
    struct fz_audit_day day;
    int64_t by_code, codes, codes_of_orders; /* orders that were paid by code; rows of codes, and those of such orders */
    int64_t slices_there, slices_seen; /* before that moment: in their table; by way of their distributions */
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

/* Hashes: of `value`, or a text, behind what is hashed so far. */
uint64_t fz_audit_mix(uint64_t hash, uint64_t value);
uint64_t fz_audit_mix_text(uint64_t hash, const char *text);
/* The parts of a tally's hash. */
uint64_t fz_audit_entry_hash(enum fz_entry_kind kind, int64_t subject, int64_t time_ms);
uint64_t fz_audit_posting_hash(enum fz_entry_kind kind, int64_t subject, const struct fz_posting *posting);
/* Takes up an entry that a row calls for. */
void fz_audit_tally(struct fz_audit_run *run, const struct fz_entry *entry, int64_t time_ms);
/* The range at hand, as two values of a statement. */
#define FZ_AUDIT_RANGE(run) FZ_I((run)->after), FZ_I((run)->upto)

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

/* The parts, each of what is at hand. FZ_OK also with findings; FZ_FAILED when the book cannot be read. */
FZ_MUST_CHECK enum fz_result fz_audit_journal(struct fz_audit_run *run); /* each entry by itself */
FZ_MUST_CHECK enum fz_result fz_audit_orders(struct fz_audit_run *run);  /* payments and what hangs on them */
FZ_MUST_CHECK enum fz_result fz_audit_slices(struct fz_audit_run *run);  /* none is left out there */
FZ_MUST_CHECK enum fz_result fz_audit_pools(struct fz_audit_run *run); /* pools and conversion, day by day */
FZ_MUST_CHECK enum fz_result fz_audit_recharges(struct fz_audit_run *run); /* what was recharged */
FZ_MUST_CHECK enum fz_result fz_audit_recharged(struct fz_audit_run *run); /* the recharged balances */
FZ_MUST_CHECK enum fz_result fz_audit_receipts(struct fz_audit_run *run);  /* what persons were paid */
FZ_MUST_CHECK enum fz_result fz_audit_details(struct fz_audit_run *run); /* settlement details, day by day */
FZ_MUST_CHECK enum fz_result fz_audit_payouts(struct fz_audit_run *run); /* batches and settlement pools */
FZ_MUST_CHECK enum fz_result fz_audit_waiting(struct fz_audit_run *run); /* what is under way goes on */
FZ_MUST_CHECK enum fz_result fz_audit_notifications(struct fz_audit_run *run); /* what is told, and to whom */
FZ_MUST_CHECK enum fz_result fz_audit_match(struct fz_audit_run *run); /* journal and rows, after these */
/* All of them but those that go day by day and the last, where what they read is at hand. */
FZ_MUST_CHECK enum fz_result fz_audit_at_hand(struct fz_audit_run *run);
bool fz_audit_matches(const struct fz_audit_run *run); /* whether fz_audit_match has nothing to look for */
void fz_audit_end(struct fz_audit_run *run); /* the sums of all */

/* ---- days in slices ---- */

/* What a movement of a pool comes to in the settlement details of its day, as docs/book.md has it, worked out from the row that it is of. false: it
 * cannot be calculated with. */
struct fz_audit_movement {
    const char *currency; /* of the settlement */
    enum fz_account account;
    enum fz_entry_kind kind;
    int64_t amount, rate, settled, fee, own_net, own_fee; /* of the payment: settled and fee; of the refund: own_net and own_fee */
};
FZ_MUST_CHECK bool fz_audit_movement(const struct fz_audit_movement *movement, struct fz_settlement_sums *out);
/* How far a day is converted, and its details are finished: movements up to this number. What is wrong with that is taken down. */
FZ_MUST_CHECK enum fz_result fz_audit_converted_to(struct fz_audit_run *run, int64_t day, int64_t *out);
FZ_MUST_CHECK enum fz_result fz_audit_detailed_to(struct fz_audit_run *run, int64_t day, int64_t *out);
/* One day, in one snapshot. */
FZ_MUST_CHECK enum fz_result fz_audit_pools_of(struct fz_audit_run *run, int64_t day);
FZ_MUST_CHECK enum fz_result fz_audit_details_of(struct fz_audit_run *run, int64_t day);

/* An audit in slices on its way. */
struct fz_audit_walk {
    const struct fz_audit_reading *reading;
    struct {
        struct fz_audit_run run;
        struct fz_audit found;
    } so_far, next; /* a slice may be read more than once, and counts once */
    enum fz_result (*look)(struct fz_audit_run *run);
    char book[64]; /* its name, as it is known from the first slice on */
    bool is_known;
    int64_t moment_ms; /* all that is dated before is there */
};
/* Has `look` look at the book in a snapshot of its own. FZ_CONFLICT: it is another book than before. */
FZ_MUST_CHECK enum fz_result fz_audit_look(struct fz_audit_walk *walk, enum fz_result (*look)(struct fz_audit_run *run));
/* How long the next slice is, from its beginning; in the first one the end of all is met. */
void fz_audit_stretch(struct fz_audit_run *run);
void fz_audit_meet_end(struct fz_audit_run *run, int64_t end);
/* All days: pools and details. */
FZ_MUST_CHECK enum fz_result fz_audit_days(struct fz_audit_walk *walk);

#endif
