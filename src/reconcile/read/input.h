/* Input files, cut into pieces of whole lines which threads read side by side. */
#ifndef FZ_RECONCILE_READ_INPUT_H
#define FZ_RECONCILE_READ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reconcile/place/trouble.h"
#include "reconcile/read/cells.h"

enum fz_input_kind { FZ_INPUT_REFUNDS, FZ_INPUT_SLICES, FZ_INPUT_STATEMENT, FZ_INPUT_RECORDS };

#define FZ_LINE_MAX ((size_t)1 << 20)

struct fz_input_sums;

struct fz_input {
    enum fz_input_kind kind;
    const char *path;
    int file;              /* -1: what it is, is no file */
    uint64_t begin, end;   /* of its lines of data */
    bool has_mark;         /* the byte-order mark */
    bool has_other;        /* a block before the details whose columns are not known */
    uint64_t lines_before; /* header lines, and a summary that comes first */
    struct fz_cell_plan plan;
    size_t first_piece, piece_count;
    struct fz_input_sums *sums; /* of a bill, and what its summary says; NULL: it has none that is known */
};

struct fz_piece {
    uint32_t input;
    uint64_t begin, end;        /* lines that begin there are its own */
    uint64_t first_line;        /* of the file, from 1: worked out when somebody asks */
    atomic_uint_fast64_t lines; /* that it has, and 1; 0: nobody has counted them yet */
};

/* All inputs. */
struct fz_inputs {
    struct fz_input *list;
    size_t count;
    struct fz_piece *pieces;
    size_t piece_count, piece_capacity;
    pthread_mutex_t lock; /* of the rest */
    size_t numbered;      /* pieces whose first line is known */
    struct fz_trouble *trouble;
    uint64_t piece_bytes; /* what a piece has about */
};

/* The path's last part; of a server's address, which may have a password in it, its kind alone. */
const char *fz_input_name(const struct fz_input *input);
/* The whole path, in the same way. */
const char *fz_input_told(const struct fz_input *input);
/* Opens `path` for reading, unpacked if it is gzip, and copied if it cannot be read twice. The descriptor, or -1 after
 * trouble. */
int fz_input_open(const char *path, struct fz_trouble *trouble);

/* A growing list of inputs, and of pieces. NULL or false after trouble. */
struct fz_input *fz_inputs_add(struct fz_inputs *inputs, enum fz_input_kind kind, const char *path,
                               struct fz_trouble *trouble);
bool fz_inputs_cut(struct fz_inputs *inputs, size_t input, struct fz_trouble *trouble);
/* The same of a part of it, as one piece. */
bool fz_inputs_add_piece(struct fz_inputs *inputs, size_t input, uint64_t begin, uint64_t end, struct fz_trouble *trouble);
void fz_inputs_begin(struct fz_inputs *inputs, uint64_t piece_bytes, struct fz_trouble *trouble);
void fz_inputs_done(struct fz_inputs *inputs);
/* Where an item stands, from 1. Pieces before it that nobody has read are counted for it. */
uint64_t fz_inputs_line(struct fz_inputs *inputs, uint32_t piece, uint32_t line);
/* Line ends. */
uint64_t fz_lines_in(const char *data, size_t size);

/* The bytes of a file from `begin` to `end`, and on to the end of the line that stands there. */
struct fz_block {
    char *data;
    size_t size, capacity;
};
FZ_MUST_CHECK enum fz_result fz_input_read(const struct fz_input *input, uint64_t begin, uint64_t end,
                                           struct fz_block *block, struct fz_trouble *trouble);

#endif
