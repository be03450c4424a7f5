/* A bill's lines of details in another form, one line after the other: memory does not grow with the file. */
#ifndef FZ_CLI_BILL_PRINT_H
#define FZ_CLI_BILL_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "fenzhang.h"

/* Each prints the file at `path` to `out`, 0; or -1 with *error (FZ_CODE_CANCELLED where `out` takes no more: errno tells).
 */

/* csv.c: RFC 4180 with a header line. Values are as in the file, without the accent before each. */
int fz_bill_print_csv(enum fz_bill_kind kind, const char *path, FILE *out, fz_error **error);
/* json_lines.c: an object a line. Members are called as in fenzhang/bill_file.h, amounts in the smallest unit; "cells" has
 * the texts of the file by the names of its header line. */
int fz_bill_print_json_lines(enum fz_bill_kind kind, const char *path, FILE *out, fz_error **error);
/* table.c: for people, on standard output: the columns that matter of the first `most` lines, a page at a time if
 * `may_page`. */
int fz_bill_print_table(enum fz_bill_kind kind, const char *path, size_t most, bool may_page, fz_error **error);

#endif
