/* What the parts of the HTTP server share: the accept thread, the workers and the exchanges. Not for others;
 * they have http.h. */
#ifndef FZ_SERVER_HTTP_INTERNAL_H
#define FZ_SERVER_HTTP_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "server/fault/delays.h"
#include "server/http/http.h"
#include "server/http/limits.h"
#include "server/http/uploads.h"
#include "server/http/worker.h"
#include "server/net/accept.h"
#include "server/work/executor.h"

#define FZ_CONNECTIONS_MAX 4096

/* Refused signatures that are looked into, of all peers together: who sends wrong ones gets no more work out
 * of the server than this. */
#define FZ_DIAGNOSES_A_SECOND 50

/* Workers that are given connections in turn. */
struct fz_crew {
    struct fz_worker *workers;
    size_t count, next;
};

struct fz_http {
    struct fz_server *server;
    struct fz_acceptor acceptor;
    struct fz_limits *limits; /* asked only while server->limits_hold */
    /* Three lanes, so that none waits for another's work: files that are there, files that have to be made,
     * signatures that were refused. */
    struct fz_executor *openers, *makers, *doctors;
    struct fz_delays *delays; /* of faults */

    /* Stopping. A request is `active` from when it is whole to when its answer is taken, and `suspended`
     * while it waits for the writer or an executor. */
    atomic_bool stopping;
    atomic_size_t active, suspended;

    struct fz_uploads *uploads; /* bodies with a file that are being received */

    struct fz_consultations {
        pthread_mutex_t lock;
        int64_t times_ms[FZ_DIAGNOSES_A_SECOND]; /* ticks of the last ones; the oldest at `next`; 0 = never */
        size_t next;
    } consultations; /* of the signature doctor */

    atomic_int_fast64_t last_log_ms; /* failures are logged once a second at most */

    /* Those for the API's own address, and for connections through the proxy. With --tls they are the same;
     * without, those for the proxy alone speak TLS. */
    struct fz_crew direct, proxied;
    size_t worker_count; /* started, of both crews */
    struct fz_worker workers[];
};

#endif
