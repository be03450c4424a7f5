/* Bills of the service against each other and against one's own records: every difference, what kind it is, and the figures
 * that prove it. A layer of its own: it prints nothing, and knows no command line. */
#ifndef FZ_RECONCILE_RECONCILE_H
#define FZ_RECONCILE_RECONCILE_H

#include "reconcile/compare/finding.h"
#include "reconcile/compare/totals.h"
#include "reconcile/place/trouble.h"
#include "reconcile/records/csv.h"

struct fz_paths {
    const char **list;
    size_t count;
};

struct fz_reconcile_request {
    struct fz_paths refunds, shares, statements, settlements;
    struct fz_paths records;        /* CSV or JSON files, or databases */
    const char *query;              /* for a database */
    const char *map;                /* a file that says which column is what; NULL: their names do */
    int (*day_of)(int64_t time_ms); /* on which day a record is counted; NULL: the date as it is written */
    int first_day, last_day;        /* that the refund bills cover; FZ_NO_DAY: what they have */
    bool only_mapping;              /* which column is what, and nothing is compared */
    unsigned threads;
    uint64_t window_bytes; /* of sorted inputs that are looked at together; 0: what suits */
    /* How far it is, now and then, from any thread; NULL: nobody wants to know. */
    void (*on_progress)(void *argument, uint64_t done, uint64_t whole);
    void *argument;
};

struct fz_reconciliation {
    struct fz_findings findings;
    struct fz_totals totals;
    uint64_t records, matched;         /* rows that were read, and refunds with both sides */
    bool knows_here;                   /* records were given, and their amounts with them: `here` of the totals is theirs */
    uint64_t batches, batches_outside; /* settlement batches that were compared, and those with days that were not given */
    uint64_t before;                   /* records from before the days, or of no known day: not compared */
    uint64_t hidden;           /* rows of totals that are equal only because differences in them make up for each other */
    int first_day, last_day;   /* of the refund bills */
    size_t windows;            /* in which sorted inputs were compared; 0: they were put aside */
    struct fz_mapping mapping; /* of records in CSV */
    struct fz_trouble trouble; /* why it failed */
};

/* FZ_FAILED: `out->trouble` says why. Either way fz_reconciliation_done. */
FZ_MUST_CHECK enum fz_result fz_reconcile(const struct fz_reconcile_request *request, struct fz_reconciliation *out);
void fz_reconciliation_done(struct fz_reconciliation *reconciliation);

/* Of a kind: "missing_here", and what it means. */
const char *fz_kind_word(enum fz_difference_kind kind);
const char *fz_kind_meaning(enum fz_difference_kind kind);
uint64_t fz_reconciliation_count(const struct fz_reconciliation *reconciliation);

#endif
