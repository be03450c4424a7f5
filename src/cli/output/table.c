/* Tables. */
#include "cli/output/table.h"

#include <err.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command/command.h"
#include "cli/output/page.h"
#include "cli/output/screen.h"

#define TABLE_MAX ((size_t)1 << 30)
#define GAP       2 /* between columns */

struct cell {
    char *text;
    size_t width;
};

struct fz_table {
    const struct fz_column *columns;
    size_t count;
    bool is_record;
    struct cell *cells; /* row after row */
    size_t rows, room;
};

static void *must(void *memory)
{
    if (memory == NULL)
        err(FZ_EXIT_TROUBLE, "the table could not be made");
    return memory;
}

struct fz_table *fz_table_new(const struct fz_column *columns, size_t count, bool is_record)
{
    struct fz_table *table = must(calloc(1, sizeof *table));
    *table = (struct fz_table){.columns = columns, .count = count, .is_record = is_record};
    return table;
}

void fz_table_free(struct fz_table *table)
{
    for (size_t i = 0; table != NULL && i < table->rows * table->count; i++)
        free(table->cells[i].text);
    if (table != NULL)
        free(table->cells);
    free(table);
}

/* ---- rows ---- */

/* Control characters become '?', also those above 127 (C2 80 to C2 9F): a value must not move the cursor. */
static char *clean(const char *text)
{
    char *copy = must(strdup(text)), *to = copy;
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        bool is_high = at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0;
        *to++ = (char)(is_high || *at < 0x20 || *at == 0x7f ? '?' : *at);
        at += is_high;
    }
    *to = '\0';
    return copy;
}

void fz_table_add(struct fz_table *table, const char *const texts[])
{
    if (table->rows == table->room) {
        table->room = table->room == 0 ? 16 : 2 * table->room;
        table->cells = must(reallocarray(table->cells, table->room * table->count, sizeof *table->cells));
    }
    struct cell *cells = &table->cells[table->rows++ * table->count];
    for (size_t i = 0; i < table->count; i++) {
        char *text = clean(texts[i] == NULL ? "" : texts[i]);
        cells[i] = (struct cell){text, fz_text_width(text, strlen(text))};
    }
}

/* ---- a line a row ---- */

static size_t title_width(const struct fz_table *table, size_t column)
{
    return strlen(table->columns[column].title);
}

/* Of the widest value, 0 where none has any; else at least that of the title. */
static size_t column_width(const struct fz_table *table, size_t column)
{
    size_t width = 0;
    for (size_t row = 0; row < table->rows; row++)
        if (table->cells[row * table->count + column].width > width)
            width = table->cells[row * table->count + column].width;
    return width > 0 && title_width(table, column) > width ? title_width(table, column) : width;
}

static void pad(struct fz_text *out, size_t count)
{
    while (count-- > 0)
        fz_text_string(out, " ");
}

/* A line of cells, each in its width; what is left open before one is made up when it comes, so that no line ends in blanks.
 * Columns of no width are left out. */
static void write_line(const struct fz_table *table, const struct cell *cells, const size_t widths[], struct fz_text *out)
{
    size_t open = 0;
    for (size_t i = 0; i < table->count; i++) {
        size_t lead = table->columns[i].is_number ? widths[i] - cells[i].width : 0;
        if (cells[i].width > 0) {
            pad(out, open + lead);
            fz_text_string(out, cells[i].text);
            open = 0;
            lead = table->columns[i].is_number ? 0 : widths[i] - cells[i].width;
        } else {
            lead = widths[i];
        }
        open += lead + (widths[i] > 0 ? GAP : 0);
    }
}

static void write_rows(const struct fz_table *table, const size_t widths[], const char *title, const char *plain,
                       struct fz_text *out)
{
    struct cell *titles = must(calloc(table->count, sizeof *titles));
    for (size_t i = 0; i < table->count; i++)
        if (widths[i] > 0)
            titles[i] = (struct cell){(char *)(uintptr_t)table->columns[i].title, title_width(table, i)};
    fz_text_string(out, title);
    write_line(table, titles, widths, out);
    fz_text_string(out, plain);
    fz_text_string(out, "\n");
    for (size_t row = 0; row < table->rows; row++) {
        write_line(table, &table->cells[row * table->count], widths, out);
        fz_text_string(out, "\n");
    }
    free(titles);
}

/* ---- a line a value ---- */

/* What is wider than the terminal goes on in the next line. */
static void write_folded(struct fz_text *out, const char *text, size_t indent, size_t width)
{
    size_t size = strlen(text), room = width > indent + 8 ? width - indent : SIZE_MAX;
    for (;;) {
        size_t fits = fz_text_fitting(text, size, room);
        pad(out, indent);
        fz_text_add(out, text, fits == 0 ? size : fits);
        fz_text_string(out, "\n");
        if (fits == 0 || fits == size)
            return;
        text += fits;
        size -= fits;
    }
}

/* Numbers of one record end in one column. */
static size_t widest_number(const struct fz_table *table, const struct cell *cells)
{
    size_t width = 0;
    for (size_t i = 0; i < table->count; i++)
        if (table->columns[i].is_number && cells[i].width > width)
            width = cells[i].width;
    return width;
}

static void write_record(const struct fz_table *table, const struct cell *cells, size_t titles, size_t width,
                         const char *title, const char *plain, struct fz_text *out)
{
    size_t numbers = widest_number(table, cells);
    for (size_t i = 0; i < table->count; i++) {
        if (cells[i].width == 0)
            continue;
        size_t lead = table->columns[i].is_number ? numbers - cells[i].width : 0;
        bool fits = width == 0 || titles + GAP + lead + cells[i].width <= width;
        fz_text_format(out, "%s%s%s", title, table->columns[i].title, plain);
        if (fits) {
            pad(out, titles - title_width(table, i) + GAP + lead);
            fz_text_format(out, "%s\n", cells[i].text);
        } else {
            fz_text_string(out, "\n");
            write_folded(out, cells[i].text, GAP, width);
        }
    }
}

static void write_records(const struct fz_table *table, const size_t widths[], size_t width, const char *title,
                          const char *plain, struct fz_text *out)
{
    size_t titles = 0;
    for (size_t i = 0; i < table->count; i++)
        if (widths[i] > 0 && title_width(table, i) > titles)
            titles = title_width(table, i);
    for (size_t row = 0; row < table->rows; row++) {
        if (row > 0)
            fz_text_string(out, "\n");
        write_record(table, &table->cells[row * table->count], titles, width, title, plain, out);
    }
}

/* ---- all of it ---- */

void fz_table_write(const struct fz_table *table, size_t width, const char *title, const char *plain, struct fz_text *out)
{
    size_t *widths = must(calloc(table->count, sizeof *widths)), total = 0;
    for (size_t i = 0; i < table->count; i++) {
        widths[i] = column_width(table, i);
        total += widths[i] + (total == 0 || widths[i] == 0 ? 0 : GAP);
    }
    if (table->is_record || (width > 0 && total > width))
        write_records(table, widths, width, title, plain, out);
    else
        write_rows(table, widths, title, plain, out);
    free(widths);
}

void fz_table_print(const struct fz_table *table, bool may_page)
{
    FZ_CLEANUP(fz_text_done) struct fz_text text = {.max = TABLE_MAX};
    fz_table_write(table, (size_t)fz_screen_columns(stdout), fz_colour(stdout, FZ_COLOUR_BOLD),
                   fz_colour(stdout, FZ_COLOUR_NONE), &text);
    if (text.failed)
        err(FZ_EXIT_TROUBLE, "the table could not be made");
    if (text.size > 0)
        fz_page(text.data, text.size, may_page);
}
