/* Tells header lines from lines of data, and gives the latter out as rows. */
#include "client/bill/rows.h"

#include <stdio.h>
#include <string.h>

#define MARK "\xEF\xBB\xBF" /* byte-order mark */

static const struct fz_bill *const bills[] = {
    [FZ_BILL_REFUNDS] = &fz_refund_bill, [FZ_BILL_DISTRIBUTIONS] = &fz_distribution_bill, [FZ_BILL_STATEMENT] = &fz_trade_bill};
static const char *const words[] = {
    [FZ_BILL_REFUNDS] = "is no header line of a refund bill",
    [FZ_BILL_DISTRIBUTIONS] = "is no header line of a distribution bill",
    [FZ_BILL_STATEMENT] = "is no header line of a transaction statement"};

/* ---- errors ---- */

static const char *kept(fz_error *error, const char *text)
{
    return text == NULL ? NULL : fz_arena_copy(&error->arena, text, strlen(text));
}

fz_error *fz_bill_error(const struct fz_bill_fault *fault)
{
    char place[64], value[sizeof fault->value];
    fz_copy_clean(value, sizeof value, fault->value, strlen(fault->value), sizeof value);
    snprintf(place, sizeof place, fault->cell == 0 ? "line %zu" : "line %zu, cell %zu", fault->line, fault->cell);
    fz_error *error = fz_error_make(FZ_CODE_MALFORMED, FZ_OUTCOME_DONE, "The bill file is not to be relied on: %s%s%s%s%s%s%s %s.", place,
                                    fault->column == NULL ? "" : " (", fault->column == NULL ? "" : fault->column,
                                    fault->column == NULL ? "" : ")", value[0] == '\0' ? "" : ": \"", value,
                                    value[0] == '\0' ? "" : "\"", fault->issue);
    if (error->code == FZ_CODE_MEMORY)
        return error;
    error->arena.max = 4096;
    error->body.detail.location = kept(error, place);
    error->body.detail.field = kept(error, fault->column);
    error->body.detail.value = kept(error, fault->value);
    error->body.detail.issue = kept(error, fault->issue);
    return error;
}

static fz_error *refuse(const struct fz_bill_rows *rows, const char *issue)
{
    return fz_bill_error(&(struct fz_bill_fault){.line = rows->number, .issue = issue});
}

/* ---- header lines ---- */

/* Whether sums alone are wanted, and what they are made of can be picked. */
static bool begin_pick(struct fz_bill_rows *rows, enum fz_bill_part part)
{
    size_t offsets[FZ_BILL_SUMMED_MAX], count = fz_bill_sums_members(rows->kind, offsets);
    return rows->has_sums_alone && part == FZ_BILL_DETAIL &&
           fz_bill_pick_begin(&rows->pick, &rows->headings[part], offsets, count);
}

/* A line of the summary, for who asks for it later. */
static fz_error *keep_summary(struct fz_bill_rows *rows, const char *line, size_t size)
{
    if (!rows->has_sums_alone || rows->part != FZ_BILL_SUMMARY)
        return NULL;
    if (rows->summary.size == 0)
        rows->summary_line = rows->number;
    rows->summary.max = FZ_BILL_LINE_MAX;
    fz_text_add(&rows->summary, line, size);
    fz_text_string(&rows->summary, "\n");
    return rows->summary.failed ? fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_DONE, " ") : NULL;
}

static fz_error *begin_block(struct fz_bill_rows *rows, enum fz_bill_part part, const char *line, size_t size)
{
    struct fz_bill_fault fault;
    if (part != FZ_BILL_OTHER && rows->has_heading[part])
        return refuse(rows, "is a second header line of the same block");
    if (part != FZ_BILL_OTHER)
        rows->has_heading[part] = true;
    rows->part = part;
    rows->has_block = true;
    rows->has_accents = false;
    rows->has_pick = begin_pick(rows, part);
    fz_text_done(&rows->header);
    rows->header = (struct fz_text){.max = FZ_BILL_LINE_MAX};
    fz_text_add(&rows->header, line, size);
    if (rows->header.failed)
        return fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_DONE, " ");
    fz_error *error = keep_summary(rows, line, size);
    if (error != NULL)
        return error;
    return fz_bill_texts_read(rows->header.data, rows->number, rows->names, &rows->names_count, &fault) == FZ_OK ? NULL
                                                                                                             : fz_bill_error(&fault);
}

static size_t cells_of(const char *line, size_t size)
{
    size_t commas = 0;
    for (size_t i = 0; i < size; i++)
        commas += line[i] == ',';
    return commas + 1;
}

/* A header line of a block that is not known: the first line, or one that has no accent where lines of data have, and other
 * columns. Anything else would let a damaged line of data pass for one. */
static bool may_be_other(const struct fz_bill_rows *rows, const char *line, size_t size)
{
    return !rows->has_block ||
           (rows->has_accents && memchr(line, '`', size) == NULL && cells_of(line, size) != rows->names_count);
}

/* *is_header: it was one. Lines of data mostly begin with an accent, and header lines never. */
static fz_error *take_header(struct fz_bill_rows *rows, const char *line, size_t size, bool *is_header)
{
    struct fz_bill_fault fault;
    const struct fz_bill_block *blocks[] = {&rows->bill->details, &rows->bill->summary};
    *is_header = true;
    for (enum fz_bill_part part = FZ_BILL_DETAIL; part <= FZ_BILL_SUMMARY; part++) {
        struct fz_bill_heading heading;
        enum fz_result result = fz_bill_heading_read(blocks[part], line, rows->number, &heading, &fault);
        if (result == FZ_MALFORMED)
            return fz_bill_error(&fault);
        if (result != FZ_OK)
            continue;
        if (!rows->has_heading[part])
            rows->headings[part] = heading;
        return begin_block(rows, part, line, size);
    }
    if (may_be_other(rows, line, size))
        return begin_block(rows, FZ_BILL_OTHER, line, size);
    *is_header = false;
    return NULL;
}

/* ---- lines of data ---- */

static void point(const struct fz_bill_rows *rows, struct fz_bill_row *row)
{
    bool summary = rows->part == FZ_BILL_SUMMARY;
    switch (rows->kind) {
    case FZ_BILL_REFUNDS:
        row->refund = summary ? NULL : &rows->values.refund;
        row->refund_summary = summary ? &rows->values.refund_summary : NULL;
        break;
    case FZ_BILL_DISTRIBUTIONS:
        row->distribution = summary ? NULL : &rows->values.distribution;
        row->distribution_summary = summary ? &rows->values.distribution_summary : NULL;
        break;
    case FZ_BILL_STATEMENT:
        row->trade = summary ? NULL : &rows->values.trade;
        row->trade_summary = summary ? &rows->values.trade_summary : NULL;
        break;
    }
}

static fz_error *give(const struct fz_bill_rows *rows)
{
    struct fz_bill_row row = {.part = rows->part, .line = rows->number, .count = rows->names_count, .names = rows->names, .texts = rows->texts};
    if (rows->part != FZ_BILL_OTHER)
        point(rows, &row);
    if (rows->on_row == NULL || rows->on_row(rows->argument, &row) == 0)
        return NULL;
    return fz_error_make(FZ_CODE_CANCELLED, FZ_OUTCOME_DONE, "The bill was not read on behind line %zu: the program ended it.", rows->number);
}

static enum fz_result read_other(struct fz_bill_rows *rows, char *line, struct fz_bill_fault *fault)
{
    size_t count;
    enum fz_result result = fz_bill_texts_read(line, rows->number, rows->texts, &count, fault);
    if (result != FZ_OK || count == rows->names_count)
        return result;
    *fault = (struct fz_bill_fault){.line = rows->number, .issue = "has more or fewer cells than the header line"};
    return FZ_MALFORMED;
}

static fz_error *take_data(struct fz_bill_rows *rows, char *line)
{
    struct fz_bill_fault fault;
    enum fz_result result;
    if (!rows->has_block)
        return refuse(rows, words[rows->kind]);
    rows->has_accents = line[0] == '`';
    rows->details += rows->part == FZ_BILL_DETAIL;
    if (rows->part == FZ_BILL_OTHER)
        result = read_other(rows, line, &fault);
    else
        result = fz_bill_line_read(&rows->headings[rows->part], line, rows->number, &rows->values, rows->texts, &fault);
    if (result == FZ_OK && rows->part != FZ_BILL_OTHER)
        result = fz_bill_sums_add(&rows->sums, rows->kind, rows->part, &rows->values, rows->number, &fault);
    return result == FZ_OK ? give(rows) : fz_bill_error(&fault);
}

/* ---- lines ---- */

fz_error *fz_bill_rows_take(struct fz_bill_rows *rows, char *line, size_t size)
{
    bool is_header = false;
    fz_error *error = NULL;
    rows->number++;
    if (size > 0 && line[size - 1] == '\r')
        line[--size] = '\0';
    if (memchr(line, '\0', size) != NULL || memchr(line, '\r', size) != NULL)
        return refuse(rows, "has a line end, or a NUL, in a value");
    if (rows->number == 1 && size >= strlen(MARK) && memcmp(line, MARK, strlen(MARK)) == 0) {
        line += strlen(MARK);
        size -= strlen(MARK);
    }
    if (size == 0)
        return NULL;
    if (line[0] != '`')
        error = take_header(rows, line, size, &is_header);
    if (error == NULL && !is_header)
        error = keep_summary(rows, line, size);
    return error != NULL || is_header ? error : take_data(rows, line);
}

fz_error *fz_bill_rows_give_sums(struct fz_bill_rows *rows, fz_bill_on_row *on_row, void *argument)
{
    struct fz_bill_row row = {.part = FZ_BILL_SUMMARY};
    rows->part = FZ_BILL_SUMMARY;
    point(rows, &row);
    for (size_t i = 0; i < rows->sums.count; i++) {
        fz_bill_sums_write(&rows->sums, rows->kind, i, &rows->values);
        if (on_row(argument, &row) != 0)
            return fz_error_make(FZ_CODE_CANCELLED, FZ_OUTCOME_DONE, "The bill's sums were not all given: the program ended it.");
    }
    return NULL;
}

bool fz_bill_rows_take_sums(struct fz_bill_rows *rows, const char *line, size_t size)
{
    struct fz_bill_fault fault;
    if (!rows->has_pick || !fz_bill_pick_line(&rows->pick, line, size, &rows->values) ||
        fz_bill_sums_add(&rows->sums, rows->kind, rows->part, &rows->values, rows->number + 1, &fault) != FZ_OK)
        return false;
    rows->has_accents = true;
    rows->number++;
    rows->details++;
    return true;
}

fz_error *fz_bill_rows_end(const struct fz_bill_rows *rows)
{
    struct fz_bill_fault fault;
    if (!rows->has_heading[FZ_BILL_DETAIL])
        return fz_bill_error(&(struct fz_bill_fault){.line = 1, .issue = words[rows->kind]});
    if (rows->has_heading[FZ_BILL_SUMMARY] && fz_bill_sums_check(&rows->sums, rows->kind, rows->headings, &fault) != FZ_OK)
        return fz_bill_error(&fault);
    return NULL;
}

void fz_bill_rows_begin(struct fz_bill_rows *rows, enum fz_bill_kind kind, fz_bill_on_row *on_row, void *argument)
{
    rows->kind = kind;
    rows->bill = bills[kind];
    rows->on_row = on_row;
    rows->argument = argument;
}

void fz_bill_rows_done(struct fz_bill_rows *rows)
{
    fz_text_done(&rows->header);
    fz_text_done(&rows->summary);
}

const char *fz_bill_row_text(const struct fz_bill_row *row, const char *name)
{
    for (size_t i = 0; i < row->count; i++)
        if (strcmp(row->names[i], name) == 0)
            return row->texts[i];
    return NULL;
}
