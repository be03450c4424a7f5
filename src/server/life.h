/* The server's life, for its own files alone: server.c starts and ends everything, addresses.c listens, opening.c opens the book or makes it,
 * copies.c writes what stands in the data directory of it, following.c follows other processes. All may fail with what happened, why and what to do
 * in `why`. */
#ifndef FZ_SERVER_LIFE_H
#define FZ_SERVER_LIFE_H

#include "server/control/control.h"
#include "server/server.h"

struct fz_life_sockets {
    int api, control, proxy; /* -1: none, or somebody else's now */
};

/* ---- addresses.c ---- */

FZ_MUST_CHECK enum fz_result fz_life_listen(struct fz_server *server, struct fz_life_sockets *sockets, char *why, size_t why_size);
void fz_life_close_sockets(struct fz_life_sockets *sockets);

/* ---- opening.c ---- */

/* A world file that cannot be told keeps the server from starting, before anything is made. */
FZ_MUST_CHECK enum fz_result fz_life_read_world(struct fz_server *server, char *why, size_t why_size);
/* Where it lies; a fork is made before anything else is asked of the directory. */
FZ_MUST_CHECK enum fz_result fz_life_place_book(struct fz_server *server, char *why, size_t why_size);
/* Opened with its secret and its keys, found as it was made or made now; `origin` says which. */
FZ_MUST_CHECK enum fz_result fz_life_open_book(struct fz_server *server, struct fz_origin *origin, char *why, size_t why_size);

/* ---- copies.c ---- */

void fz_life_write_copies(struct fz_server *server, const struct fz_origin *origin);
/* Those of the platform's certificates alone, once there are others. */
void fz_life_write_platform(const struct fz_server *server, struct fz_reader *reader);

/* ---- following.c ---- */

/* For struct fz_store_options: another process has put another book into the place of the one that this one knew. */
FZ_MUST_CHECK enum fz_result fz_life_turn_to_the_book(struct fz_tx *tx, void *server);
/* Before anybody asks whether the book has news. */
FZ_MUST_CHECK enum fz_result fz_life_watch(struct fz_server *server);

/* ---- server.c ---- */

/* What control calls may use of the server, and who follows another process's. */
struct fz_control_parts fz_life_parts(struct fz_server *server);
/* FZ_FAILED. */
enum fz_result fz_life_short(char *why, size_t why_size);

#endif
