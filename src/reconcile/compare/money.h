/* Amounts as a person reads them, and what they are in another currency. */
#ifndef FZ_RECONCILE_COMPARE_MONEY_H
#define FZ_RECONCILE_COMPARE_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#define FZ_MONEY_SIZE 40

/* "19.52 CNY"; without a currency the bare number of smallest units. Gives `out`. */
const char *fz_money_text(char out[FZ_MONEY_SIZE], int64_t amount, const char currency[4]);
/* "6.5" of a rate x 10^8. */
const char *fz_rate_text(char out[FZ_MONEY_SIZE], int64_t rate);
/* Fen in the settlement currency, rounded half up; `rate` is CNY for one unit of it, x 10^8, and above 0. */
int64_t fz_money_converted(int64_t fen, int64_t rate, const char currency[4]);
/* Whether `settlement` is what becomes of an amount between `least` and `most` fen at that rate, but for a unit. */
bool fz_money_fits(int64_t settlement, int64_t least, int64_t most, int64_t rate, const char currency[4]);
/* The rate at which what comes to `there` at `rate` would come to `here`; 0: none would. */
int64_t fz_money_rate_for(int64_t here, int64_t there, int64_t rate);

#endif
