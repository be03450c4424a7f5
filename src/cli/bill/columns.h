/* The members of a bill's lines by name: what JSON lines and database tables call them. */
#ifndef FZ_CLI_BILL_COLUMNS_H
#define FZ_CLI_BILL_COLUMNS_H

#include "fenzhang.h"

enum fz_bill_column_kind {
    FZ_BILL_TEXT,  /* const char *; NULL: the file leaves it empty */
    FZ_BILL_TIME,  /* struct fz_timestamp */
    FZ_BILL_NUMBER /* int64_t: amounts in the smallest unit of their currency */
};

struct fz_bill_column {
    const char *name; /* of the member */
    enum fz_bill_column_kind kind;
    size_t offset;
};

/* Of a kind's lines of details, in the order of the file; NULL-name-ended. */
extern const struct fz_bill_column *const fz_bill_columns[];
/* The struct that they are members of; NULL: the row is none of details. */
const void *fz_bill_row_line(const struct fz_bill_row *row);

static inline const char *fz_bill_text_in(const struct fz_bill_column *column, const void *line)
{
    return *(const char *const *)(const void *)((const char *)line + column->offset);
}
static inline const struct fz_timestamp *fz_bill_time_in(const struct fz_bill_column *column, const void *line)
{
    return (const struct fz_timestamp *)(const void *)((const char *)line + column->offset);
}
static inline int64_t fz_bill_number_in(const struct fz_bill_column *column, const void *line)
{
    return *(const int64_t *)(const void *)((const char *)line + column->offset);
}

#endif
