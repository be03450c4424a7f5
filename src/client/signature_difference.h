/* A signature that was refused: what was signed here beside what the service took for signed. */
#ifndef FZ_CLIENT_SIGNATURE_DIFFERENCE_H
#define FZ_CLIENT_SIGNATURE_DIFFERENCE_H

#include "client/operation.h"

/* New (fz_release); NULL: nothing to tell, or memory is short. */
char *fz_signature_difference(const struct fz_sending *sending, const struct fz_error_answer *body);

#endif
