/* Cuts sorted inputs into windows by the numbers at which their pieces begin. */
#include "reconcile/windows.h"

#include <stdlib.h>
#include <string.h>

#include "reconcile/place/crew.h"

#define SAMPLE_BYTES ((uint64_t)4 << 10)

/* What threads look at pieces with. */
struct look {
    struct fz_windows *windows;
    struct fz_inputs *inputs;
    struct fz_trouble *trouble;
    bool is_whole; /* not only at their beginnings */
};

static bool has_refunds(const struct fz_inputs *inputs, size_t piece)
{
    return inputs->list[inputs->pieces[piece].input].kind != FZ_INPUT_SLICES;
}

/* ---- numbers in pieces ---- */

/* The first number in the block, or the last; its text NULL: none. */
static struct fz_item_part number_in(const struct fz_input *input, struct fz_block *block, enum fz_cell_role role,
                                     bool is_last)
{
    struct fz_item_part found = {0};
    char *at = block->data, *end = block->data + block->size;
    while (at < end && (is_last || found.text == NULL)) {
        struct fz_item_part cells[FZ_ROLES] = {0};
        char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((stop == NULL ? end : stop) - at);
        size -= size > 0 && at[size - 1] == '\r';
        if (size > 0)
            (void)fz_cells_find(&input->plan, at, size, cells);
        if (cells[role].size > 0)
            found = cells[role];
        at = stop == NULL ? end : stop + 1;
    }
    return found;
}

static enum fz_result keep(struct fz_item_part found, struct fz_item_part *out, struct fz_trouble *trouble)
{
    *out = (struct fz_item_part){0};
    if (found.text == NULL)
        return FZ_OK;
    char *copy = malloc(found.size + 1); /* whatever it has in it: it is refused when its line is taken apart */
    if (copy == NULL)
        return fz_trouble_memory(trouble);
    memcpy(copy, found.text, found.size);
    *out = (struct fz_item_part){copy, found.size};
    return FZ_OK;
}

/* What has no number is read to its end, once and for all: its lines are counted by the way. */
static enum fz_result look_at(void *argument, void *own, size_t number)
{
    struct look *look = argument;
    struct fz_span *span = &look->windows->spans[number];
    struct fz_piece *piece = &look->inputs->pieces[number];
    const struct fz_input *input = &look->inputs->list[piece->input];
    struct fz_block *block = own;
    if (!has_refunds(look->inputs, number) || span->is_known)
        return FZ_OK;
    bool is_part = !look->is_whole && piece->end - piece->begin > SAMPLE_BYTES;
    enum fz_result result =
        fz_input_read(input, piece->begin, is_part ? piece->begin + SAMPLE_BYTES : piece->end, block, look->trouble);
    if (result == FZ_OK)
        result = keep(number_in(input, block, look->windows->role, false), &span->first, look->trouble);
    span->is_known = span->first.text != NULL || !is_part;
    if (result == FZ_OK && span->first.text == NULL && !is_part)
        piece->lines = fz_lines_in(block->data, block->size) + 1;
    return result;
}

static void *begin_look(void *argument)
{
    struct look *look = argument;
    struct fz_block *block = calloc(1, sizeof *block);
    if (block == NULL)
        (void)fz_trouble_memory(look->trouble);
    return block;
}

static void end_look(void *argument, void *own)
{
    struct fz_block *block = own;
    (void)argument;
    free(block->data);
    free(block);
}

static enum fz_result look_at_all(struct look *look, bool is_whole, unsigned threads)
{
    struct fz_crew_work work = {begin_look, look_at, end_look, look};
    look->is_whole = is_whole;
    return fz_crew_do(&work, look->inputs->piece_count, threads, look->trouble);
}

/* The last number of each input: in the last piece that has any. */
static enum fz_result find_lasts(const struct look *look)
{
    struct fz_block block = {0};
    enum fz_result result = FZ_OK;
    for (size_t i = look->inputs->piece_count; i-- > 0 && result == FZ_OK;) {
        const struct fz_piece *piece = &look->inputs->pieces[i];
        const struct fz_input *input = &look->inputs->list[piece->input];
        struct fz_item_part *last = &look->windows->lasts[piece->input];
        if (look->windows->spans[i].first.text == NULL || last->text != NULL)
            continue;
        result = fz_input_read(input, piece->begin, piece->end, &block, look->trouble);
        if (result == FZ_OK)
            result = keep(number_in(input, &block, look->windows->role, true), last, look->trouble);
    }
    free(block.data);
    return result;
}

/* ---- order ---- */

static bool is_sorted(const struct fz_windows *windows, const struct fz_inputs *inputs)
{
    const struct fz_item_part *before = NULL;
    for (size_t i = 0; i < inputs->piece_count; i++) {
        const struct fz_item_part *first = &windows->spans[i].first;
        if (i > 0 && inputs->pieces[i].input != inputs->pieces[i - 1].input)
            before = NULL;
        if (before != NULL && first->text != NULL && fz_key_order(*before, *first) > 0)
            return false;
        before = first->text == NULL ? before : first;
    }
    return true;
}

/* Then each piece is in the window of its first number, and what is out of order in it is met there. */
static bool is_each_span_sound(const struct fz_windows *windows, const struct fz_inputs *inputs)
{
    for (size_t i = 0; i < inputs->piece_count; i++) {
        const struct fz_span *span = &windows->spans[i];
        if (span->first.text != NULL && span->most.text != NULL && fz_key_order(span->first, span->most) > 0)
            return false;
    }
    return true;
}

/* From the numbers at the beginnings of pieces: what lies within each. */
static void find_spans(struct fz_windows *windows, const struct fz_inputs *inputs)
{
    for (size_t i = 0; i < inputs->piece_count; i++) {
        struct fz_span *span = &windows->spans[i];
        span->least = span->first;
    }
    for (size_t i = inputs->piece_count; i-- > 0;) {
        bool is_last = i + 1 == inputs->piece_count || inputs->pieces[i].input != inputs->pieces[i + 1].input;
        struct fz_span *next = &windows->spans[i + 1];
        windows->spans[i].most = is_last                    ? windows->lasts[inputs->pieces[i].input]
                                 : next->first.text != NULL ? next->first
                                                            : next->most;
    }
}

/* Distribution bills have no refunds, and what is not cut into pieces is in no order that could be seen. */
static bool may_be_sorted(const struct fz_inputs *inputs, enum fz_cell_role role)
{
    bool may = inputs->count > 0;
    for (size_t i = 0; i < inputs->count; i++)
        if (inputs->list[i].kind != FZ_INPUT_SLICES)
            may = may && memchr(inputs->list[i].plan.roles, (int)role, inputs->list[i].plan.count) != NULL;
    return may;
}

/* ---- windows ---- */

static int by_key(const void *left, const void *right)
{
    return fz_key_order(*(const struct fz_item_part *)left, *(const struct fz_item_part *)right);
}

/* A window ends where so many pieces more have begun. */
static enum fz_result cut(struct fz_windows *windows, const struct fz_inputs *inputs, size_t pieces,
                          struct fz_trouble *trouble)
{
    struct fz_item_part *keys = malloc((inputs->piece_count + 1) * sizeof *keys);
    size_t count = 0;
    windows->list = malloc((inputs->piece_count / pieces + 2) * sizeof *windows->list);
    if (keys == NULL || windows->list == NULL) {
        free(keys);
        return fz_trouble_memory(trouble);
    }
    for (size_t i = 0; i < inputs->piece_count; i++)
        if (windows->spans[i].first.text != NULL)
            keys[count++] = windows->spans[i].first;
    qsort(keys, count, sizeof *keys, by_key);
    struct fz_item_part from = {"", 0};
    for (size_t i = pieces; i < count; i += pieces)
        if (fz_key_order(keys[i], from) > 0) {
            windows->list[windows->count++] = (struct fz_window){from, keys[i]};
            from = keys[i];
        }
    windows->list[windows->count++] = (struct fz_window){from, {0}};
    free(keys);
    return FZ_OK;
}

bool fz_windows_is_behind(const struct fz_windows *windows, size_t number, size_t piece)
{
    const struct fz_window *window = &windows->list[number];
    const struct fz_span *span = &windows->spans[piece];
    return span->first.text != NULL && window->to.text != NULL && fz_key_order(span->first, window->to) >= 0;
}

/* Windows of many inputs that all begin anew would read most pieces twice: then it is not worth it. */
static bool is_worth_it(const struct fz_windows *windows, const struct fz_inputs *inputs)
{
    size_t reads = 0, pieces = 0;
    struct fz_range range;
    for (size_t piece = 0; piece < inputs->piece_count; piece++)
        pieces += windows->spans[piece].first.text != NULL;
    for (size_t window = 0; window < windows->count; window++)
        for (size_t input = 0; input < inputs->count; input++)
            for (size_t piece = fz_windows_first(windows, inputs, window, input);
                 piece < inputs->list[input].first_piece + inputs->list[input].piece_count &&
                 !fz_windows_is_behind(windows, window, piece);
                 piece++)
                reads += fz_windows_range(windows, inputs, window, piece, &range);
    return windows->count > 1 && 10 * reads <= 15 * pieces;
}

void fz_windows_done(struct fz_windows *windows)
{
    for (size_t i = 0; i < windows->pieces; i++)
        free((char *)(uintptr_t)windows->spans[i].first.text);
    for (size_t i = 0; i < windows->inputs; i++)
        free((char *)(uintptr_t)windows->lasts[i].text);
    free(windows->spans);
    free(windows->lasts);
    free(windows->list);
    *windows = (struct fz_windows){0};
}

static enum fz_result plan_by(struct fz_windows *windows, struct fz_inputs *inputs, uint64_t bytes, unsigned threads,
                              struct fz_trouble *trouble)
{
    struct look look = {windows, inputs, trouble, false};
    windows->spans = calloc(inputs->piece_count + 1, sizeof *windows->spans);
    windows->lasts = calloc(inputs->count + 1, sizeof *windows->lasts);
    if (windows->spans == NULL || windows->lasts == NULL)
        return fz_trouble_memory(trouble);
    windows->pieces = inputs->piece_count;
    windows->inputs = inputs->count;
    enum fz_result result = look_at_all(&look, false, threads);
    if (result != FZ_OK || !is_sorted(windows, inputs))
        return result;
    result = look_at_all(&look, true, threads);
    if (result != FZ_OK || !is_sorted(windows, inputs))
        return result;
    result = find_lasts(&look);
    find_spans(windows, inputs);
    if (result != FZ_OK || !is_each_span_sound(windows, inputs))
        return result;
    return cut(windows, inputs, bytes / inputs->piece_bytes + 1, trouble);
}

enum fz_result fz_windows_plan(struct fz_windows *windows, struct fz_inputs *inputs, uint64_t bytes, unsigned threads,
                               struct fz_trouble *trouble)
{
    static const enum fz_cell_role roles[] = {FZ_ROLE_REFUND_ID, FZ_ROLE_OUT_REFUND_NO};
    enum fz_result result = FZ_OK;
    *windows = (struct fz_windows){0};
    for (size_t i = 0; i < 2 && result == FZ_OK && windows->count == 0; i++) {
        if (!may_be_sorted(inputs, roles[i]))
            continue;
        windows->role = roles[i];
        result = plan_by(windows, inputs, bytes, threads, trouble);
        if (result != FZ_OK || windows->count == 0 || !is_worth_it(windows, inputs))
            fz_windows_done(windows);
    }
    return result;
}

size_t fz_windows_first(const struct fz_windows *windows, const struct fz_inputs *inputs, size_t number, size_t input)
{
    const struct fz_item_part from = windows->list[number].from;
    size_t first = inputs->list[input].first_piece, count = inputs->list[input].piece_count;
    while (count > 0) {
        size_t half = count / 2;
        const struct fz_item_part most = windows->spans[first + half].most;
        bool is_before = most.text != NULL && fz_key_order(most, from) < 0;
        first = is_before ? first + half + 1 : first;
        count = is_before ? count - half - 1 : half;
    }
    return first;
}

bool fz_windows_range(const struct fz_windows *windows, const struct fz_inputs *inputs, size_t number, size_t piece,
                      struct fz_range *out)
{
    const struct fz_window *window = &windows->list[number];
    const struct fz_span *span = &windows->spans[piece];
    if (span->first.text == NULL)
        return false;
    *out = (struct fz_range){.role = windows->role,
                             .from = window->from,
                             .to = window->to,
                             .least = span->least,
                             .most = span->most,
                             .may_lack = inputs->list[inputs->pieces[piece].input].kind == FZ_INPUT_STATEMENT};
    return (window->to.text == NULL || fz_key_order(out->least, window->to) < 0) &&
           (out->most.text == NULL || fz_key_order(out->most, window->from) >= 0);
}
