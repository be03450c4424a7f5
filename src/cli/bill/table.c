/* Bills as people read them: the columns that matter, one below the other. */
#include <string.h>

#include "cli/bill/columns.h"
#include "cli/bill/print.h"
#include "cli/output/table.h"
#include "cli/output/value.h"

#define COLUMNS_MAX 10

/* A column: what stands above it, the member, and of an amount the member with its currency ("": CNY). */
struct shown {
    const char *title, *member, *currency;
};

static const struct shown refunds[] = {{"arrived", "success_time", NULL},
                                       {"out_refund_no", "out_refund_no", NULL},
                                       {"transaction_id", "transaction_id", NULL},
                                       {"source", "source", NULL},
                                       {"amount", "source_amount", ""},
                                       {"fee", "source_fee", ""},
                                       {"settled", "settlement", "settlement_currency"},
                                       {0}};
static const struct shown shares[] = {{"accepted", "create_time", NULL},
                                      {"out_order_no", "out_order_no", NULL},
                                      {"transaction_id", "transaction_id", NULL},
                                      {"receiver", "receiver_account", NULL},
                                      {"amount", "amount", "currency"},
                                      {"settled", "settlement_amount", "settlement_currency"},
                                      {"what", "business_type", NULL},
                                      {0}};
static const struct shown statement[] = {{"time", "time", NULL},
                                         {"what", "trade_state", NULL},
                                         {"out_trade_no", "out_trade_no", NULL},
                                         {"out_refund_no", "out_refund_no", NULL},
                                         {"paid", "amount", "currency"},
                                         {"refunded", "refund", "currency"},
                                         {"fee", "fee", "settlement_currency"},
                                         {"refund is", "refund_status", NULL},
                                         {0}};
static const struct shown *const tables[] = {
    [FZ_BILL_REFUNDS] = refunds, [FZ_BILL_DISTRIBUTIONS] = shares, [FZ_BILL_STATEMENT] = statement};

struct printing {
    enum fz_bill_kind kind;
    struct fz_table *table;
    size_t lines, most;
};

/* ---- a cell ---- */

static const struct fz_bill_column *column_of(enum fz_bill_kind kind, const char *member)
{
    const struct fz_bill_column *column = fz_bill_columns[kind];
    while (strcmp(column->name, member) != 0)
        column++;
    return column;
}

static void write_amount(char out[FZ_VALUE_SIZE], const struct printing *printing, const struct shown *shown, int64_t amount,
                         const void *line)
{
    const char *currency =
        shown->currency[0] == '\0' ? "CNY" : fz_bill_text_in(column_of(printing->kind, shown->currency), line);
    if (amount == 0)
        out[0] = '\0';
    else
        fz_amount_write(out, amount, currency == NULL ? "" : currency);
}

/* In `room`, or the line's own. */
static const char *cell_of(const struct printing *printing, const struct shown *shown, const void *line,
                           char room[FZ_VALUE_SIZE])
{
    const struct fz_bill_column *column = column_of(printing->kind, shown->member);
    const char *text = NULL;
    if (column->kind == FZ_BILL_NUMBER)
        write_amount(room, printing, shown, fz_bill_number_in(column, line), line);
    else
        text = column->kind == FZ_BILL_TIME ? fz_bill_time_in(column, line)->text : fz_bill_text_in(column, line);
    return column->kind == FZ_BILL_NUMBER ? room : text == NULL ? "" : text;
}

/* ---- the table ---- */

static int take(void *argument, const struct fz_bill_row *row)
{
    struct printing *printing = argument;
    const struct shown *shown = tables[printing->kind];
    const void *line = fz_bill_row_line(row);
    const char *cells[COLUMNS_MAX];
    char rooms[COLUMNS_MAX][FZ_VALUE_SIZE];
    if (line == NULL || printing->lines++ >= printing->most)
        return 0;
    for (size_t i = 0; shown[i].title != NULL; i++)
        cells[i] = cell_of(printing, &shown[i], line, rooms[i]);
    fz_table_add(printing->table, cells);
    return 0;
}

int fz_bill_print_table(enum fz_bill_kind kind, const char *path, size_t most, bool may_page, fz_error **error)
{
    struct fz_column columns[COLUMNS_MAX];
    size_t count = 0;
    for (const struct shown *shown = tables[kind]; shown->title != NULL; shown++)
        columns[count++] = (struct fz_column){shown->title, shown->currency != NULL};
    struct printing printing = {.kind = kind, .most = most, .table = fz_table_new(columns, count, false)};
    int result = fz_bill_read_file(kind, path, take, &printing, error);
    if (result == 0)
        fz_table_print(printing.table, may_page);
    if (result == 0 && printing.lines > most)
        fprintf(stderr, "fenzhang: these are the first %zu lines of %zu: --format csv prints all.\n", most, printing.lines);
    fz_table_free(printing.table);
    return result;
}
