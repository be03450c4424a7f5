/* The workshop: what all workers of the API share, and every exchange uses. What a worker has for itself
 * alone is in tools.h; what workers do with both is http's and the exchange's. */
#ifndef FZ_SERVER_WORK_WORKSHOP_H
#define FZ_SERVER_WORK_WORKSHOP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/server/world.h"
#include "server/keys/directory.h"
#include "server/keys/secrets.h"
#include "server/keys/watch.h"
#include "store/store.h"

/* Refused signatures that are looked into, of all peers together: who sends wrong ones gets no more work out
 * of the server than this. */
#define FZ_DIAGNOSES_A_SECOND 50

struct fz_acceptor;
struct fz_bill_files;
struct fz_delays;
struct fz_executor;
struct fz_faults;
struct fz_limits;
struct fz_request_log;
struct fz_tools;
struct fz_uploads;

/* What the server lends it. */
struct fz_workshop_setup {
    struct fz_world *world;
    struct fz_store *store;
    bool store_is_shared; /* a database (store.h) */
    size_t store_readers; /* threads that read it; 0: 16 */
    const struct fz_secrets *secrets;
    struct fz_directory_holder *directory;
    struct fz_watch *watch; /* of what other processes change; NULL: there are none */
    struct fz_limits *limits;
    struct fz_faults *faults;
    struct fz_bill_files *bill_files;
    struct fz_request_log *request_log; /* NULL: none */
    const char *process_id;             /* 8 hex digits: the beginning of each Request-ID */
    const char *api_url;                /* as printed at the start */
    const char *public_url;             /* NULL: scheme and Host of each request */
};

struct fz_workshop {
    struct fz_workshop_setup lent;
    struct fz_acceptor *acceptor; /* net/accept.h: of the API's connections */

    /* Lanes, so that none waits for another's work: files that are there, files that have to be made,
     * signatures that were refused. */
    struct fz_executor *openers, *makers, *doctors;
    struct fz_executor *readers; /* of a book that lies in a database: a worker does not wait for that. NULL: the workers read themselves */
    struct fz_delays *delays;   /* of faults */
    struct fz_uploads *uploads; /* bodies with a file that are being received */

    struct {
        pthread_mutex_t lock;
        struct fz_tools *first;
    } tools; /* of its workers, and of those of another workshop that work for it */

    /* Stopping. A request is `active` from when it is whole to when its answer is taken, and `suspended`
     * while it waits for the writer or an executor. */
    atomic_bool stopping;
    atomic_size_t active, suspended;

    struct fz_diagnoses {
        pthread_mutex_t lock;
        int64_t times_ms[FZ_DIAGNOSES_A_SECOND]; /* ticks of the last ones; the oldest at `next`; 0 = never */
        size_t next;
    } diagnoses;

    atomic_int_fast64_t last_log_ms; /* failures are logged once a second at most */
};

/* Starts the threads. `workshop` is zeroed; after a failure, too, fz_workshop_close. */
FZ_MUST_CHECK enum fz_result fz_workshop_open(struct fz_workshop *workshop,
                                              const struct fz_workshop_setup *lent,
                                              struct fz_acceptor *acceptor);
/* From here on no request is suspended any more. Returns when those that were have their results and, within
 * a moment, their answers are taken. Workers must not be ended before. May be called again. */
void fz_workshop_drain(struct fz_workshop *workshop);
/* Once no worker is there any more. */
void fz_workshop_close(struct fz_workshop *workshop);

/* Whether this second has room for one more diagnosis; counts it. */
bool fz_workshop_take_diagnosis(struct fz_workshop *workshop);

#endif
