/* Numbers: room for them, and how WeChat's own are made: transaction_id, order_id, detail_id … */
#ifndef FZ_BOOK_NUMBER_H
#define FZ_BOOK_NUMBER_H

#include "base/server/world.h"

/* Room for every number of WeChat's. */
#define FZ_NUMBER_SIZE 33
/* And for the merchants' own that more than one noun keeps. */
#define FZ_OUT_TRADE_NO_SIZE  33
#define FZ_OUT_REFUND_NO_SIZE 65

/* Writes a number of `digits` digits: the four of `prefix`, the Beijing day of `time_ms`, nine for `row`, and
 * the rest drawn for `label` and `row`. So numbers of one kind are unique, and rise with their rows where the
 * rows' times do. */
void fz_number_write(char out[FZ_NUMBER_SIZE], const struct fz_world *world, const char *prefix,
                     const char *label, int64_t time_ms, int64_t row, int digits);

#endif
