/* The state of a loop. */
#ifndef FZ_CLIENT_LOOP_INTERNAL_H
#define FZ_CLIENT_LOOP_INTERNAL_H

#include "client/operation.h"
#include "fenzhang/loop.h"

struct fz_loop_call {
    struct fz_loop *loop;
    struct fz_operation operation;
    bool transferring; /* its handle is libcurl's at present */
    void (*done)(void *argument, void *answer, fz_error *error);
    void *argument;
    int cancel_handle;                   /* readable when options.cancel is set; -1: there is none */
    struct fz_loop_call *next, **before; /* `before` while it is under way */
};

struct fz_loop {
    fz_client *client;
    struct fz_loop_hooks hooks; /* all NULL: epoll and timer below */
    CURLM *multi;
    struct fz_signer *signer;
    int epoll, timer; /* -1: there are hooks */
    int wake;         /* an eventfd: another thread has something */
    int64_t curl_ticks_ms; /* when libcurl wants to be called; INT64_MAX: not at all */
    bool working, closing;
    long handles;                /* of libcurl's, in all calls */
    struct fz_loop_call *calls;  /* under way */
    struct fz_loop_call *ended;  /* `done` is due */
    struct fz_loop_call *spare;  /* over, and kept for their handles */
    struct fz_loop *next;        /* of the same client */
};

/* All calls of the client's were cancelled: its loops look. From any thread. */
void fz_loops_wake(fz_client *client);

#endif
