/* Executors: a few threads for work that may block or take long, so that no worker ever waits.
 *
 * There is one for each kind of such work (workshop.h): opening a file that is there, which may have to be
 * hashed for its signature; making a bill, which takes as long as its merchant has orders; a diagnosis, of at
 * most a few milliseconds; a read of a book that lies in a database, which may be away. On one executor the short would wait behind the long. A task must not wait for
 * another task of its executor: with all threads so at work that would be for ever. What has to come after
 * another has its key instead. */
#ifndef FZ_SERVER_WORK_EXECUTOR_H
#define FZ_SERVER_WORK_EXECUTOR_H

#include <stddef.h>

#include "store/store.h"

#define FZ_TASK_KEY_SIZE 112

/* A piece of work. Caller-owned, must stay where it is until `run` was called. */
struct fz_task {
    void (*run)(struct fz_task *task, struct fz_reader *reader);
    /* Of two with the same key the later waits, without a thread, until the first has ended, and comes next then,
     * before those of other keys. "": of none. */
    char key[FZ_TASK_KEY_SIZE];
    struct fz_task *next; /* the executor's */
};

struct fz_executor;

/* New: fz_executor_stop. `queue_max`: tasks waiting. Each thread has a reader of `store`, or with NULL none. FZ_FAILED
 * when a thread or a reader could not be had. */
FZ_MUST_CHECK enum fz_result fz_executor_start(struct fz_store *store, size_t threads, size_t queue_max,
                                               struct fz_executor **out);
/* How many tasks it has, NULL: none. */
struct fz_executor_load {
    size_t waiting, running;
};
struct fz_executor_load fz_executor_load(struct fz_executor *executor);
/* Runs what waits, then ends the threads. NULL is allowed. */
void fz_executor_stop(struct fz_executor *executor);

/* Hands over a task: FZ_OK, `run` will be called on an executor's thread; FZ_FULL, it will not. */
FZ_MUST_CHECK enum fz_result fz_executor_submit(struct fz_executor *executor, struct fz_task *task);

#endif
