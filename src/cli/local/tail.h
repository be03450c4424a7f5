/* The request log of a server, as it comes. */
#ifndef FZ_CLI_LOCAL_TAIL_H
#define FZ_CLI_LOCAL_TAIL_H

#include "cli/local/place.h"

/* Follows `target` (/requests/stream, with what is to be picked) and prints a line for each exchange. Gives the exit status.
 */
int fz_tail(const struct fz_place *place, const char *target, bool json);

#endif
