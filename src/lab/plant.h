/* How the differences look: what becomes of a refund's lines on the bill, and of its rows in the records. */
#ifndef FZ_LAB_PLANT_H
#define FZ_LAB_PLANT_H

#include "lab/story.h"

#define FZ_LAB_ROWS_MAX 3 /* of a refund in the records */

/* A row of the records; texts borrowed. */
struct fz_lab_row {
    const char *sub_mchid, *currency, *status;
    int64_t amount, fee, settlement;
    bool bare;          /* fee and settlement are not told */
    int64_t success_ms; /* 0: not told */
    int offset_min;     /* of the zone in which success is told */
};

/* Whether the service's files tell of it: the refund bill of a day that is covered, and the statement. */
bool fz_lab_is_billed(const struct fz_lab_plan *plan, const struct fz_lab_refund *refund);
bool fz_lab_is_stated(const struct fz_lab_refund *refund);

/* How the bill has a line more of it than there should be. */
struct fz_lab_again {
    bool own, funds; /* which source's line; neither: there is none more */
    int day;         /* of the bill that has it */
};
struct fz_lab_again fz_lab_again_of(const struct fz_lab_plan *plan, const struct fz_lab_refund *refund);

/* What a source's line tells: as it is, but for a rate that its own figures contradict. */
struct fz_lab_source fz_lab_billed_source(const struct fz_lab_order *order, const struct fz_lab_refund *refund,
                                          const struct fz_lab_source *source);

/* The rows that the records have of it; how many. */
int fz_lab_rows(const struct fz_lab_order *order, const struct fz_lab_refund *refund,
                struct fz_lab_row out[FZ_LAB_ROWS_MAX]);

#endif
