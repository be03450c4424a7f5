/* A line of a bill file, taken apart, and what its cells say. For spec/bill alone. */
#ifndef FZ_SPEC_BILL_CELLS_H
#define FZ_SPEC_BILL_CELLS_H

#include "spec/bill/read.h"

struct fz_bill_cell {
    const char *text; /* within the line */
    size_t size;
    bool quoted; /* a quote in it stands twice */
};

struct fz_bill_cells {
    struct fz_bill_cell list[FZ_BILL_CELLS_MAX];
    size_t count;
};

/* FZ_MALFORMED: `*issue` is what is wrong with the cell behind the last of `out`. */
FZ_MUST_CHECK enum fz_result fz_bill_cells_find(const char *line, struct fz_bill_cells *out,
                                                const char **issue);

/* ---- values.c: false if a text says nothing of the kind ---- */

/* In units of the decimal `digits`: 1230 for 12.3 and 2. Further decimals have to be zeros. */
bool fz_bill_decimal_read(const char *text, size_t size, int digits, int64_t *out);
/* 60 for 0.60% */
bool fz_bill_percent_read(const char *text, size_t size, int64_t *out);
/* YYYY-MM-DD HH:MM:SS, Beijing */
bool fz_bill_time_read(const char *text, size_t size, int64_t *out_ms);

#endif
