/* Money arithmetic: checked sums, conversion in 128 bits, the rates of currencies. */
#ifndef FZ_BOOK_MONEY_H
#define FZ_BOOK_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/amount.h"
#include "base/currency.h"
#include "base/result.h"

#define FZ_RATE_ONE INT64_C(100000000) /* rates are x 10^8: CNY for one unit of foreign currency */
#define FZ_RATE_MIN INT64_C(1000)
#define FZ_RATE_MAX (1000 * FZ_RATE_ONE)

/* a + b; FZ_FAILED on overflow. */
FZ_MUST_CHECK enum fz_result fz_sum(int64_t a, int64_t b, int64_t *out);

/* What the book is kept in; every rate is one to it. */
bool fz_is_cny(const char *code);
/* CNY for one unit, x 10^8: what a payment gets that names no rate of its own. */
int64_t fz_sandbox_rate(const struct fz_currency *currency);

/* `amount` of CNY fen in the smallest unit of `currency` and back, at `rate`, rounded half up (away from
 * zero for negative amounts, so that a reversal is exact). Currency CNY returns the amount. */
int64_t fz_from_cny(int64_t amount, const struct fz_currency *currency, int64_t rate);
int64_t fz_to_cny(int64_t amount, const struct fz_currency *currency, int64_t rate);

/* A gross sum, fee and net (fen), in `currency`: the net rounds by itself, as it is booked; the fee is
 * what the gross is above that. So gross - fee is what moves, to the last unit. */
struct fz_gross {
    int64_t gross, fee;
};
struct fz_gross fz_gross_from_cny(int64_t net, int64_t fee, const struct fz_currency *currency, int64_t rate);

/* settled x fee_rate / 10 000, rounded half up. */
int64_t fz_fee(int64_t settled, int fee_rate);

#endif
