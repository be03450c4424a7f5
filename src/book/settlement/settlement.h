/* Settlement: what becomes of a day's pools once the day is over.
 *
 * While a day lasts, its pools (pool.h) are what refunds draw on. After midnight three events follow, each
 * planned by the one before it: the conversion (settlement.c) books every movement at its order's rate
 * into the settlement currency; the details (detail.c) add up what the day came to by sponsor,
 * sub-merchant and currency, so that a question about a month (batch.c) reads days and not movements; the
 * payout (payout.c) sends whole settlement pools to the bank, if they hold enough. Each goes along its
 * rows in the order of their numbers, a stretch of them a transaction: a day may have more than a
 * transaction should hold while others wait for it. docs/book.md, "Settlement", says what a movement adds;
 * invariant 10 holds. */
#ifndef FZ_BOOK_SETTLEMENT_SETTLEMENT_H
#define FZ_BOOK_SETTLEMENT_SETTLEMENT_H

#include "book/merchant/merchant.h"

/* Each works on up to so many rows behind `position`; `next` gets where to go on, or -1 when the day is
 * done. */

/* Converts the movements of `day`, 1 000 at a time; then plans its details. */
FZ_MUST_CHECK enum fz_result fz_settlement_convert(struct fz_tx *tx, int day, int64_t position,
                                                   int64_t *next);
/* Adds the movements of `day`, 1 000 at a time, to the details; then plans the next payout. */
FZ_MUST_CHECK enum fz_result fz_settlement_detail(struct fz_tx *tx, int day, int64_t position, int64_t *next);
/* Pays out, on the working day `day`, every settlement pool that holds enough, 500 pools at a time. */
FZ_MUST_CHECK enum fz_result fz_settlement_pay_out(struct fz_tx *tx, int day, int64_t position,
                                                   int64_t *next);

/* Whether a settlement pool is paid out: from the worth of 800 USD on (GSKILL). `currency` is one of the
 * table. */
bool fz_settlement_is_enough(int64_t balance, const char *currency);

/* What the trades of some days come to in their settlement currency (docs/book.md): sales of orders that
 * are not distributed, gross, with the refunds drawn from them and the fee of both; and of those that are,
 * what was released outbound and what advance refunds drew. */
struct fz_settlement_sums {
    int64_t pay, refund, fee, split_pay, split_refund;
};
/* What moves. */
static inline int64_t fz_settlement_net(const struct fz_settlement_sums *sums)
{
    return sums->pay - sums->refund - sums->fee + sums->split_pay - sums->split_refund;
}

#define FZ_BATCH_ID_SIZE       16
#define FZ_SETTLEMENT_PAGE_MAX 30

struct fz_settlement_batch {
    char batch_id[FZ_BATCH_ID_SIZE]; /* "": it is not paid out */
    int day;                         /* of the payout; FZ_NO_DAY */
    int first_day, last_day;         /* of its trades */
    char currency[FZ_CURRENCY_SIZE];
    struct fz_settlement_sums sums;
};

struct fz_settlement_page {
    int64_t total; /* how many there are */
    size_t count;
    struct fz_settlement_batch list[FZ_SETTLEMENT_PAGE_MAX];
};

/* The batches of `caller` that were paid out from `from_day` to `to_day`, oldest first, without the first
 * `offset`, at most `limit` (1 to FZ_SETTLEMENT_PAGE_MAX). `sub_mchid`: its share of those in which it has
 * one; "": all. */
FZ_MUST_CHECK enum fz_result fz_settlement_paid_out(struct fz_tx *tx, const char *caller,
                                                    const char *sub_mchid, int from_day, int to_day,
                                                    int64_t offset, int64_t limit,
                                                    struct fz_settlement_page *out);
/* What is converted and not paid out, one for each currency. */
FZ_MUST_CHECK enum fz_result fz_settlement_waiting(struct fz_tx *tx, const char *caller,
                                                   const char *sub_mchid, int64_t offset, int64_t limit,
                                                   struct fz_settlement_page *out);

#endif
