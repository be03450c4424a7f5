/* Prometheus text, a metric at a time: what it is, then its samples. */
#ifndef FZ_SERVER_FIGURES_METRIC_H
#define FZ_SERVER_FIGURES_METRIC_H

#include <inttypes.h>

#include "base/text.h"

/* A metric's HELP and TYPE lines, which stand before its samples. `type`: counter, gauge or histogram. Names are whole,
 * with their unit, and those of counters end in _total. */
void fz_metric_begin(struct fz_text *text, const char *name, const char *type, const char *help);
/* A metric with one sample, which has no labels. */
void fz_metric(struct fz_text *text, const char *name, const char *type, const char *help, uint64_t value);
/* The same, in seconds. */
void fz_metric_seconds(struct fz_text *text, const char *name, const char *type, const char *help, int64_t us);

/* How a time is written in seconds, to the microsecond: printf's format and its values. */
#define FZ_SECONDS            "%" PRId64 ".%06" PRId64
#define FZ_SECONDS_VALUES(us) (us) / 1000000, (us) % 1000000

#endif
