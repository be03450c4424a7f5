/* Bills in an SQLite database: a table a kind, a row a line, and which days are there. */
#ifndef FZ_CLI_BILL_DATABASE_H
#define FZ_CLI_BILL_DATABASE_H

#include "cli/bill/job.h"

struct fz_bill_database;

/* Opens or makes it (0600): `path`, or bills.sqlite in that directory. NULL after a message. */
struct fz_bill_database *fz_bill_database_open(const struct fz_bill_job *job, const char *path);
void fz_bill_database_close(struct fz_bill_database *database); /* NULL is allowed */
const char *fz_bill_database_path(const struct fz_bill_database *database);
/* Whether the day is there, made of this very file. */
bool fz_bill_database_has(struct fz_bill_database *database, const struct fz_bill_had *had);
/* Puts the day there, whole or not at all, in the place of what was there of it. False after a message. */
bool fz_bill_database_put(struct fz_bill_database *database, const struct fz_bill_had *had);

#endif
