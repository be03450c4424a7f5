/* Writes lines of bill files, by their columns. */
#ifndef FZ_SPEC_SERVER_BILL_LINE_H
#define FZ_SPEC_SERVER_BILL_LINE_H

#include "spec/bill/column.h"
#include "wire/server/bill_text.h"

/* The header line of a block. */
void fz_bill_heading_write(struct fz_bill_writer *writer, const struct fz_bill_block *block);
/* A line of data: `line` is a struct of the block. An amount in a currency that the table does not have makes
 * the writing fail. */
void fz_bill_line_write(struct fz_bill_writer *writer, const struct fz_bill_block *block, const void *line);

#endif
