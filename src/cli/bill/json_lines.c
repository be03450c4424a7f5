/* Bills as JSON lines. */
#include "base/calendar.h"
#include "cli/bill/columns.h"
#include "cli/bill/print.h"
#include "wire/json_text.h"

#define LINE_MAX (8 << 20) /* bytes: a line of a bill has at most a million, and an escape is six times its byte */

struct printing {
    FILE *out;
    enum fz_bill_kind kind;
    struct fz_json json;
};

static void add_text(struct fz_json *json, const char *name, const char *text)
{
    if (text == NULL)
        fz_json_null(json, name);
    else
        fz_json_string(json, name, text);
}

static void add_time(struct fz_json *json, const char *name, const struct fz_timestamp *time)
{
    char text[FZ_TIME_SIZE];
    if (time->text != NULL)
        fz_format_time(text, time->ms);
    add_text(json, name, time->text == NULL ? NULL : text);
}

static void add_members(struct fz_json *json, const struct fz_bill_column *column, const void *line)
{
    for (; column->name != NULL; column++)
        switch (column->kind) {
        case FZ_BILL_TEXT:
            add_text(json, column->name, fz_bill_text_in(column, line));
            break;
        case FZ_BILL_TIME:
            add_time(json, column->name, fz_bill_time_in(column, line));
            break;
        case FZ_BILL_NUMBER:
            fz_json_integer(json, column->name, fz_bill_number_in(column, line));
            break;
        }
}

/* Header lines are the service's: their names are escaped like any value. */
static void add_cells(struct fz_json *json, const struct fz_bill_row *row)
{
    fz_json_object(json, "cells");
    for (size_t i = 0; i < row->count; i++) {
        fz_json_string(json, NULL, row->names[i]);
        fz_text_string(&json->text, ":");
        json->follows = false;
        fz_json_string(json, NULL, row->texts[i]);
    }
    fz_json_end_object(json);
}

static int take(void *argument, const struct fz_bill_row *row)
{
    struct printing *printing = argument;
    const void *line = fz_bill_row_line(row);
    if (line == NULL)
        return 0;
    printing->json.text.size = 0;
    printing->json.follows = false;
    fz_json_object(&printing->json, NULL);
    add_members(&printing->json, fz_bill_columns[printing->kind], line);
    add_cells(&printing->json, row);
    fz_json_end_object(&printing->json);
    fz_text_string(&printing->json.text, "\n");
    if (printing->json.text.failed)
        return -1;
    return fwrite(printing->json.text.data, 1, printing->json.text.size, printing->out) != printing->json.text.size;
}

int fz_bill_print_json_lines(enum fz_bill_kind kind, const char *path, FILE *out, fz_error **error)
{
    struct printing printing = {.out = out, .kind = kind, .json.text.max = LINE_MAX};
    int result = fz_bill_read_file(kind, path, take, &printing, error);
    fz_text_done(&printing.json.text);
    return result;
}
