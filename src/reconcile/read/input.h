/* Input files, cut into pieces of whole lines which threads read side by side. */
#ifndef FZ_RECONCILE_READ_INPUT_H
#define FZ_RECONCILE_READ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reconcile/place/trouble.h"
#include "reconcile/read/cells.h"

enum fz_input_kind { FZ_INPUT_REFUNDS, FZ_INPUT_SLICES, FZ_INPUT_STATEMENT, FZ_INPUT_RECORDS };

#define FZ_PIECE_BYTES ((uint64_t)4 << 20)
#define FZ_LINE_MAX    ((size_t)1 << 20)

struct fz_input {
    enum fz_input_kind kind;
    const char *path;
    int file; /* -1: what it is, is no file */
    uint64_t begin, end;  /* of its lines of data */
    uint64_t lines_before; /* header lines, and a summary that comes first */
    struct fz_cell_plan plan;
};

struct fz_piece {
    uint32_t input;
    uint64_t begin, end; /* lines that begin there are its own */
    uint64_t first_line; /* of the file, from 1: known when those before it were read */
    uint64_t lines;      /* that it had */
};

/* All inputs. */
struct fz_inputs {
    struct fz_input *list;
    size_t count;
    struct fz_piece *pieces;
    size_t piece_count;
};

/* The path's last part. */
const char *fz_input_name(const struct fz_input *input);
/* Opens `path` for reading, unpacked if it is gzip, and copied if it cannot be read twice. The descriptor, or -1 after trouble. */
int fz_input_open(const char *path, struct fz_trouble *trouble);

/* A growing list of inputs, and of pieces. NULL or false after trouble. */
struct fz_input *fz_inputs_add(struct fz_inputs *inputs, enum fz_input_kind kind, const char *path, struct fz_trouble *trouble);
bool fz_inputs_cut(struct fz_inputs *inputs, size_t input, uint64_t piece_bytes, struct fz_trouble *trouble);
void fz_inputs_done(struct fz_inputs *inputs);
/* Once all pieces were read: at which line each begins. */
void fz_inputs_number(struct fz_inputs *inputs);
/* Where an item stands, from 1. */
uint64_t fz_inputs_line(const struct fz_inputs *inputs, uint32_t piece, uint32_t line);

/* The bytes of a file from `begin` to `end`, and on to the end of the line that stands there. */
struct fz_block {
    char *data;
    size_t size, capacity;
};
FZ_MUST_CHECK enum fz_result fz_input_read(const struct fz_input *input, uint64_t begin, uint64_t end, struct fz_block *block,
                                           struct fz_trouble *trouble);

#endif
