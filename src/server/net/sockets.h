/* The table of connections: how many there are, until when each may wait, and who gives way when it is full. A deadline
 * is absolute: a peer that sends a byte now and then gains nothing by it. And a place is nobody's who only sits on it: the
 * connection that has been silent the longest makes room for a new one, first of all those on which no request was ever
 * found good. */
#ifndef FZ_SERVER_NET_SOCKETS_H
#define FZ_SERVER_NET_SOCKETS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

/* How long a connection may take. While the server works on a request there is no deadline. */
#define FZ_HANDSHAKE_MS 10000  /* of TLS */
#define FZ_HEAD_MS      75000  /* until the head of the next request is whole */
#define FZ_BODY_MS      30000  /* from there until its body is */
#define FZ_ANSWER_MS    30000  /* until the answer is taken */
#define FZ_FILE_MS      900000 /* until a file is */
#define FZ_SHORTEST_MS  10000  /* of these: who looks this often misses none */

#define FZ_NEVER_MS      INT64_MAX
#define FZ_SOCKETS_SPARE 256 /* places for those that were told to go and have not gone yet */

/* A connection. What is atomic is set by its worker and read by the accept thread; the rest belongs to the table. */
struct fz_socket {
    atomic_int_fast64_t deadline_ms;     /* ticks; FZ_NEVER_MS: none */
    atomic_int_fast64_t silent_since_ms; /* ticks: since when it owes us a request; FZ_NEVER_MS: it does not */
    atomic_bool verified;                /* a request on it was found good */
    int handle;                          /* -1: the place is free */
    bool leaving;                        /* it was shut down, its worker will close it */
    struct fz_socket *next_free;
};

struct fz_sockets;

/* Room for `max` connections. New; NULL when memory is short. */
struct fz_sockets *fz_sockets_new(size_t max);
void fz_sockets_free(struct fz_sockets *sockets);

/* Whether there is room for one more; if need be, another one has to go for it. */
bool fz_sockets_admit(struct fz_sockets *sockets);
/* Makes the connection that has been silent the longest go. False: none is. */
bool fz_sockets_evict(struct fz_sockets *sockets);

/* Enters a new connection, which is silent since `now_ms`. Borrowed until fz_socket_close. NULL: no place is left. */
struct fz_socket *fz_socket_open(struct fz_sockets *sockets, int handle, int64_t now_ms, int64_t deadline_ms);
/* Takes it out, before its handle is closed: from here on nobody shuts it down, so the number may be used
 * again. */
void fz_socket_close(struct fz_sockets *sockets, struct fz_socket *socket);

void fz_socket_set_deadline(struct fz_socket *socket, int64_t deadline_ms);
/* Its request is whole: until fz_socket_wait, or fz_socket_set_deadline, nobody ends it. */
void fz_socket_work(struct fz_socket *socket);
/* Its answer was taken: the next request is awaited. */
void fz_socket_wait(struct fz_socket *socket, int64_t now_ms);

/* Shuts down (both ways) every connection whose deadline is at or before `now_ms`, once each; its worker then
 * sees the end and closes it. `expired` gets how many. Returns the earliest deadline that is left,
 * FZ_NEVER_MS if there is none. */
int64_t fz_sockets_expire(struct fz_sockets *sockets, int64_t now_ms, size_t *expired);

/* Connections that a worker has. */
size_t fz_sockets_count(struct fz_sockets *sockets);

#endif
