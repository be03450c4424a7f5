/* A control interface's answer on standard output. */
#ifndef FZ_CLI_LOCAL_SHOW_H
#define FZ_CLI_LOCAL_SHOW_H

#include "cli/local/place.h"

/* Prints it: as a table, or with --json as it came. Gives the exit status; a refusal is told on standard error. */
int fz_place_show(const struct fz_place_answer *answer, const struct fz_caller_options *caller);

#endif
