/* Bodies with a file that are being received. Nobody is verified before his body is whole, so a place is nobody's who sends
 * nothing: the body that has been silent the longest gives way to a new one. */
#ifndef FZ_SERVER_WORK_UPLOADS_H
#define FZ_SERVER_WORK_UPLOADS_H

#include "server/net/sockets.h"

#define FZ_UPLOADS_MAX 64 /* at once, in the whole process */

struct fz_uploads;

/* New; NULL when memory is short. */
struct fz_uploads *fz_uploads_new(void);
void fz_uploads_free(struct fz_uploads *uploads);

/* Enters the connection on which a body begins to come, until fz_uploads_leave. True: another one's time is over for it,
 * which the accept thread has to be woken up to see to. */
bool fz_uploads_enter(struct fz_uploads *uploads, struct fz_socket *socket, int64_t now_ms);
/* Something of it has come. */
void fz_uploads_heard(struct fz_uploads *uploads, const struct fz_socket *socket, int64_t now_ms);
/* Also of one that had to give way. */
void fz_uploads_leave(struct fz_uploads *uploads, const struct fz_socket *socket);

#endif
