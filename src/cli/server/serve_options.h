/* The options of `fenzhang serve`. */
#ifndef FZ_CLI_SERVER_SERVE_OPTIONS_H
#define FZ_CLI_SERVER_SERVE_OPTIONS_H

#include <argp.h>

#include "cli/server/serve_file.h"
#include "cli/server/store_map.h"
#include "server/server.h"

/* One option that was given, in the order of what counts less to what counts more. */
struct fz_serve_given {
    int key;
    const char *text; /* NULL: a switch */
    int word;         /* of the command line with the file's words in front; 0: nobody gave it, it is the default */
};

struct fz_serve_options {
    struct fz_server_options server; /* its `data` may be NULL */
    const char *ready_file;          /* NULL: none */
    bool lifeline;                   /* it ends with its standard input */
    struct fz_stores stores;         /* further ones, by name and address; what the map says is read later */
    const char *store_map;           /* NULL: none */
    const char *config_file;         /* --config; NULL: none was named */
    bool print_config;               /* is all that is asked for */
    /* Where each value is from. */
    const struct fz_serve_file *file; /* NULL: none was read */
    struct fz_serve_given *given;
    size_t given_count;
};

extern const struct argp fz_serve_argp;

/* Takes the names of an option like --tls-name, besides those that are there. Else `why` gets what is wrong. */
FZ_MUST_CHECK enum fz_result fz_take_host_names(struct fz_host_names *into, const char *option, const char *list, char *why,
                                                size_t why_size);

/* Parses the command line and the configuration file into `out`, whose texts last as long as the program. Does not return after
 * a mistake. */
void fz_serve_options(int argc, char **argv, struct fz_serve_options *out);

/* print_config.c: prints what all options come to, as a configuration file, and where each value is from. Gives the exit
 * status. */
int fz_serve_print_config(const struct fz_serve_options *with);

#endif
