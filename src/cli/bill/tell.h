/* What is said of each day: a line on standard error, an object of --json. */
#ifndef FZ_CLI_BILL_TELL_H
#define FZ_CLI_BILL_TELL_H

#include <jansson.h>

#include "cli/bill/deliver.h"

struct fz_bill_told {
    const struct fz_bill_job *job;
    json_t *days; /* NULL: nobody wants them */
};

/* The bill is where it was asked for: at `place` ("": standard output, or the cache alone). */
void fz_bill_tell_done(const struct fz_bill_told *told, const struct fz_bill_had *had, enum fz_bill_delivered delivered,
                       const char *place);
/* It could not be had. `error` is what the service said: that there is none, that it is not out yet, or another refusal. */
void fz_bill_tell_refused(const struct fz_bill_told *told, const struct fz_bill_had *had, const fz_error *error);
/* Whether that refusal says anything else than that there is no bill, or not yet. */
bool fz_bill_is_refused_for_itself(const struct fz_bill_had *had, const fz_error *error);
/* Days of which no bill can be expected, before the service is asked: its clock decides. */
void fz_bill_warn_of_days(const struct fz_bill_job *job);

#endif
