/* What the parts of the HTTP server share: the accept thread, the workers and the exchanges. Not for others;
 * they have http.h. */
#ifndef FZ_SERVER_HTTP_INSIDE_H
#define FZ_SERVER_HTTP_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "server/delays.h"
#include "server/executor.h"
#include "server/http.h"
#include "server/limits.h"
#include "server/linger.h"
#include "server/proxy.h"
#include "server/sockets.h"
#include "server/worker.h"

#define FZ_CONNECTIONS_MAX 4096

/* Refused signatures that are looked into, of all peers together: who sends wrong ones gets no more work out
 * of the server than this. */
#define FZ_DIAGNOSES_A_SECOND 50

/* How long a connection may take. While the server works on a request there is no deadline. */
#define FZ_HEAD_MS     75000  /* until the head of the next request is whole */
#define FZ_BODY_MS     30000  /* from there until its body is */
#define FZ_ANSWER_MS   30000  /* until the answer is taken */
#define FZ_FILE_MS     900000 /* until a file is */
#define FZ_SHORTEST_MS 30000  /* of these: who looks this often misses none */

/* Workers that are given connections in turn. */
struct fz_crew {
    struct fz_worker *workers;
    size_t count, next;
};

struct fz_http {
    struct fz_server *server;
    struct fz_sockets *sockets;
    struct fz_linger *linger;
    struct fz_limits *limits; /* NULL: --limits off */
    struct fz_executor *executor;
    struct fz_delays *delays; /* of faults */

    /* The accept thread */
    int listening, wake;    /* `wake` is an eventfd */
    int proxy_listening;    /* -1: no proxy */
    struct fz_proxy *proxy; /* NULL: none */
    pthread_t thread;
    bool thread_started;
    int64_t paused_until_ms; /* ticks; no accepting before: the process has no descriptors left */
    atomic_bool accepting;
    atomic_uint_fast64_t accepted, refused_full, expired;

    /* Stopping. A request is `active` from when it is whole to when its answer is taken, and `suspended`
     * while it waits for the writer or an executor. */
    atomic_bool stopping;
    atomic_size_t active, suspended;

    atomic_size_t uploads; /* bodies with a file that are being received */

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

/* accept.c */
FZ_MUST_CHECK enum fz_result fz_accept_start(struct fz_http *http);
void fz_accept_stop(struct fz_http *http);
void fz_accept_wake(struct fz_http *http);
/* On the accept thread: gives a connection that was accepted, with its reserved place, to the next worker. */
void fz_accept_hand_over(struct fz_http *http, struct fz_crew *crew, int handle,
                         const struct sockaddr *address, socklen_t address_size);

#endif
