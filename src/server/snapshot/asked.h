/* What a server was asked to do to requests and callbacks: limits, faults, modes, the clock that signs. It is in the memory of the process
 * and in no book, so a snapshot has it beside its book, as JSON. */
#ifndef FZ_SERVER_SNAPSHOT_ASKED_H
#define FZ_SERVER_SNAPSHOT_ASKED_H

#include "server/courier/mode.h"
#include "server/fault/faults.h"
#include "server/work/limits.h"

/* Where it is in a server; all borrowed. */
struct fz_asked {
    struct fz_limits *limits;
    struct fz_faults *faults;
    struct fz_courier *courier;
};

/* New text, to be freed; NULL when memory is short. `now_ms`: book time. */
char *fz_asked_tell(const struct fz_asked *asked, int64_t now_ms);
/* Has the server do as the text says, and nothing else that it was asked. What cannot be understood, of a later version
 * perhaps, is left out; NULL: nothing was asked, and limits stay. Returns whether all was understood. */
bool fz_asked_set(const struct fz_asked *asked, const char *text);

#endif
