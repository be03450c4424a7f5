/* A call of a program's, made into an operation, and back into an answer or an error. */
#ifndef FZ_CLIENT_CALL_H
#define FZ_CLIENT_CALL_H

#include "client/operation.h"

/* Sets up a zeroed operation (but for attempt.easy) for the call named `name`: request and options are copied. NULL, or what is
 * wrong with them; fz_operation_done either way. */
fz_error *fz_operation_set_up(struct fz_operation *operation, fz_client *client, const char *name, const void *request,
                              const struct fz_call_options *options);
/* What an operation that has ended gives: 0 and *answer, or -1 and *error. Once. */
int fz_operation_result(struct fz_operation *operation, void **answer, fz_error **error);
/* Drives an operation to its end, on the thread that calls. */
void fz_operation_drive(struct fz_operation *operation);
/* The same, and gives its result; frees what it held. */
int fz_operate(struct fz_operation *operation, void **answer, fz_error **error);

#endif
