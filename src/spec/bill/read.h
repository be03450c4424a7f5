/* Reads lines of bill files by the names in their header line, not by position: which columns there are
 * differs between merchants and changes with time. */
#ifndef FZ_SPEC_BILL_READ_H
#define FZ_SPEC_BILL_READ_H

#include "base/result.h"
#include "spec/bill/column.h"

#define FZ_BILL_CELLS_MAX 128 /* of a line; the widest file has 38 */

/* A header line. */
struct fz_bill_heading {
    const struct fz_bill_block *block;
    const struct fz_column *columns[FZ_BILL_CELLS_MAX]; /* of each cell; NULL: not known to the block */
    size_t count;
};

/* What is wrong with a file, and where. */
struct fz_bill_fault {
    size_t line, cell;  /* of the file, and of the line; from 1 */
    const char *column; /* its name; NULL: none that is known */
    const char *issue;  /* "is no amount" */
    char value[64];     /* what stands in the cell, cut */
};

/* Both take a line with or without its line end; `number` is its place in the file. The byte-order mark may
 * stand before it. Its values are as they are written here, with a grave accent before each, where a comma
 * ends a value only if an accent follows; or without accents, in double quotes or not.
 *
 * Reads a header line. FZ_ABSENT: it is none of that block, for fewer than half of its cells are names of its
 * columns. FZ_MALFORMED: a column is there twice, or there are too many. */
FZ_MUST_CHECK enum fz_result fz_bill_heading_read(const struct fz_bill_block *block, const char *line,
                                                  size_t number, struct fz_bill_heading *out,
                                                  struct fz_bill_fault *fault);
/* Reads a line of data into `out`, which is a struct of the block; its texts are parts of `line`, which is
 * written over. What is empty, and what the file has no column for, is NULL or 0. FZ_MALFORMED: it has more
 * or fewer cells than the header line, or one that says nothing of its kind: an amount with more decimals
 * than its currency has, or without a currency that is known, a time that does not exist. `out` is then
 * undefined. `texts` (NULL is allowed) gets the text of each cell, known or not. */
FZ_MUST_CHECK enum fz_result fz_bill_line_read(const struct fz_bill_heading *heading, char *line,
                                               size_t number, void *out, const char **texts,
                                               struct fz_bill_fault *fault);
/* Takes any line apart into at most FZ_BILL_CELLS_MAX texts, in place. FZ_MALFORMED. */
FZ_MUST_CHECK enum fz_result fz_bill_texts_read(char *line, size_t number, const char **texts, size_t *count,
                                                struct fz_bill_fault *fault);

#endif
