/* The options of `fenzhang serve`. */
#ifndef FZ_CLI_SERVE_OPTIONS_H
#define FZ_CLI_SERVE_OPTIONS_H

#include "server/server.h"

/* Parses them into `out`, whose texts stay borrowed from `argv`; `data` may stay NULL. Does not return after a mistake. */
void fz_serve_options(int argc, char **argv, struct fz_server_options *out);

#endif
