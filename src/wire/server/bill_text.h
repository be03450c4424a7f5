/* The text of bill files: UTF-8 with byte-order mark, CRLF, a grave accent before each data value (S-RBILL).
 * A buffer with room for a line, handed on in large blocks: a million lines in constant memory. */
#ifndef FZ_WIRE_SERVER_BILL_TEXT_H
#define FZ_WIRE_SERVER_BILL_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

/* Takes a block of finished text. Anything but FZ_OK ends the writing. */
typedef enum fz_result (*fz_block_sink)(void *argument, const void *data, size_t size);

struct fz_bill_writer {
    char *buffer;
    size_t size;
    fz_block_sink sink;
    void *argument;
    enum fz_result result; /* the first failure; later calls do nothing */
    int column;            /* of the line at hand */
};

/* Writes the byte-order mark. FZ_FAILED when memory is short. */
FZ_MUST_CHECK enum fz_result fz_bill_begin(struct fz_bill_writer *out, fz_block_sink sink, void *argument);

/* A cell of a header line: as it is, a comma between two. */
void fz_bill_column_name(struct fz_bill_writer *writer, const char *name);

/* Cells: a comma between two, a grave accent before each. A text is as it is but for its line ends, which
 * become blanks. */
void fz_bill_text(struct fz_bill_writer *writer, const char *value);
void fz_bill_int(struct fz_bill_writer *writer, int64_t value);
/* 12.30 for 1230; minus in front where negative. `digits`: the currency's own decimals, 0 to 3. At least two
 * are shown: 12.00 for 12 yen. */
void fz_bill_amount(struct fz_bill_writer *writer, int64_t amount, int digits);
/* The same of what is never above nothing: -12.30 for -1230, -0.00 for 0 (S-RBILL) */
void fz_bill_amount_back(struct fz_bill_writer *writer, int64_t amount, int digits);
/* 0.60% for 60 */
void fz_bill_percent(struct fz_bill_writer *writer, int64_t basis_points);
/* YYYY-MM-DD HH:MM:SS, Beijing */
void fz_bill_time(struct fz_bill_writer *writer, int64_t time_ms);
void fz_bill_line_end(struct fz_bill_writer *writer);

/* Hands on what is left; frees. The first failure, if any. */
FZ_MUST_CHECK enum fz_result fz_bill_end(struct fz_bill_writer *writer);

#endif
