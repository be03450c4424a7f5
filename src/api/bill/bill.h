/* The kinds of bills, as fz_bill_write tells them apart. For src/api alone. */
#ifndef FZ_API_BILL_BILL_H
#define FZ_API_BILL_BILL_H

#include "api/call/endpoint.h"
#include "book/money.h"
#include "wire/server/bill_text.h"

/* What a bill has in one settlement currency, for its summary: CNY in fen, that currency in hundredths. */
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
    const struct fz_currency *payer, *price; /* of the last line */
};

struct fz_bill_form {
    const char *header; /* of the details */
    /* Go over the rows above walk->after, at most `limit`: one scan behind the other, NULL-ended. */
    enum fz_result (*scans[3])(struct fz_tx *tx, struct fz_bill_walk *walk, int64_t limit);
    const char *summary_header; /* its first column names the settlement currency */
    void (*summary)(struct fz_bill_writer *writer, const struct fz_bill_totals *totals); /* the other cells */
};
extern const struct fz_bill_form fz_refund_bill_form, fz_distribution_bill_form, fz_trade_bill_form;

/* The totals that a line settled in the currency `code` adds to. NULL if the table has no such currency. */
struct fz_bill_totals *fz_bill_totals_in(struct fz_bill_walk *walk, const char *code);

/* The currency of `code`, which in most lines is that of the line before: `*last`, brought up to date.
 * FZ_FAILED if the table has none. */
FZ_MUST_CHECK enum fz_result fz_bill_currency(const struct fz_currency **last, const char *code);

/* Adds to a total what is in the smallest unit of `currency`. */
FZ_MUST_CHECK enum fz_result fz_bill_add_hundredths(int64_t *total, int64_t amount,
                                                    const struct fz_currency *currency);

#endif
