/* Accepting: a thread that takes connections in at one or two doors, and ends those whose time is over. API and control
 * interface have one each, so that neither waits for the other. */
#ifndef FZ_SERVER_NET_ACCEPT_H
#define FZ_SERVER_NET_ACCEPT_H

#include <microhttpd.h>
#include <pthread.h>

#include "server/net/linger.h"
#include "server/net/proxy.h"
#include "server/net/sockets.h"

#define FZ_DOORS_MAX 2

/* What becomes of a connection that was accepted at a listening socket; it is the callee's. On the accept thread. */
typedef void (*fz_door)(void *argument, int handle, const struct sockaddr *address, socklen_t address_size);

struct fz_acceptor {
    struct fz_sockets *sockets;
    struct fz_linger *linger; /* NULL: none */
    struct fz_proxy *proxy;   /* NULL: none */
    int listening[FZ_DOORS_MAX]; /* -1: none */
    fz_door doors[FZ_DOORS_MAX];
    void *argument; /* of the doors */

    int wake; /* an eventfd */
    pthread_t thread;
    bool thread_started;
    int64_t paused_until_ms; /* ticks; no accepting before: the process has no descriptors left */
    atomic_bool accepting;
    atomic_uint_fast64_t accepted, refused_full, expired;
};

/* What is above the blank line has been filled in. */
FZ_MUST_CHECK enum fz_result fz_acceptor_start(struct fz_acceptor *acceptor, const char *name);
/* Also of one that was never started, if it is zeroed. */
void fz_acceptor_stop(struct fz_acceptor *acceptor);
/* After that, and once nobody wakes it any more. */
void fz_acceptor_done(struct fz_acceptor *acceptor);
void fz_acceptor_wake(struct fz_acceptor *acceptor);

/* For a door: gives the connection to `daemon`, if there is room for it; else closes it. */
void fz_acceptor_admit(struct fz_acceptor *acceptor, struct MHD_Daemon *daemon, int handle,
                       const struct sockaddr *address, socklen_t address_size);

#endif
