/* Writes whose outcome is not known. */
#ifndef FZ_CLIENT_PENDING_H
#define FZ_CLIENT_PENDING_H

#include "client/operation.h"

/* Keeps in `error` what is needed to find out, if the operation may have been done. */
void fz_pending_keep(const struct fz_operation *operation, fz_error *error);

#endif
