/* A write of which nobody knows what became of it. */
#ifndef FZ_CLI_SESSION_LOST_H
#define FZ_CLI_SESSION_LOST_H

#include "cli/session/session.h"

/* query.c: says on standard error by which command the service is asked, with the numbers of `request`, the call's struct.
 */
void fz_tell_query(const struct fz_session *session, const char *call, const void *request);

#endif
