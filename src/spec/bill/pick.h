/* A few columns of many lines: where only they matter, the others are passed over without being read. */
#ifndef FZ_SPEC_BILL_PICK_H
#define FZ_SPEC_BILL_PICK_H

#include <stdbool.h>

#include "spec/bill/read.h"

#define FZ_BILL_PICKED_MAX  12
#define FZ_BILL_PICKED_TEXT 48 /* bytes of a text that is picked, with its NUL: numbers and currencies */

/* A column that is picked. */
struct fz_bill_picked {
    const struct fz_column *column;
    size_t cell;                    /* its place in each line */
    size_t currency;                /* of an amount: the place of its currency's text in the list; its own: it is CNY */
    char text[FZ_BILL_PICKED_TEXT]; /* of a text; "" also: none yet */
    int digits;                     /* of a text that is a currency; -1: it is none */
};

struct fz_bill_pick {
    size_t cells; /* of each line */
    size_t count;
    struct fz_bill_picked list[FZ_BILL_PICKED_MAX]; /* in the order of the line */
};

/* Those of the heading's columns that are one of the `count` members at `offsets`, texts and amounts, and the currencies of
 * the latter. False: they are too many, or a currency is not there. */
bool fz_bill_pick_begin(struct fz_bill_pick *pick, const struct fz_bill_heading *heading, const size_t *offsets,
                        size_t count);
/* Reads them into `out`, which is a struct of the block; its texts are the pick's, until the next line. `line` is without
 * its line end. False: it is not written as the service writes lines, or one of them says nothing of its kind;
 * fz_bill_line_read takes it, or tells what is wrong. */
bool fz_bill_pick_line(struct fz_bill_pick *pick, const char *line, size_t size, void *out);

#endif
