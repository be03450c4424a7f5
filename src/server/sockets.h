/* The table of connections: how many there are, and until when each may wait. A deadline is absolute: a peer
 * that sends a byte now and then gains nothing by it. */
#ifndef FZ_SERVER_SOCKETS_H
#define FZ_SERVER_SOCKETS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

#define FZ_NO_DEADLINE INT64_MAX

/* A connection. Its deadline is set by its worker and read by the accept thread; the rest belongs to the
 * table. */
struct fz_socket {
    atomic_int_fast64_t deadline_ms; /* ticks */
    int handle;                      /* -1: the place is free */
    struct fz_socket *next_free;
};

struct fz_sockets;

/* Room for `max` connections. New; NULL when memory is short. */
struct fz_sockets *fz_sockets_new(size_t max);
void fz_sockets_free(struct fz_sockets *sockets);

/* Takes a place for a connection that was accepted; false when all are taken. */
bool fz_sockets_reserve(struct fz_sockets *sockets);
/* Gives the place back of a connection that was never opened. */
void fz_sockets_release(struct fz_sockets *sockets);

/* Enters `handle` into a place that was reserved. Borrowed until fz_socket_close. */
struct fz_socket *fz_socket_open(struct fz_sockets *sockets, int handle, int64_t deadline_ms);
/* Takes it out, before its handle is closed: from here on nobody shuts it down, so the number may be used
 * again. */
void fz_socket_close(struct fz_sockets *sockets, struct fz_socket *socket);
void fz_socket_set_deadline(struct fz_socket *socket, int64_t deadline_ms);

/* Shuts down (both ways) every connection whose deadline is at or before `now_ms`, once each; its worker then
 * sees the end and closes it. `expired` gets how many. Returns the earliest deadline that is left,
 * FZ_NO_DEADLINE if there is none. */
int64_t fz_sockets_expire(struct fz_sockets *sockets, int64_t now_ms, size_t *expired);

/* Connections at present, those on their way to a worker included. */
size_t fz_sockets_count(struct fz_sockets *sockets);

#endif
