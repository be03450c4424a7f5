/* Entries: every movement of money is one, with postings that sum to zero in every currency (docs/book.md,
 * invariant 1). Together they are the journal, which is only ever added to.
 *
 * Who moves money puts an entry together on its stack, following the line of docs/book.md, "What is
 * posted", that it names, and books it in the transaction that changes the rows. Rows keep balances beside
 * it (payment.distributable, pool.balance, recharged.balance) because a rule must read one number; the
 * audit adds the journal up again and compares (invariant 4). */
#ifndef FZ_BOOK_ENTRY_H
#define FZ_BOOK_ENTRY_H

#include "store/store.h"

/* The accounts of docs/book.md. Stored as these numbers: never renumber. */
enum fz_account {
    FZ_ACCOUNT_PAYER = 1,
    FZ_ACCOUNT_PROMOTION,
    FZ_ACCOUNT_DISCOUNT,
    FZ_ACCOUNT_WAIVED,
    FZ_ACCOUNT_ORDER,
    FZ_ACCOUNT_FEE,
    FZ_ACCOUNT_SHARING,
    FZ_ACCOUNT_RECEIVER,
    FZ_ACCOUNT_OUTBOUND,
    FZ_ACCOUNT_SALES,
    FZ_ACCOUNT_REFUNDING,
    FZ_ACCOUNT_CONVERSION,
    FZ_ACCOUNT_SETTLEMENT,
    FZ_ACCOUNT_BANK,
    FZ_ACCOUNT_RECHARGED,
};

/* What happened; `subject` is the row number of the noun it happened to. Stored. */
enum fz_entry_kind {
    FZ_ENTRY_PAID = 1,              /* payment */
    FZ_ENTRY_DISTRIBUTION_ACCEPTED, /* distribution; also unfreeze and automatic release */
    FZ_ENTRY_DISTRIBUTION_FINISHED, /* distribution */
    FZ_ENTRY_REFUND_ACCEPTED,       /* refund */
    FZ_ENTRY_REFUND_ARRIVED,        /* refund */
    FZ_ENTRY_REFUND_CLOSED,         /* refund */
    FZ_ENTRY_DAY_CONVERTED,         /* Beijing day */
    FZ_ENTRY_RECHARGED,             /* recharge */
    FZ_ENTRY_PAID_OUT,              /* payout */
};

#define FZ_POSTINGS_MAX 128
/* A posting's row number is its entry's times this, plus its line: the number alone leads to the entry, and
 * in the order of the numbers an entry's postings lie together. */
#define FZ_LINES_PER_ENTRY 256

struct fz_posting {
    enum fz_account account;
    const char *owner; /* sponsor's mchid; borrowed until the entry is booked */
    int64_t payment;   /* row number, 0 = none */
    int day;           /* pools and their conversion: the Beijing day; FZ_NO_DAY otherwise */
    const char *currency;
    int64_t amount;
};

/* An entry being put together; on the caller's stack. */
struct fz_entry {
    enum fz_entry_kind kind;
    int64_t subject;
    size_t count;
    struct fz_posting postings[FZ_POSTINGS_MAX];
};

void fz_entry_begin(struct fz_entry *entry, enum fz_entry_kind kind, int64_t subject);
/* Adds a posting; one of amount 0 is left out. */
void fz_entry_post(struct fz_entry *entry, enum fz_account account, const char *owner, int64_t payment,
                   int day, const char *currency, int64_t amount);
/* Writes the entry at tx->now_ms. Unbalanced = a programmer's error: it is refused with FZ_FAILED, nothing
 * is written. */
FZ_MUST_CHECK enum fz_result fz_entry_book(struct fz_tx *tx, const struct fz_entry *entry);

#endif
