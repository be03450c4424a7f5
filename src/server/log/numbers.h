/* The numbers that a recorded exchange is about: found when somebody asks, in the path, the query, the
 * request's body and the answer's, as far as they are kept. */
#ifndef FZ_SERVER_LOG_NUMBERS_H
#define FZ_SERVER_LOG_NUMBERS_H

#include "server/log/record.h"

#define FZ_NUMBER_MAX 64 /* characters */

/* Sees a number: out_refund_no, refund_id, out_order_no, order_id, out_trade_no, transaction_id, or an
 * answer's id; also sub_mchid. `value` is terminated and good during the call. True: no more. */
typedef bool (*fz_number_seen)(void *argument, const char *name, const char *value);

/* Shows all of them, the request's first. Returns whether `seen` ended it. */
bool fz_record_numbers(const struct fz_request_record *record, fz_number_seen seen, void *argument);

#endif
