/* The server: what its parts share, and its life from start to stop. */
#ifndef FZ_SERVER_SERVER_H
#define FZ_SERVER_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/private_file.h"
#include "base/server/host_names.h"
#include "base/server/world.h"
#include "base/text.h"
#include "server/birth/env.h"
#include "server/birth/origin.h"
#include "server/courier/address.h"
#include "server/courier/ladder.h"
#include "server/keys/directory.h"
#include "server/keys/secrets.h"
#include "server/log/access_log.h"
#include "server/work/stores.h"
#include "store/store.h"

#define FZ_PROCESS_NAME_SIZE 65

/* What a stop waits for at present; NULL before. */
typedef _Atomic(const char *) fz_stop_stage;

/* Texts are borrowed as long as the server runs. */
struct fz_server_options {
    const char *data;               /* DIR; an absolute path, because copies of it are written down */
    const char *listen;             /* ADDR:PORT of the API */
    const char *control;            /* ADDR:PORT of the control interface */
    struct {
        int api, control, proxy;
    } handed_over;                  /* sockets that listen already, in place of these and the proxy's address; 0: none */
    const char *store_url;          /* NULL: DIR/book.db */
    size_t store_connections;       /* to a database: so many write, and as many read; 0: 16 each */
    bool store_unpipelined, store_unprepared; /* for a pooler in between (store.h) */
    const char *public_url;         /* NULL: scheme and Host of each request */
    const char *process;            /* what this process is called by, among several; NULL: the host's name */
    const char *secret_file;        /* NULL: DIR/secret.key */
    const char *control_token_file; /* every control call has to bear what it holds; NULL: the next */
    const char *control_token;      /* the token itself; NULL: no token */
    struct fz_host_names control_hosts; /* what the control interface may be called by besides its own */
    struct fz_host_names tls_names; /* the certificate that is made is for these, too */
    bool tls;                       /* the API's own address speaks TLS */
    const char *tls_cert, *tls_key; /* NULL, both: made by the authority of the data directory */
    const char *proxy;              /* ADDR:PORT; NULL: none */
    bool proxy_remote;              /* it may listen on other addresses than loopback */
    bool demo;
    bool limits_said; /* --limits was given: it goes before what a snapshot says */
    const char *from; /* DIR or DIR@NAME that a new book is a fork of (birth/fork.h); NULL: none */
    const char *world_file; /* NULL: none; a new book is made of it */
    bool limits;         /* --limits real: how it begins */
    bool overview_first; /* bills: the summary before the details */
    bool seeded;
    uint64_t seed;
    unsigned workers; /* 0: one a core */
    /* The request log keeps at most so many exchanges and bytes; either 0: there is none. */
    size_t log_requests, log_bytes;
    enum fz_log_format log_format; /* text and JSON are written from the request log, so they need one */
    struct fz_ladder callback_ladder;
    enum fz_callback_scope callback_scope;
    const char *callback_ca; /* PEM file that TLS certificates of callback hosts are checked against; NULL: the system's */
    bool callback_insecure;  /* they are not checked */
    fz_stop_stage *stop_stage; /* gets what fz_server_stop waits for; NULL: nobody asks */
    bool callbacks_wait;     /* control calls that bring a callback forth wait for it unless they say otherwise */
    int callback_probes;     /* of 10 000 callbacks so many have a probe sent ahead */
    const struct fz_stores *stores; /* further ones, with who lies in each; NULL: there is one book */
    /* others.c alone: this is the server of one of those, behind the first. */
    struct fz_server *first; /* NULL: it is the first */
    size_t place;                  /* as fz_stores_find */
};

struct fz_server {
    struct fz_server_options options;
    struct fz_world *world;
    struct fz_store *store;
    char book_path[FZ_PATH_SIZE], secret_path[FZ_PATH_SIZE];
    struct fz_secrets secrets;
    struct fz_text asked; /* what the snapshot's server was asked that the book is a fork of (snapshot/asked.h) */
    struct fz_demo_env demo_env; /* birth/env.h */
    struct fz_world_file *world_file;    /* birth/world_file.h: what the book began as, until it has started; NULL: empty */
    struct fz_directory_holder *directory;
    struct fz_watch *watch;              /* keys/watch.h; NULL: the book is this process's alone */
    pthread_mutex_t following;           /* a reset, or following another process's: the watch, or a control call */
    int64_t started_ms;                  /* wire time */
    char book[FZ_BOOK_NAME_SIZE];        /* its name at the start */
    char process_id[9];                  /* 8 hex digits: the beginning of each Request-ID */
    char process_name[FZ_PROCESS_NAME_SIZE];
    struct fz_request_log *request_log;  /* log/request_log.h; NULL: none */
    struct fz_access_log *access_log;    /* log/access_log.h; NULL: none */
    struct fz_tls *tls;                  /* net/tls.h; NULL: nothing speaks it */
    struct fz_others *others;            /* others.h: servers of further stores; NULL: none */
    struct fz_http *http;                /* http/http.h: the API's accept thread and workers */
    struct fz_bill_files *bill_files;    /* files/bill_file.h */
    struct fz_faults *faults;            /* fault/faults.h */
    struct fz_limits *limits;            /* work/limits.h */
    struct fz_scheduler *scheduler;      /* schedule/scheduler.h: events and clock jumps */
    struct fz_courier *courier;          /* courier/courier.h: callbacks */
    struct fz_control *control;          /* control/control.h */
    char api_url[160], control_url[160]; /* as printed: with the port that was got */
    char proxy_url[160];                 /* the same; "": no proxy */
    uint16_t ports[FZ_OWN_PORTS];        /* of API, control interface and proxy, and of others' control interfaces; 0: none */
    int data_lock;                       /* data/data_directory.h: holds DIR; -1 if none */
};

/* For a process that is this server's alone, before fz_server_start: SIGPIPE is ignored, the limit of descriptors raised as
 * far as is allowed, SQLite told what suits it. A program that has other things to do decides these for itself. */
void fz_server_own_process(const struct fz_server_options *options);

/* Opens the book, starts everything. Nothing is changed for the whole process; the threads take no signals. On failure `why` says what happened, why and what to do. New:
 * fz_server_stop. */
FZ_MUST_CHECK enum fz_result fz_server_start(const struct fz_server_options *options, struct fz_server **out,
                                             char *why, size_t why_size);
/* No accepting, finish the group in hand, resume what waits, stop the daemons, close the book. Within a
 * second. */
void fz_server_stop(struct fz_server *server);

#endif
