/* A worker: one libmicrohttpd daemon and its thread, which hands the pieces of requests to exchanges. */
#ifndef FZ_SERVER_HTTP_WORKER_H
#define FZ_SERVER_HTTP_WORKER_H

#include <microhttpd.h>
#include <stdarg.h>

#include "server/work/tools.h"

#define FZ_CONNECTIONS_MAX 4096 /* of all workers together */

struct fz_peer;

struct fz_worker {
    struct fz_tools tools;
    struct MHD_Daemon *daemon;
    struct fz_peer *peers; /* its connections; the worker's thread alone */
};

/* Stores that a worker's requests may lie in besides its workshop's own. */
struct fz_further_stores {
    const struct fz_stores *stores; /* NULL: there are none */
    struct fz_workshop *workshops[FZ_STORES_MAX];
};

/* Starts the daemon, which speaks TLS with `tls` (borrowed), or plain HTTP without. */
FZ_MUST_CHECK enum fz_result fz_worker_start(struct fz_workshop *workshop, const struct fz_further_stores *further,
                                             const struct fz_tls *tls, struct fz_worker *worker);
/* Ends the daemon with all its connections. None may be suspended. */
void fz_worker_stop(struct fz_worker *worker);

/* refusal.c: libmicrohttpd's log. What it says before it refuses a request in its own words is the moment to
 * refuse it in ours. */
void fz_worker_on_trouble(void *worker, const char *format, va_list values);

#endif
