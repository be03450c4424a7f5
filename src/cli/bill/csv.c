/* Bills as CSV that any program reads (RFC 4180). */
#include <string.h>

#include "cli/bill/print.h"

struct printing {
    FILE *out;
    size_t lines;
};

static void print_cell(FILE *out, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, out);
        return;
    }
    putc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putc('"', out);
        putc(*text, out);
    }
    putc('"', out);
}

static void print_line(FILE *out, const char *const *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            putc(',', out);
        print_cell(out, cells[i]);
    }
    fputs("\r\n", out);
}

static int take(void *argument, const struct fz_bill_row *row)
{
    struct printing *printing = argument;
    if (row->part != FZ_BILL_DETAIL)
        return 0;
    if (printing->lines++ == 0)
        print_line(printing->out, row->names, row->count);
    print_line(printing->out, row->texts, row->count);
    return ferror(printing->out);
}

int fz_bill_print_csv(enum fz_bill_kind kind, const char *path, FILE *out, fz_error **error)
{
    struct printing printing = {.out = out};
    return fz_bill_read_file(kind, path, take, &printing, error);
}
