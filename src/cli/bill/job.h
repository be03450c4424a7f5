/* What the parts of `fenzhang bill` share: one kind of bill, of one merchant, for some days. */
#ifndef FZ_CLI_BILL_JOB_H
#define FZ_CLI_BILL_JOB_H

#include "base/calendar.h"
#include "cli/bill/options.h"
#include "cli/session/session.h"

#define FZ_BILL_PATH_SIZE 4096

struct fz_bill_job {
    enum fz_bill_kind kind;
    const char *name; /* "refunds" */
    const struct fz_bill_options *options;
    const struct fz_session *session;
    const char *sub_mchid;         /* whose bills; NULL: all, or nobody's */
    char cache[FZ_BILL_PATH_SIZE]; /* the directory of verified files; "": none */
};

/* What a day's bill comes to. */
#define FZ_BILL_CURRENCIES 32
struct fz_bill_totals {
    int64_t payments, refunds; /* as the summary tells; -1: it does not */
    size_t count;
    struct fz_bill_total {
        char currency[8];
        int64_t amount; /* refunded; distributed; of a statement what is settled, less refunds */
    } list[FZ_BILL_CURRENCIES];
};

/* A day's file, verified. */
struct fz_bill_had {
    int day;
    char date[FZ_DAY_SIZE];
    char path[FZ_BILL_PATH_SIZE];
    bool is_temporary; /* to be removed once it was used */
    bool is_of_cache;  /* it was there, and nothing was fetched */
    struct fz_bill_facts facts;
    struct fz_bill_totals totals;
};

/* ---- bill.c ---- */

/* Runs the command of that kind of bill; its exit status. */
int fz_bill_run(const struct fz_command *command, enum fz_bill_kind kind, int argc, char **argv);

/* ---- files.c ---- */

/* Makes a directory and those above it that are not there. False: errno tells. */
bool fz_bill_make_directories(const char *path, unsigned mode);
/* "DIRECTORY/refunds-2026-11-27SUFFIX"; false: it is longer than a path can be. */
bool fz_bill_path(char out[FZ_BILL_PATH_SIZE], const char *directory, const struct fz_bill_job *job, const char *date,
                  const char *suffix);
/* Says on standard error that `path` could not be written (or what `done` is), as errno tells. */
void fz_bill_tell_file(const char *path, const char *done);

/* ---- totals.c ---- */

/* Takes the rows of a summary into a struct fz_bill_totals, which fz_bill_totals_begin made. */
void fz_bill_totals_begin(struct fz_bill_totals *totals);
int fz_bill_totals_take(void *totals, const struct fz_bill_row *row);

/* ---- cache.c: ${XDG_CACHE_HOME:-~/.cache}/fenzhang/bills/HOST/MCHID[/SUB] ---- */

/* Finds and makes the job's directory; where there is no place for one, says so and leaves it "". */
void fz_bill_cache_open(struct fz_bill_job *job);
/* Whether the day's file is there, and as it was when it was verified: then `had` tells of it. One that was damaged is told
 * on standard error. */
bool fz_bill_cache_find(const struct fz_bill_job *job, struct fz_bill_had *had);
/* Keeps the hash of the day's file, which was just fetched to had->path. False after a message. */
bool fz_bill_cache_keep(const struct fz_bill_had *had);

/* ---- obtain.c ---- */

/* The day's file: from the cache, or fetched. -1: *error tells, or (NULL) it was told. */
int fz_bill_obtain(const struct fz_bill_job *job, struct fz_bill_had *had, fz_error **error);

#endif
