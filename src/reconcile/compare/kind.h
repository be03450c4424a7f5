/* The kinds of differences. */
#ifndef FZ_RECONCILE_COMPARE_KIND_H
#define FZ_RECONCILE_COMPARE_KIND_H

/* In the order in which a report tells them: what costs money first. */
#define FZ_KINDS(X)                                                                                                         \
    X(MISSING_HERE, "missing_here", "on the bill, and no record of it")                                                     \
    X(MISSING_THERE, "missing_there", "by your records it arrived, and it is on no bill")                                   \
    X(DUPLICATE_HERE, "duplicate_here", "several records of the whole of one refund")                                       \
    X(DUPLICATE_THERE, "duplicate_there", "the bill has the same line more than once")                                      \
    X(AMOUNT, "amount", "the amounts differ")                                                                               \
    X(PART_OF_A_REFUND, "part_of_a_refund", "your record has the amount of one source alone")                               \
    X(CURRENCY, "currency", "the currencies differ")                                                                        \
    X(STATUS, "status", "it arrived, and your record does not say so; or it is long past due")                              \
    X(CLOSED_AFTER_THE_BILL, "closed_after_the_bill", "on the bill as arrived, and closed by your records")                 \
    X(FEE, "fee", "the fees given back differ")                                                                             \
    X(RATE, "rate", "the settlement amounts differ by another rate")                                                        \
    X(ROUNDING, "rounding", "the settlement amounts differ by how they were rounded")                                       \
    X(OTHER_MERCHANT, "other_merchant", "your record names another sub-merchant")                                           \
    X(DAY_BOUNDARY, "day_boundary", "counted on another day here than there")                                               \
    X(NOT_YET_DUE, "not_yet_due", "its bill is not out yet")

enum fz_difference_kind {
#define FZ_KIND(name, word, meaning) FZ_KIND_##name,
    FZ_KINDS(FZ_KIND)
#undef FZ_KIND
        FZ_KIND_COUNT
};

#endif
