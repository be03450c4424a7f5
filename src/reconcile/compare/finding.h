/* The differences that were found, put aside as JSON by kind, and what they come to. */
#ifndef FZ_RECONCILE_COMPARE_FINDING_H
#define FZ_RECONCILE_COMPARE_FINDING_H

#include <stdint.h>

#include "base/text.h"
#include "reconcile/compare/kind.h"
#include "reconcile/place/trouble.h"

#define FZ_STAKE_CURRENCIES 8 /* that a kind's sums are kept of, the others together */

/* What is at stake, in one currency. */
struct fz_stake {
    char currency[4];
    uint64_t count;
    int64_t amount;
};

struct fz_finding_place; /* where one lies */

/* Of one kind. */
struct fz_findings_kind {
    uint64_t count;
    int first_day, last_day; /* FZ_NO_DAY: none is known */
    struct fz_stake stakes[FZ_STAKE_CURRENCIES];
    struct fz_finding_place *places;
    uint64_t capacity;
};

struct fz_findings {
    struct fz_trouble *trouble;
    pthread_mutex_t lock;
    int file; /* -1: all is in memory */
    uint64_t file_size;
    char *buffer;
    size_t buffered;
    struct fz_findings_kind kinds[FZ_KIND_COUNT];
};

/* What it is about, for its place in the report. */
struct fz_finding {
    enum fz_difference_kind kind;
    int day; /* FZ_NO_DAY: it has none */
    uint32_t piece, line;
    int64_t stake;
    char currency[4]; /* of the stake */
};

void fz_findings_begin(struct fz_findings *findings, struct fz_trouble *trouble);
FZ_MUST_CHECK enum fz_result fz_findings_add(struct fz_findings *findings, const struct fz_finding *finding,
                                             const char *json, size_t size);
/* By kind, and in each by day and place. */
void fz_findings_sort(struct fz_findings *findings);
/* The JSON of one, into `out`, which is emptied before. */
FZ_MUST_CHECK enum fz_result fz_findings_read(struct fz_findings *findings, enum fz_difference_kind kind, uint64_t number,
                                              struct fz_text *out);
void fz_findings_done(struct fz_findings *findings);

#endif
