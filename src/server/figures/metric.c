/* Prometheus text: the lines of a metric. */
#include "server/figures/metric.h"

void fz_metric_begin(struct fz_text *text, const char *name, const char *type, const char *help)
{
    fz_text_format(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void fz_metric(struct fz_text *text, const char *name, const char *type, const char *help, uint64_t value)
{
    fz_metric_begin(text, name, type, help);
    fz_text_format(text, "%s %" PRIu64 "\n", name, value);
}

void fz_metric_seconds(struct fz_text *text, const char *name, const char *type, const char *help, int64_t us)
{
    fz_metric_begin(text, name, type, help);
    fz_text_format(text, "%s " FZ_SECONDS "\n", name, FZ_SECONDS_VALUES(us));
}
