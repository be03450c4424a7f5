/* The values in cells, read where they stand: amounts, and times of both kinds. */
#ifndef FZ_RECONCILE_READ_VALUES_H
#define FZ_RECONCILE_READ_VALUES_H

#include <stdbool.h>

#include "reconcile/place/item.h"

/* A decimal with at most that many decimals, as a whole number of the smallest unit; zeros behind them count for nothing. */
bool fz_value_decimal(struct fz_item_part cell, int digits, int64_t *out);
/* The same, at most 10^12 to either side, ten times what an order can be: so millions of them can be added up. */
bool fz_value_amount(struct fz_item_part cell, int digits, int64_t *out);
/* A code such as CNY, of capitals; what is no code gives false. */
bool fz_value_currency(struct fz_item_part cell, char out[4]);
/* Decimals of it; -1: it is not known. */
int fz_value_digits(const char currency[4]);
/* "2026-01-05 10:00:00", Beijing. */
bool fz_value_bill_time(struct fz_item_part cell, int64_t *out_ms);

/* A time in records: RFC 3339, or the same with a blank for T, with less than all of it, or without an offset: that of
 * `offset_minutes` then. *own_day is the date as it is written; *has_offset: it was. */
struct fz_written_time {
    int64_t ms;
    int own_day;
    bool has_offset;
};
bool fz_value_time(struct fz_item_part cell, int offset_minutes, struct fz_written_time *out);

#endif
