/* The API over HTTP: one accept thread, and a libmicrohttpd daemon a worker. */
#ifndef FZ_SERVER_HTTP_HTTP_H
#define FZ_SERVER_HTTP_HTTP_H

#include "server/work/executor.h"
#include "server/work/stores.h"
#include "server/work/workshop.h"

struct fz_http;
struct fz_tls;

/* What it works with; all borrowed. */
struct fz_http_setup {
    struct fz_workshop_setup workshop;
    const struct fz_stores *stores;  /* further ones, whose requests come in here as well; NULL: none */
    struct fz_http *const *others;   /* what serves each of them */
    const struct fz_tls *tls; /* there, if anything speaks it: the proxy always does */
    bool direct_tls;          /* the API's own address does */
    unsigned workers;         /* 0: one a core */
};

/* Raises the process's limit of descriptors to what all connections need, as far as that is allowed. `workers` and `stores` as above. */
void fz_http_raise_descriptors(unsigned workers, const struct fz_stores *stores);

/* Starts accepting on `socket`, and for the proxy on `proxy` (-1: none); both are taken over. Without a `socket` (-1) there are no
 * workers: it is for another one's, which name it in `others`, and has to outlive that. */
FZ_MUST_CHECK enum fz_result fz_http_start(const struct fz_http_setup *setup, int socket, int proxy,
                                           struct fz_http **out, char *why, size_t why_size);
void fz_http_stop(struct fz_http *http);

struct fz_http_health {
    size_t connections;
    struct fz_executor_load reads; /* of a book that lies in a database */
    uint64_t accepted, refused_full, expired; /* connections: in all, beyond the cap, ended by a deadline */
};
void fz_http_health(struct fz_http *http, struct fz_http_health *out);
/* Adds what was counted of requests that were worked on here to `sum`, whoever's workers they came to. */
struct fz_request_figures;
void fz_http_count(struct fz_http *http, struct fz_request_figures *sum);

#endif
