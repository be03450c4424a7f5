/* Where a day's bill goes: to standard output, into a directory, or into a database. */
#ifndef FZ_CLI_BILL_DELIVER_H
#define FZ_CLI_BILL_DELIVER_H

#include "cli/bill/database.h"
#include "cli/bill/job.h"

enum fz_bill_delivered {
    FZ_BILL_WRITTEN,
    FZ_BILL_THERE,      /* it was there already, and is what it should be */
    FZ_BILL_NOT_WRITTEN /* after a message */
};

/* `database` where the format is that; `place` gets the file's path, "" of standard output. */
enum fz_bill_delivered fz_bill_deliver(const struct fz_bill_job *job, const struct fz_bill_had *had,
                                       struct fz_bill_database *database, char place[FZ_BILL_PATH_SIZE]);

#endif
