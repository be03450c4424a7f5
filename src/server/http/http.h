/* The API over HTTP: one accept thread, and a libmicrohttpd daemon a worker. */
#ifndef FZ_SERVER_HTTP_HTTP_H
#define FZ_SERVER_HTTP_HTTP_H

#include "server/server.h"

struct fz_http;

/* Starts accepting on `socket`, and for the proxy on `proxy` (-1: none); both are taken over. With --tls or a
 * proxy server->tls is there. */
FZ_MUST_CHECK enum fz_result fz_http_start(struct fz_server *server, int socket, int proxy,
                                           struct fz_http **out, char *why, size_t why_size);
void fz_http_stop(struct fz_http *http);

/* Nobody has called yet: what the limits have counted is forgotten. Does not block. */
void fz_http_forget_callers(struct fz_http *http);

struct fz_http_health {
    size_t connections;
    uint64_t accepted, refused_full, expired; /* connections: in all, beyond the cap, ended by a deadline */
};
void fz_http_health(struct fz_http *http, struct fz_http_health *out);
/* Adds what all workers have counted to `sum`. */
struct fz_request_figures;
void fz_http_count(const struct fz_http *http, struct fz_request_figures *sum);

#endif
