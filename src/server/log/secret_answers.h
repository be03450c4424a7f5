/* Which calls answer with secrets. */
#ifndef FZ_SERVER_LOG_SECRET_ANSWERS_H
#define FZ_SERVER_LOG_SECRET_ANSWERS_H

#include "spec/server/route.h"

/* Whether the answer to a call (one there is: route->spec is not NULL) has a member whose name says that it is a secret. */
bool fz_has_secret_answer(const struct fz_route *route);

#endif
