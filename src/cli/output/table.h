/* Tables on standard output: a line a row under a line of titles, or, where that is wider than the terminal, a line a value.
 */
#ifndef FZ_CLI_OUTPUT_TABLE_H
#define FZ_CLI_OUTPUT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct fz_column {
    const char *title;
    bool is_number; /* amounts and counts: at the right */
};

struct fz_table;
/* `columns` (`count` of them) are borrowed. `is_record`: a line a value in any case, for what is one thing and not a list.
 * Ends the program when memory is short, as all of these do. */
struct fz_table *fz_table_new(const struct fz_column *columns, size_t count, bool is_record);
/* A row: a text a column; NULL: nothing stands there. Copied; what would do something to a terminal is taken out. */
void fz_table_add(struct fz_table *table, const char *const texts[]);
/* Prints it, through a pager if it is long and `may_page`. Columns that have nothing are left out. */
void fz_table_print(const struct fz_table *table, bool may_page);
/* The same into a text: `width` columns, 0: any number; `title` and `plain` stand around titles. */
void fz_table_write(const struct fz_table *table, size_t width, const char *title, const char *plain, struct fz_text *out);
void fz_table_free(struct fz_table *table);

#endif
