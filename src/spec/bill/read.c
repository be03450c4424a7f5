/* Reads lines of bill files into their structs. */
#include "spec/bill/read.h"

#include <string.h>

#include "base/currency.h"
#include "base/text.h"
#include "spec/bill/cells.h"

#define CNY_DIGITS 2

/* A line being read. */
struct reading {
    const struct fz_bill_heading *heading;
    size_t number;
    struct fz_bill_cells cells;
    struct fz_bill_fault *fault;
};

static enum fz_result refuse(const struct reading *reading, size_t cell, const char *column,
                             const char *issue)
{
    struct fz_bill_fault *fault = reading->fault;
    *fault = (struct fz_bill_fault){
        .line = reading->number, .cell = cell + 1, .column = column, .issue = issue};
    if (cell < reading->cells.count)
        fz_copy_part(fault->value, sizeof fault->value, reading->cells.list[cell].text,
                     reading->cells.list[cell].size);
    return FZ_MALFORMED;
}

/* The name of a cell's column, if it has one that is known. */
static const char *name_of(const struct fz_bill_heading *heading, size_t cell)
{
    const struct fz_column *column =
        heading != NULL && cell < heading->count ? heading->columns[cell] : NULL;
    return column == NULL ? NULL : column->name;
}

static enum fz_result find_cells(struct reading *reading, const char *line)
{
    const char *issue;
    enum fz_result result = fz_bill_cells_find(line, &reading->cells, &issue);
    size_t broken = reading->cells.count;
    return result == FZ_OK ? FZ_OK : refuse(reading, broken, name_of(reading->heading, broken), issue);
}

/* ---- the header line ---- */

static const struct fz_column *column_of(const struct fz_bill_block *block, const struct fz_bill_cell *cell)
{
    for (const struct fz_column *column = block->columns; column->name != NULL; column++)
        if (strlen(column->name) == cell->size && memcmp(column->name, cell->text, cell->size) == 0)
            return column;
    return NULL;
}

/* A column twice would be read twice into the same place. */
static enum fz_result check_once(const struct reading *reading, const struct fz_bill_heading *heading)
{
    for (size_t i = 0; i < heading->count; i++)
        for (size_t j = 0; j < i; j++)
            if (heading->columns[i] != NULL && heading->columns[i] == heading->columns[j])
                return refuse(reading, i, heading->columns[i]->name, "is there twice");
    return FZ_OK;
}

/* Columns that are new may be anywhere, so a header line is told by most of its names: a line of data has
 * none, and the other block's header line at most one that is the same. */
enum fz_result fz_bill_heading_read(const struct fz_bill_block *block, const char *line, size_t number,
                                    struct fz_bill_heading *out, struct fz_bill_fault *fault)
{
    struct reading reading = {.number = number, .fault = fault};
    struct fz_bill_heading heading = {.block = block};
    size_t known = 0;
    enum fz_result result = find_cells(&reading, line);
    if (result != FZ_OK)
        return result;
    for (; heading.count < reading.cells.count; heading.count++) {
        const struct fz_column *column = column_of(block, &reading.cells.list[heading.count]);
        heading.columns[heading.count] = column;
        known += column != NULL;
    }
    if (2 * known <= heading.count)
        return FZ_ABSENT;
    result = check_once(&reading, &heading);
    if (result == FZ_OK)
        *out = heading;
    return result;
}

/* ---- a line of data ---- */

static enum fz_result check_count(const struct reading *reading)
{
    size_t count = reading->cells.count, wanted = reading->heading->count;
    if (count == wanted)
        return FZ_OK;
    return count < wanted ? refuse(reading, count, name_of(reading->heading, count), "is missing")
                          : refuse(reading, wanted, NULL, "is one more than the header line has");
}

/* Ends the cell's text where it ends; of two quotes one is left. */
static void terminate(char *line, struct fz_bill_cell *cell)
{
    char *text = line + (cell->text - line), *to = text;
    for (size_t i = 0; cell->quoted && i < cell->size; i++) {
        *to++ = text[i];
        i += text[i] == '"';
    }
    if (cell->quoted)
        cell->size = (size_t)(to - text);
    text[cell->size] = '\0';
}

static void terminate_all(struct reading *reading, char *line, const char **texts)
{
    for (size_t i = 0; i < reading->cells.count; i++) {
        terminate(line, &reading->cells.list[i]);
        if (texts != NULL)
            texts[i] = reading->cells.list[i].text;
    }
}

enum fz_result fz_bill_texts_read(char *line, size_t number, const char **texts, size_t *count,
                                  struct fz_bill_fault *fault)
{
    struct reading reading = {.number = number, .fault = fault};
    enum fz_result result = find_cells(&reading, line);
    if (result == FZ_OK)
        terminate_all(&reading, line, texts);
    *count = reading.cells.count;
    return result;
}

/* Decimals of the amount's currency; -1: none is named that is known. Texts have been read by now. */
static int digits_of(const struct fz_column *column, const void *line)
{
    const char *const *code = fz_cell_currency(column, line);
    if (code == NULL)
        return CNY_DIGITS;
    const struct fz_currency *currency = *code == NULL ? NULL : fz_currency_find(*code);
    return currency == NULL ? -1 : currency->digits;
}

/* What is wrong with it; NULL: nothing. Nothing is nothing in every currency. */
static const char *read_amount(const struct fz_column *column, const struct fz_bill_cell *cell, void *line)
{
    int64_t *out = fz_cell_slot(column, line);
    int digits = digits_of(column, line);
    if (!fz_bill_decimal_read(cell->text, cell->size, digits < 0 ? 0 : digits, out))
        return digits < 0 ? "is in no currency that is known" : "is no amount of its currency";
    return digits < 0 && *out != 0 ? "is in no currency that is known" : NULL;
}

static const char *read_time(const struct fz_bill_cell *cell, struct fz_timestamp *out)
{
    out->text = cell->text;
    return fz_bill_time_read(cell->text, cell->size, &out->ms) ? NULL : "is no time";
}

static const char *read_value(const struct fz_column *column, const struct fz_bill_cell *cell, void *line)
{
    void *slot = fz_cell_slot(column, line);
    switch (column->kind) {
    case FZ_CELL_TEXT:
        *(const char **)slot = cell->text;
        return NULL;
    case FZ_CELL_TIME:
        return read_time(cell, slot);
    case FZ_CELL_COUNT:
    case FZ_CELL_RATE:
        return fz_bill_decimal_read(cell->text, cell->size, 0, slot) ? NULL : "is no whole number";
    case FZ_CELL_PERCENT:
        return fz_bill_percent_read(cell->text, cell->size, slot) ? NULL : "is no percentage";
    case FZ_CELL_AMOUNT:
    case FZ_CELL_BACK:
        return read_amount(column, cell, line);
    }
    __builtin_unreachable();
}

/* Reads the cells that are texts, or else all others. */
static enum fz_result read_cells(struct reading *reading, bool texts, void *out)
{
    for (size_t i = 0; i < reading->cells.count; i++) {
        const struct fz_column *column = reading->heading->columns[i];
        const struct fz_bill_cell *cell = &reading->cells.list[i];
        if (column == NULL || cell->size == 0 || (column->kind == FZ_CELL_TEXT) != texts)
            continue;
        const char *issue = read_value(column, cell, out);
        if (issue != NULL)
            return refuse(reading, i, column->name, issue);
    }
    return FZ_OK;
}

/* An amount may stand before its currency: so texts are first. */
enum fz_result fz_bill_line_read(const struct fz_bill_heading *heading, char *line, size_t number,
                                 void *out, const char **texts, struct fz_bill_fault *fault)
{
    struct reading reading = {.heading = heading, .number = number, .fault = fault};
    enum fz_result result = find_cells(&reading, line);
    if (result == FZ_OK)
        result = check_count(&reading);
    if (result != FZ_OK)
        return result;
    terminate_all(&reading, line, texts);
    memset(out, 0, heading->block->size);
    result = read_cells(&reading, true, out);
    return result == FZ_OK ? read_cells(&reading, false, out) : result;
}
