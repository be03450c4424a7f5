/* Reads records in CSV (RFC 4180): values in quotes may have commas, quotes and line ends in them. */
#include "reconcile/records/csv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK       "\xEF\xBB\xBF" /* byte-order mark */
#define SCAN_BYTES ((uint64_t)1 << 20)

/* Where the row ends: behind a line end that is in no quotes; NULL: it does not. */
static char *row_end(char *at, const char *end)
{
    char *stop = memchr(at, '\n', (size_t)(end - at));
    if (stop == NULL || memchr(at, '"', (size_t)(stop - at)) == NULL)
        return stop == NULL ? NULL : stop + 1;
    bool quoted = false;
    for (; at < end; at++) {
        quoted ^= *at == '"';
        if (*at == '\n' && !quoted)
            return at + 1;
    }
    return NULL;
}

/* ---- opening ---- */

/* Of the first line, which is all there is of a file whose lines end in CR alone. */
static enum fz_result check_text(const struct fz_input *input, const char *line, size_t size, struct fz_trouble *trouble)
{
    if (memchr(line, '\0', size) != NULL)
        return fz_trouble_say(trouble, "%s has zero bytes in its first line, as UTF-16 has. Save it as CSV in UTF-8.",
                              input->path);
    if (memchr(line, '\r', size) != NULL && memchr(line, '"', size) == NULL)
        return fz_trouble_say(trouble, "%s has lines that end in carriage returns alone. Save it with line feeds.",
                              input->path);
    return FZ_OK;
}

static enum fz_result read_header(struct fz_input *input, const struct fz_map *map, struct fz_mapping *said,
                                  struct fz_trouble *trouble)
{
    struct fz_block block = {0};
    struct fz_item_part names[FZ_CELLS_MAX];
    uint64_t part = input->end - input->begin < FZ_LINE_MAX ? input->end : input->begin + FZ_LINE_MAX;
    enum fz_result result = fz_input_read(input, input->begin, part, &block, trouble);
    if (result == FZ_OK && block.size == 0)
        result = fz_trouble_say(trouble, "%s is empty: its first line has to name the columns.", input->path);
    if (result == FZ_OK) {
        char *end = row_end(block.data, block.data + block.size);
        size_t size = (size_t)((end == NULL ? block.data + block.size : end) - block.data);
        input->lines_before = fz_lines_in(block.data, size);
        input->begin += size;
        while (size > 0 && (block.data[size - 1] == '\n' || block.data[size - 1] == '\r'))
            size--;
        result = check_text(input, block.data, size, trouble);
        size_t count = result != FZ_OK ? 0 : fz_cells_all(block.data, size, names, FZ_CELLS_MAX);
        fz_map_plan(map, names, count, &input->plan);
        if (said->text.size == 0)
            fz_map_write(map, &input->plan, names, &said->text);
        said->is_ours = said->is_ours && fz_map_is_ours(&input->plan, names);
    }
    free(block.data);
    return result;
}

static bool has_role(const struct fz_cell_plan *plan, enum fz_cell_role role)
{
    return memchr(plan->roles, (int)role, plan->count) != NULL;
}

static enum fz_result check_columns(const struct fz_input *input, struct fz_trouble *trouble)
{
    static const enum fz_cell_role numbers[] = {FZ_ROLE_OUT_REFUND_NO, FZ_ROLE_REFUND_ID,      FZ_ROLE_OUT_ORDER_NO,
                                                FZ_ROLE_DETAIL_ID,     FZ_ROLE_TRANSACTION_ID, FZ_ROLE_OUT_TRADE_NO};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (has_role(&input->plan, numbers[i]))
            return FZ_OK;
    return fz_trouble_say(trouble,
                          "%s has no column for the number of a refund, a slice or a payment that could be told. Name yours "
                          "in a map: --print-map "
                          "shows how, --map FILE takes it.",
                          input->path);
}

/* Where quotes are, a piece may only end where a row does: so they are followed through the file once. */
static enum fz_result cut_quoted(struct fz_inputs *inputs, size_t number, struct fz_trouble *trouble)
{
    struct fz_block block = {0};
    uint64_t end = inputs->list[number].end, from = inputs->list[number].begin, at = from;
    enum fz_result result = FZ_OK;
    bool quoted = false;
    while (result == FZ_OK && at < end) {
        uint64_t stop = end - at < inputs->piece_bytes ? end : at + inputs->piece_bytes;
        result = fz_input_read(&inputs->list[number], at, stop, &block, trouble);
        for (size_t i = 0; i < block.size; i++)
            quoted ^= block.data[i] == '"';
        at += block.size;
        if (result != FZ_OK || (quoted && at < end))
            continue;
        if (!fz_inputs_add_piece(inputs, number, from, at, trouble))
            result = FZ_FAILED;
        from = at;
    }
    free(block.data);
    return result;
}

static enum fz_result has_quotes(const struct fz_input *input, struct fz_trouble *trouble, bool *out)
{
    struct fz_block block = {0};
    enum fz_result result = FZ_OK;
    *out = false;
    for (uint64_t at = input->begin; result == FZ_OK && !*out && at < input->end;) {
        uint64_t stop = input->end - at < SCAN_BYTES ? input->end : at + SCAN_BYTES;
        result = fz_input_read(input, at, stop, &block, trouble);
        *out = memchr(block.data, '"', block.size) != NULL;
        at += block.size;
    }
    free(block.data);
    return result;
}

enum fz_result fz_csv_input(struct fz_inputs *inputs, const char *path, int file, const struct fz_map *map,
                            struct fz_mapping *said, struct fz_trouble *trouble)
{
    struct stat state;
    char mark[3];
    bool quoted = false;
    struct fz_input *input = fz_inputs_add(inputs, FZ_INPUT_RECORDS, path, trouble);
    if (input == NULL)
        return FZ_FAILED;
    input->file = file;
    if (fstat(input->file, &state) != 0)
        return fz_trouble_say(trouble, "%s could not be read.", path);
    input->end = (uint64_t)state.st_size;
    if (pread(input->file, mark, 3, 0) == 3 && memcmp(mark, MARK, 3) == 0)
        input->begin = 3;
    enum fz_result result = read_header(input, map, said, trouble);
    if (result == FZ_OK)
        result = check_columns(input, trouble);
    if (result == FZ_OK)
        result = has_quotes(input, trouble, &quoted);
    if (result == FZ_OK && quoted)
        return cut_quoted(inputs, inputs->count - 1, trouble);
    if (result == FZ_OK && !fz_inputs_cut(inputs, inputs->count - 1, trouble))
        result = FZ_FAILED;
    return result;
}

/* ---- rows ---- */

static enum fz_result put(struct fz_record_reading *records, size_t number, const struct fz_range *range, uint32_t line,
                          char *at, size_t size, struct fz_pen *pen)
{
    struct fz_inputs *inputs = records->reading->inputs;
    const struct fz_input *input = &inputs->list[inputs->pieces[number].input];
    struct fz_item_part cells[FZ_ROLES] = {0};
    if (fz_cells_find(&input->plan, at, size, cells) > input->plan.count)
        return fz_trouble_say(
            records->reading->trouble,
            "%s: the row \"%.60s\" has more cells than the header line. Put values with a comma into quotes.", input->path,
            at);
    enum fz_range_look look = range == NULL ? FZ_RANGE_IN : fz_range_look(range, cells);
    if (look != FZ_RANGE_IN)
        return look == FZ_RANGE_OUT ? FZ_OK : FZ_REFUSED;
    return fz_record_put(records, (uint32_t)number, line, cells, pen);
}

enum fz_result fz_csv_piece(struct fz_record_reading *records, size_t number, const struct fz_range *range,
                            struct fz_block *block, struct fz_pen *pen)
{
    struct fz_inputs *inputs = records->reading->inputs;
    struct fz_piece *piece = &inputs->pieces[number];
    enum fz_result result =
        fz_input_read(&inputs->list[piece->input], piece->begin, piece->end, block, records->reading->trouble);
    uint32_t line = 0;
    uint64_t before = pen->count;
    if (block->size == 0)
        return result;
    block->data[block->size] = '\0'; /* the block has room for it */
    for (char *at = block->data, *end = at + block->size; result == FZ_OK && at < end;) {
        char *next = row_end(at, end);
        next = next == NULL ? end : next;
        size_t size = (size_t)(next - at);
        uint32_t lines = memchr(at, '"', size) == NULL ? 1 : (uint32_t)fz_lines_in(at, size);
        while (size > 0 && (at[size - 1] == '\n' || at[size - 1] == '\r'))
            size--;
        if (size > 0)
            result = put(records, number, range, line, at, size, pen);
        line += lines;
        at = next;
    }
    if (result == FZ_OK)
        piece->lines = (uint64_t)line + 1;
    records->rows += pen->count - before;
    records->reading->done += piece->end - piece->begin;
    return result;
}
