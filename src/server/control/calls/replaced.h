/* Another process has put another book into the place of the one that was here (POST /reset): what this process has in memory, and as copies,
 * follows. */
#ifndef FZ_SERVER_CONTROL_CALLS_REPLACED_H
#define FZ_SERVER_CONTROL_CALLS_REPLACED_H

#include "server/control/request/call.h"

/* The log says if the new book cannot be read, or its copies not be written. On no thread that serves. */
void fz_control_follow_replacement(const struct fz_control_parts *parts, struct fz_reader *reader);

#endif
