/* What is said of a call that failed, and the exit status that goes with it. */
#ifndef FZ_CLI_OUTPUT_ERROR_H
#define FZ_CLI_OUTPUT_ERROR_H

#include "fenzhang.h"

/* Says on standard error what happened, why and what to do. Gives FZ_EXIT_REFUSED where the API refused, FZ_EXIT_UNKNOWN
 * where a write may have been done, else FZ_EXIT_TROUBLE. */
int fz_tell_error(const fz_error *error);
/* The status alone. */
int fz_error_exit_status(const fz_error *error);

#endif
