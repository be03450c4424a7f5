/* Takes a line of a bill file apart, in whichever way it is put together. */
#include "spec/bill/cells.h"

#include <string.h>

#define MARK "\xEF\xBB\xBF" /* byte-order mark */

/* What is left of a line. */
struct rest {
    const char *at, *end;
};

static struct rest whole(const char *line)
{
    if (strncmp(line, MARK, strlen(MARK)) == 0)
        line += strlen(MARK);
    return (struct rest){line, line + strcspn(line, "\r\n")};
}

/* A comma in a value is not escaped, and no value's end: what ends it is a comma with an accent behind it. */
static struct fz_bill_cell accented(struct rest *rest)
{
    const char *text = rest->at + 1, *end = text;
    while (end < rest->end && !(end[0] == ',' && end[1] == '`'))
        end++;
    rest->at = end + 1;
    return (struct fz_bill_cell){.text = text, .size = (size_t)(end - text)};
}

static struct fz_bill_cell plain(struct rest *rest)
{
    const char *text = rest->at, *comma = memchr(text, ',', (size_t)(rest->end - text));
    const char *end = comma == NULL ? rest->end : comma;
    rest->at = end + 1;
    return (struct fz_bill_cell){.text = text, .size = (size_t)(end - text)};
}

/* NULL in `text`: no comma stands behind the closing quote, or there is none. */
static struct fz_bill_cell quoted(struct rest *rest)
{
    const char *text = rest->at + 1, *end = text;
    while (end < rest->end && (end[0] != '"' || end[1] == '"'))
        end += end[0] == '"' ? 2 : 1;
    if (end >= rest->end || (end + 1 != rest->end && end[1] != ','))
        return (struct fz_bill_cell){.text = NULL};
    rest->at = end + 2;
    return (struct fz_bill_cell){.text = text, .size = (size_t)(end - text), .quoted = true};
}

/* An accent that a table program has put into quotes. */
static void pass_accent(struct fz_bill_cell *cell)
{
    if (cell->size > 0 && cell->text[0] == '`') {
        cell->text++;
        cell->size--;
    }
}

static struct fz_bill_cell unaccented(struct rest *rest)
{
    struct fz_bill_cell cell = rest->at < rest->end && rest->at[0] == '"' ? quoted(rest) : plain(rest);
    pass_accent(&cell);
    return cell;
}

enum fz_result fz_bill_cells_find(const char *line, struct fz_bill_cells *out, const char **issue)
{
    struct rest rest = whole(line);
    bool has_accents = rest.at[0] == '`';
    out->count = 0;
    while (rest.at <= rest.end) { /* behind a last comma is one more, which is empty */
        struct fz_bill_cell cell = has_accents ? accented(&rest) : unaccented(&rest);
        if (cell.text == NULL || out->count == FZ_BILL_CELLS_MAX) {
            *issue = cell.text == NULL ? "has no closing quote with a comma behind it" : "is one too many";
            return FZ_MALFORMED;
        }
        out->list[out->count++] = cell;
    }
    return FZ_OK;
}
