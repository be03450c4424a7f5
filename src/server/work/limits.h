/* Limits: requests a second of each caller (--limits real). In any stretch of one second no more than the
 * documented number passes. */
#ifndef FZ_SERVER_WORK_LIMITS_H
#define FZ_SERVER_WORK_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "api/call/endpoint.h"
#include "base/server/refusal.h"

#define FZ_CALLS_A_SECOND          600 /* of one caller */
#define FZ_REFUND_CALLS_A_SECOND   150 /* refund queries and submissions */
#define FZ_FAULTY_REFUNDS_A_SECOND 6   /* refused refund submissions */

/* All are seconds of the machine's clock (ticks), whatever is done to the book's. */

struct fz_limits;

/* `on`: how they begin. New; NULL when memory is short. Memory grows with the number of merchants that have
 * called, a few KiB each. */
struct fz_limits *fz_limits_new(bool on);
void fz_limits_free(struct fz_limits *limits);

/* Whether they hold at present. Who takes from limits that are off is counted all the same, so ask first. */
bool fz_limits_are_on(const struct fz_limits *limits);
void fz_limits_switch(struct fz_limits *limits, bool on);

/* Counts a request of `mchid` at `now_ms` (ticks) and returns FZ_ROW_NONE, or the row that refuses it; what
 * is refused is not counted. FZ_LIMIT_FAULTY_REFUNDS refuses all but a repeat of an accepted refund, so that is counted. */
enum fz_row fz_limits_take(struct fz_limits *limits, const char *mchid, enum fz_rate_class class,
                           int64_t now_ms);
/* All is as it began: nobody has called yet. */
void fz_limits_reset(struct fz_limits *limits);
/* Counts a refund submission that was the caller's fault. */
void fz_limits_count_faulty(struct fz_limits *limits, const char *mchid, int64_t now_ms);

#endif
