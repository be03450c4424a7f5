/* Writes lines of bill files: cell by cell, in the order of the columns. */
#include "spec/server/bill_line.h"

#include <string.h>

#include "base/currency.h"

#define CNY_DIGITS 2

void fz_bill_heading_write(struct fz_bill_writer *writer, const struct fz_bill_block *block)
{
    for (const struct fz_column *column = block->columns; column->name != NULL; column++)
        fz_bill_column_name(writer, column->name);
    fz_bill_line_end(writer);
}

/* Decimals of an amount's currency. `*last` is that of the amount before it, which as a rule is the same. */
static int digits_of(struct fz_bill_writer *writer, const struct fz_column *column, const void *line,
                     const struct fz_currency **last)
{
    const char *const *code = fz_cell_currency(column, line);
    if (code == NULL || *code == NULL) /* what has no currency is nothing: 0.00 */
        return CNY_DIGITS;
    if (*last != NULL && strcmp((*last)->code, *code) == 0)
        return (*last)->digits;
    *last = fz_currency_find(*code);
    if (*last != NULL)
        return (*last)->digits;
    writer->result = FZ_FAILED;
    return 0;
}

static void write_text(struct fz_bill_writer *writer, const char *text)
{
    fz_bill_text(writer, text == NULL ? "" : text);
}

static void write_rate(struct fz_bill_writer *writer, int64_t rate)
{
    if (rate == 0)
        fz_bill_text(writer, "");
    else
        fz_bill_int(writer, rate);
}

void fz_bill_line_write(struct fz_bill_writer *writer, const struct fz_bill_block *block, const void *line)
{
    const struct fz_currency *last = NULL;
    for (const struct fz_column *column = block->columns; column->name != NULL; column++) {
        const void *slot = fz_cell_slot(column, line);
        switch (column->kind) {
        case FZ_CELL_TEXT:
            write_text(writer, *(const char *const *)slot);
            break;
        case FZ_CELL_TIME:
            fz_bill_time(writer, ((const struct fz_timestamp *)slot)->ms);
            break;
        case FZ_CELL_COUNT:
            fz_bill_int(writer, *(const int64_t *)slot);
            break;
        case FZ_CELL_RATE:
            write_rate(writer, *(const int64_t *)slot);
            break;
        case FZ_CELL_PERCENT:
            fz_bill_percent(writer, *(const int64_t *)slot);
            break;
        case FZ_CELL_AMOUNT:
            fz_bill_amount(writer, *(const int64_t *)slot, digits_of(writer, column, line, &last));
            break;
        case FZ_CELL_BACK:
            fz_bill_amount_back(writer, *(const int64_t *)slot, digits_of(writer, column, line, &last));
            break;
        }
    }
    fz_bill_line_end(writer);
}
