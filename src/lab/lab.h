/* The bill lab: makes bills as the service writes them, and one's own records of them, with differences planted whose kinds
 * are known. All of it follows from the options: nothing is asked of the machine's clock or luck. */
#ifndef FZ_LAB_LAB_H
#define FZ_LAB_LAB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"

#define FZ_LAB_DAYS_MAX    366
#define FZ_LAB_REFUNDS_MAX INT64_C(1000000000) /* of a lab */

enum fz_lab_kind {
    FZ_LAB_NONE, /* it agrees */
#define FZ_LAB_KIND(name, needed) FZ_LAB_##name,
#include "lab/kinds.def"
#undef FZ_LAB_KIND
    FZ_LAB_KIND_COUNT
};

/* As a report calls it: "missing_here". */
const char *fz_lab_kind_name(enum fz_lab_kind kind);
/* FZ_LAB_NONE: no kind is called so. */
enum fz_lab_kind fz_lab_kind_named(const char *name);
/* How many refunds of one order one of them takes. */
int fz_lab_kind_needs(enum fz_lab_kind kind);

struct fz_lab_options {
    uint64_t seed;
    int days;        /* 1 to FZ_LAB_DAYS_MAX */
    int64_t refunds; /* all, with those planted */
    int64_t plant[FZ_LAB_KIND_COUNT];
};

/* How many refunds there have to be for what is planted. */
int64_t fz_lab_needed(const struct fz_lab_options *with);

/* What was made. */
struct fz_lab_made {
    int first_day, last_day;                   /* that there are bills of */
    int64_t orders, payments, slices, records; /* payments: of the days that have a statement */
};

/* Who is told what is made, as it is made. What they return other than FZ_OK ends it. */
struct fz_lab_told {
    void *argument;
    enum fz_result (*planted)(void *argument, enum fz_lab_kind kind, const char *out_refund_no);
    enum fz_result (*file)(void *argument, const char *name); /* complete, in the directory */
};

/* Writes refunds-YYYY-MM-DD.csv, shares-…, statement-… and records.csv into `directory`, an open one that has no files of
 * these names; in memory that does not grow with the refunds. FZ_FAILED: a file cannot be written (errno says why) or memory
 * is short. */
FZ_MUST_CHECK enum fz_result fz_lab_write(const struct fz_lab_options *with, int directory, const struct fz_lab_told *told,
                                          struct fz_lab_made *out);

/* Puts the lines between the first one and the next header line, or the end, into an order that follows from the seed; in
 * memory that does not grow with the file. */
FZ_MUST_CHECK enum fz_result fz_lab_shuffle(int directory, const char *name, uint64_t seed);

#endif
