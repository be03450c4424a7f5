/* The kinds of bills, as fz_bill_write tells them apart, and their lines. For src/api, and for who writes bills without a book. */
#ifndef FZ_API_BILL_BILL_H
#define FZ_API_BILL_BILL_H

#include "api/call/endpoint.h"
#include "book/bill/refund_bill.h"
#include "book/bill/slice_bill.h"
#include "book/bill/trade_bill.h"
#include "book/money.h"
#include "spec/bill/lines.h"
#include "spec/server/bill_line.h"

/* What a bill has in one settlement currency, for its summary. */
struct fz_bill_totals {
    const struct fz_currency *currency;
    int64_t count, amount, coupon, source, fee, settlement, settlement_fee;
    int64_t refund_count, refund_settlement; /* of a statement, which has both */
};

/* A bill being written. */
struct fz_bill_walk {
    const struct fz_bill_link *link;
    struct fz_bill_writer *writer; /* NULL: the lines are added up alone */
    struct fz_bill_totals totals[FZ_CURRENCY_COUNT]; /* in the order in which the lines name them */
    size_t totals_count;
    int64_t after;    /* the last row number seen */
    int64_t seen;     /* rows of the last range */
    size_t scan;      /* the one at hand */
    bool range_begun; /* some of its lines may be out */
};

struct fz_bill_form {
    const struct fz_bill *file;
    /* Go over the rows above walk->after, at most `limit`: one scan behind the other, NULL-ended. */
    enum fz_result (*scans[3])(struct fz_tx *tx, struct fz_bill_walk *walk, int64_t limit);
    void (*summary)(struct fz_bill_writer *writer, const struct fz_bill_totals *totals); /* writes a line */
};
extern const struct fz_bill_form fz_refund_bill_form, fz_distribution_bill_form, fz_trade_bill_form;

/* Write the lines of a refund, a slice or a trade, and add them to the totals. `walk` is a struct fz_bill_walk. */
FZ_MUST_CHECK enum fz_result fz_refund_bill_add(void *walk, const struct fz_refund_line *refund);
FZ_MUST_CHECK enum fz_result fz_distribution_bill_add(void *walk, const struct fz_slice_line *slice);
FZ_MUST_CHECK enum fz_result fz_trade_bill_add(void *walk, const struct fz_trade_line *trade);

/* The summary of the lines that were added. What is settled in different currencies cannot be added up: a line for each
 * (S-RBILL: "a header and a certain number of lines"). */
void fz_bill_summary_write(const struct fz_bill_form *form, const struct fz_bill_walk *walk, struct fz_bill_writer *writer);

/* The totals that a line settled in the currency `code` adds to. NULL if the table has no such currency. */
struct fz_bill_totals *fz_bill_totals_in(struct fz_bill_walk *walk, const char *code);

#endif
