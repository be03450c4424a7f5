/* From the lines of a bill file to its rows: which block a line is of, what its cells say, and whether it all adds up. */
#ifndef FZ_CLIENT_BILL_ROWS_H
#define FZ_CLIENT_BILL_ROWS_H

#include "base/text.h"
#include "client/bill/sums.h"
#include "client/error.h"
#include "spec/bill/lines.h"
#include "spec/bill/pick.h"
#include "spec/bill/read.h"

#define FZ_BILL_LINE_MAX (1 << 20) /* bytes: a line of the service's has at most some kilobytes */

struct fz_bill_rows {
    enum fz_bill_kind kind;
    const struct fz_bill *bill;
    fz_bill_on_row *on_row; /* NULL: nobody wants them */
    void *argument;

    bool has_sums_alone;    /* of details nothing else is looked at, and no row is given */
    bool has_pick;          /* then, if the header line is such that it can */
    struct fz_bill_pick pick;
    struct fz_text summary; /* then: its header line and its lines, as they are */
    size_t summary_line;    /* where it begins */

    size_t number;  /* of lines so far */
    size_t details; /* lines of them */
    enum fz_bill_part part;
    bool has_block;   /* there was a header line */
    bool has_accents; /* the last line of data had them */
    struct fz_bill_heading headings[2]; /* of details and of the summary */
    bool has_heading[2];
    struct fz_text header; /* the block's header line, which `names` are parts of */
    const char *names[FZ_BILL_CELLS_MAX], *texts[FZ_BILL_CELLS_MAX];
    size_t names_count;
    union {
        struct fz_refund_bill_line refund;
        struct fz_refund_bill_summary refund_summary;
        struct fz_distribution_bill_line distribution;
        struct fz_distribution_bill_summary distribution_summary;
        struct fz_trade_bill_line trade;
        struct fz_trade_bill_summary trade_summary;
    } values;
    struct fz_bill_sums sums;
};

void fz_bill_rows_begin(struct fz_bill_rows *rows, enum fz_bill_kind kind, fz_bill_on_row *on_row, void *argument);
/* A line without its line end, which is written over. NULL, or what is wrong. */
fz_error *fz_bill_rows_take(struct fz_bill_rows *rows, char *line, size_t size);
/* The same of a line of details that is as it was sent, where only sums are wanted. False: fz_bill_rows_take takes it. */
bool fz_bill_rows_take_sums(struct fz_bill_rows *rows, const char *line, size_t size);
/* Gives what the details of each currency add up to, as rows of a summary without texts. NULL, or what is wrong. */
fz_error *fz_bill_rows_give_sums(struct fz_bill_rows *rows, fz_bill_on_row *on_row, void *argument);
/* There are no more. */
fz_error *fz_bill_rows_end(const struct fz_bill_rows *rows);
void fz_bill_rows_done(struct fz_bill_rows *rows);

/* The error of a file at that place. */
fz_error *fz_bill_error(const struct fz_bill_fault *fault);

#endif
