/* The options of `fenzhang serve`. */
#ifndef FZ_CLI_SERVER_SERVE_OPTIONS_H
#define FZ_CLI_SERVER_SERVE_OPTIONS_H

#include <argp.h>

#include "server/server.h"

struct fz_serve_options {
    struct fz_server_options server; /* its `data` may be NULL */
    const char *ready_file;          /* NULL: none */
    bool lifeline;                   /* it ends with its standard input */
};

extern const struct argp fz_serve_argp;

/* Takes the names of an option like --tls-name, besides those that are there. Does not return after a mistake. */
void fz_take_host_names(struct argp_state *state, struct fz_host_names *into, const char *option, const char *list);

/* Parses them into `out`, whose texts stay borrowed from `argv`. Does not return after a mistake. */
void fz_serve_options(int argc, char **argv, struct fz_serve_options *out);

#endif
