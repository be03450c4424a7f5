/* Inputs that are sorted by the refunds' numbers, read window by window: nothing has to be put aside. */
#ifndef FZ_RECONCILE_WINDOWS_H
#define FZ_RECONCILE_WINDOWS_H

#include "reconcile/read/bill.h"

struct fz_window {
    struct fz_item_part from, to; /* `to` not included; its text NULL: to the end */
};

/* What a piece may have in it, if its input is sorted. */
struct fz_span {
    struct fz_item_part first;       /* its first number; its text NULL: none was seen yet, or there is none */
    struct fz_item_part least, most; /* borrowed from `first`s and `lasts` */
    bool is_known;                   /* it was read to its end, or to its first number */
};

struct fz_windows {
    enum fz_cell_role role;     /* the number by which all are sorted */
    struct fz_span *spans;      /* of each piece */
    struct fz_item_part *lasts; /* of each input: its last number */
    size_t pieces, inputs;      /* that these have */
    struct fz_window *list;
    size_t count; /* 0: the inputs are not sorted, or too small to care */
};

/* Looks at where each piece begins. The order is only assumed by it: reading finds out where it breaks. `bytes` is what a
 * window is to have about. */
FZ_MUST_CHECK enum fz_result fz_windows_plan(struct fz_windows *windows, struct fz_inputs *inputs, uint64_t bytes,
                                             unsigned threads, struct fz_trouble *trouble);
/* The first piece of an input that may have numbers of the window: those that have follow it. */
size_t fz_windows_first(const struct fz_windows *windows, const struct fz_inputs *inputs, size_t window, size_t input);
/* Whether a piece, and all behind it in its input, lie behind the window. */
bool fz_windows_is_behind(const struct fz_windows *windows, size_t window, size_t piece);
/* Whether a piece may have numbers of the window, and what it has to have. */
bool fz_windows_range(const struct fz_windows *windows, const struct fz_inputs *inputs, size_t window, size_t piece,
                      struct fz_range *out);
void fz_windows_done(struct fz_windows *windows);

#endif
