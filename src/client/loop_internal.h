/* The state of a loop. */
#ifndef FZ_CLIENT_LOOP_INTERNAL_H
#define FZ_CLIENT_LOOP_INTERNAL_H

#include "client/operation.h"
#include "fenzhang/loop.h"

struct fz_loop_call {
    struct fz_loop *loop;
    struct fz_operation operation;
    bool transferring; /* its handle is libcurl's at present */
    bool ended;        /* `done` is due */
    void (*done)(void *argument, void *answer, fz_error *error);
    void *argument;
    struct fz_loop_call *next, **before; /* under way */
    struct fz_loop_call *next_easy;      /* over, and kept for its handle */
};

struct fz_loop {
    fz_client *client;
    struct fz_loop_hooks hooks; /* all NULL: epoll and timer below */
    CURLM *multi;
    struct fz_signer *signer;
    int epoll, timer; /* -1: there are hooks */
    int wake;         /* an eventfd: another thread has something */
    int64_t curl_ticks_ms; /* when libcurl wants to be called; INT64_MAX: not at all */
    bool working;
    struct fz_loop_call *calls, *spare;
};

#endif
