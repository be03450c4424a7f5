/* Compares what was put aside, place by place: each refund's lines on the bills with its records. */
#ifndef FZ_RECONCILE_COMPARE_COMPARE_H
#define FZ_RECONCILE_COMPARE_COMPARE_H

#include <stdbool.h>

#include "reconcile/compare/finding.h"
#include "reconcile/compare/totals.h"
#include "reconcile/place/spool.h"
#include "reconcile/read/input.h"

struct fz_group;
/* Is given all items of an order together. */
typedef enum fz_result fz_on_order(void *argument, struct fz_group *order);

/* Days that were given, both included; first > last: none. */
struct fz_days {
    int first, last;
};

struct fz_compare {
    struct fz_inputs *inputs;
    struct fz_trouble *trouble;
    bool has_records, has_refund_bill, has_statement;
    unsigned families;        /* that the records have rows of, a bit each */
    struct fz_days days;      /* of the refund bills */
    struct fz_days statement; /* of the statements */
    struct fz_days slices;    /* of the distribution bills */
    struct fz_spool *from;    /* what is compared now */
    struct fz_spool *strays;  /* where goes what has no partner, to be placed by its other number; NULL: nowhere */
    struct fz_spool *orders;  /* where goes what only the other refunds of the order can tell; NULL: nowhere */
    struct fz_findings *findings;
    struct fz_totals totals;
    pthread_mutex_t lock;        /* of `totals` */
    atomic_uint_fast64_t before; /* records from before the days */
    atomic_uint_fast64_t matched, questions;
};

/* Who is given whole orders. */
struct fz_each_order {
    fz_on_order *on_order;
    void *argument;
};

/* What a thread compares with. */
struct fz_comparing {
    const struct fz_each_order *each; /* NULL but in fz_compare_each_order */
    struct fz_compare *compare;
    struct fz_totals totals;
    struct fz_pen *strays, *orders;
    struct fz_text json, reason;
};

/* For a crew: each job is a place of `from`. */
void *fz_compare_begin(void *argument);
enum fz_result fz_compare_place(void *argument, void *own, size_t place);
/* The same of items that lie in memory. */
FZ_MUST_CHECK enum fz_result fz_compare_items(struct fz_comparing *comparing, const char *data, size_t size);
enum fz_result fz_compare_marks(void *argument, void *own,
                                size_t place); /* of `from` into `orders`: which orders are marked */
enum fz_result fz_compare_everything(void *argument, void *own, size_t place); /* of `from` into `orders`: all items */
FZ_MUST_CHECK enum fz_result fz_compare_each_order(struct fz_compare *compare, struct fz_spool *spool, fz_on_order *on_order,
                                                   void *argument);
enum fz_result fz_compare_orders(void *argument, void *own, size_t place); /* of a spool by orders */
void fz_compare_end(void *argument, void *own);

#endif
