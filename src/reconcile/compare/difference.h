/* A difference as it is told: kind, reason, both sides. */
#ifndef FZ_RECONCILE_COMPARE_DIFFERENCE_H
#define FZ_RECONCILE_COMPARE_DIFFERENCE_H

#include "reconcile/compare/group.h"

/* What is compared of the records of one refund: of several rows their sum, or of doubles one. */
struct fz_rows {
    uint8_t has;
    int64_t amount, fee, settlement;
    bool is_doubled;
};

/* Of the bill's lines, each source once. */
struct fz_lines {
    size_t count;   /* of sources */
    size_t doubled; /* lines beyond them */
    int64_t doubled_amount;
    int64_t fee, settlement;
};

struct fz_difference {
    enum fz_difference_kind kind;
    int64_t stake;
    const char *currency; /* of the stake */
    int day;
};

/* Tells a difference of the group; the format is the reason. */
FZ_MUST_CHECK enum fz_result fz_difference_say(struct fz_comparing *comparing, const struct fz_group *group,
                                               const struct fz_rows *rows, const struct fz_difference *difference,
                                               const char *format, ...) FZ_PRINTF(5, 6);
/* "line 7 of refunds-2026-01-05.csv", or of several "lines 7 and 8 of …". */
#define FZ_PLACE_SIZE 200
const char *fz_place_text(const struct fz_compare *compare, const struct fz_item *const *items, size_t count,
                          char out[FZ_PLACE_SIZE]);

#endif
