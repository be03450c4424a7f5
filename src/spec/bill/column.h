/* A column of a bill's file: one row says how the header line calls it, how its cells are written, and which
 * part of a struct they are. The server writes files by these rows, a client reads them, and the documents
 * are held to them; no column's name stands anywhere else. */
#ifndef FZ_SPEC_BILL_COLUMN_H
#define FZ_SPEC_BILL_COLUMN_H

#include "spec/row/member.h"

enum fz_cell {
    FZ_CELL_TEXT,    /* const char *; NULL: empty */
    FZ_CELL_TIME,    /* struct fz_timestamp; YYYY-MM-DD HH:MM:SS, Beijing */
    FZ_CELL_COUNT,   /* int64_t */
    FZ_CELL_RATE,    /* int64_t: an exchange rate x 10^8; 0: empty */
    FZ_CELL_PERCENT, /* int64_t: a fee rate, 60 for 0.60% */
    FZ_CELL_AMOUNT,  /* int64_t, in the smallest unit of its currency; 12.30 for 1230 */
    FZ_CELL_BACK     /* the same of what is never above zero, whose zero is -0.00 (S-RBILL) */
};

struct fz_column {
    const char *name; /* as the header line has it */
    enum fz_cell kind;
    size_t offset;
    size_t currency; /* of an amount: 1 + the offset of the text that names its currency; 0: it is CNY */
    const char *meaning;
};

/* A block of a file: a header line and lines of data. */
struct fz_bill_block {
    const struct fz_column *columns; /* in the order of the file; NULL-name-ended */
    size_t size;                     /* of the struct that is a line */
};

/* A kind of file. */
struct fz_bill {
    struct fz_bill_block details, summary;
};

/* ---- writing rows ----
 * `of` is the name of a struct and `which` one of its members: a row for a member of another type does not
 * compile. */

#define FZ_COLUMN_OF(of, which, type, its_kind, its_name, said)                                              \
    .name = its_name, .kind = FZ_TYPE_IS(of, which, type, its_kind), .offset = offsetof(struct of, which),   \
    .meaning = said

#define FZ_TEXT_COLUMN(of, which, name, said)                                                                \
    {FZ_COLUMN_OF(of, which, const char *, FZ_CELL_TEXT, name, said)}
#define FZ_TIME_COLUMN(of, which, name, said)                                                                \
    {FZ_COLUMN_OF(of, which, struct fz_timestamp, FZ_CELL_TIME, name, said)}
#define FZ_COUNT_COLUMN(of, which, name, said)                                                               \
    {FZ_COLUMN_OF(of, which, int64_t, FZ_CELL_COUNT, name, said)}
#define FZ_RATE_COLUMN(of, which, name, said)                                                                \
    {FZ_COLUMN_OF(of, which, int64_t, FZ_CELL_RATE, name, said)}
#define FZ_PERCENT_COLUMN(of, which, name, said)                                                             \
    {FZ_COLUMN_OF(of, which, int64_t, FZ_CELL_PERCENT, name, said)}
#define FZ_CNY_COLUMN(of, which, name, said)                                                                 \
    {FZ_COLUMN_OF(of, which, int64_t, FZ_CELL_AMOUNT, name, said)}
#define FZ_CNY_BACK_COLUMN(of, which, name, said)                                                            \
    {FZ_COLUMN_OF(of, which, int64_t, FZ_CELL_BACK, name, said)}
/* In the currency that the struct's text `in` names. */
#define FZ_CURRENCY_IN(of, in) .currency = FZ_TYPE_IS(of, in, const char *, 1 + offsetof(struct of, in))
#define FZ_AMOUNT_COLUMN(of, which, in, name, said)                                                          \
    {FZ_COLUMN_OF(of, which, int64_t, FZ_CELL_AMOUNT, name, said), FZ_CURRENCY_IN(of, in)}
#define FZ_BACK_COLUMN(of, which, in, name, said)                                                            \
    {FZ_COLUMN_OF(of, which, int64_t, FZ_CELL_BACK, name, said), FZ_CURRENCY_IN(of, in)}

#define FZ_BLOCK(type) {type##_columns, sizeof(struct type)}

/* ---- a column's part of a struct ---- */

static inline void *fz_cell_slot(const struct fz_column *column, const void *line)
{
    return (char *)(uintptr_t)line + column->offset;
}

/* The text that names an amount's currency; NULL: it is CNY. */
static inline const char *const *fz_cell_currency(const struct fz_column *column, const void *line)
{
    if (column->currency == 0)
        return NULL;
    const void *slot = (const char *)line + column->currency - 1;
    return slot;
}

#endif
