/* The servers of further stores of one process (work/stores.h). Each is a whole server but for the API's address: it has a book, a clock, events,
 * callbacks, bills and a control interface of its own, and its data in DIR/stores/NAME. Its requests come in at the first one's. */
#ifndef FZ_SERVER_OTHERS_H
#define FZ_SERVER_OTHERS_H

#include "server/server.h"

struct fz_others {
    int controls[FZ_STORES_MAX]; /* sockets of those that have not started; -1: none */
    char data[FZ_STORES_MAX][FZ_PATH_SIZE];
    struct fz_server *servers[FZ_STORES_MAX]; /* NULL: not started */
    struct fz_http *https[FZ_STORES_MAX];     /* theirs */
};

/* All of the first server, whose options name the stores; what happened, why and what to do in `why`. */

/* Listens for the control interfaces of all, so that the callbacks of none go to another's. */
FZ_MUST_CHECK enum fz_result fz_others_listen(struct fz_server *first, char *why, size_t why_size);
/* Starts them, and refuses if a merchant lies in another book than the map says. */
FZ_MUST_CHECK enum fz_result fz_others_start(struct fz_server *first, char *why, size_t why_size);
/* From the beginning of a stop nobody waits for a database of theirs that is away (fz_store_wait_no_more). */
void fz_others_wait_no_more(struct fz_server *first);
/* Once no request comes any more. Also of those that were started in part, or not at all. */
void fz_others_stop(struct fz_server *first);

/* DIR/stores/NAME. */
FZ_MUST_CHECK enum fz_result fz_others_data(char out[FZ_PATH_SIZE], const char *data, const char *name);

#endif
