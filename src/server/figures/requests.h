/* Figures of requests for GET /metrics. Each worker counts for itself, so no request waits for another worker's cache
 * line; whoever asks adds them up. How many series there are is settled by the table of endpoints, whatever is sent. */
#ifndef FZ_SERVER_FIGURES_REQUESTS_H
#define FZ_SERVER_FIGURES_REQUESTS_H

#include <stdbool.h>

#include "base/server/refusal.h"
#include "base/text.h"

struct fz_request_figures;

/* New: fz_request_figures_free. NULL when memory is short. */
struct fz_request_figures *fz_request_figures_new(void);
void fz_request_figures_free(struct fz_request_figures *figures); /* NULL allowed */

#define FZ_NO_ENDPOINT SIZE_MAX

/* A request that is about to be answered. */
struct fz_counted {
    size_t endpoint; /* its place in fz_endpoints, or FZ_NO_ENDPOINT */
    int status;
    enum fz_row row;
    bool verified;        /* its signature was good */
    uint64_t bytes;       /* of the answer's body */
    int64_t duration_us;  /* from the request's first line to its answer */
};

/* On one thread, the worker's, while others may read. */
void fz_request_figures_count(struct fz_request_figures *figures, const struct fz_counted *request);
/* Adds what a worker has counted to `sum`, which is the caller's alone. */
void fz_request_figures_add(struct fz_request_figures *sum, const struct fz_request_figures *worker);
/* As Prometheus text: an endpoint is there from its first request on, with all its series. */
void fz_request_figures_write(const struct fz_request_figures *figures, struct fz_text *text);

#endif
