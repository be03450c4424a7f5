/* Takes lines apart. */
#include "reconcile/read/cells.h"

#include <string.h>

static void give(const struct fz_cell_plan *plan, size_t number, struct fz_item_part cell, struct fz_item_part *out)
{
    if (number < plan->count && plan->roles[number] != FZ_ROLE_NONE)
        out[plan->roles[number]] = cell;
}

static size_t accented(const struct fz_cell_plan *plan, const char *at, const char *end, struct fz_item_part *out)
{
    size_t count = 0;
    for (;;) {
        const char *from = at + 1, *next = from;
        do
            next = memchr(next, '`', (size_t)(end - next));
        while (next != NULL && next[-1] != ',' && ++next);
        give(plan, count++, (struct fz_item_part){from, (size_t)((next == NULL ? end : next - 1) - from)}, out);
        if (next == NULL)
            return count;
        at = next;
    }
}

/* Behind the opening quote; *at is then behind the closing one. */
static struct fz_item_part quoted(char **at, const char *end)
{
    char *from = *at, *to = from, *next = from;
    for (; next < end; next++) {
        if (*next == '"' && (next + 1 == end || next[1] != '"'))
            break;
        next += *next == '"';
        *to++ = *next;
    }
    *at = next < end ? next + 1 : next;
    return (struct fz_item_part){from, (size_t)(to - from)};
}

static struct fz_item_part next_plain(char **at, const char *end)
{
    struct fz_item_part cell;
    if (*at < end && **at == '"') {
        (*at)++;
        cell = quoted(at, end);
    } else {
        char *comma = memchr(*at, ',', (size_t)(end - *at));
        cell = (struct fz_item_part){*at, (size_t)((comma == NULL ? end : comma) - *at)};
        *at += cell.size;
    }
    if (cell.size > 0 && cell.text[0] == '`') /* some cells of a line may have one that lost the others to a spreadsheet */
        cell = (struct fz_item_part){cell.text + 1, cell.size - 1};
    return cell;
}

static size_t plain(const struct fz_cell_plan *plan, char *at, const char *end, struct fz_item_part *out)
{
    size_t count = 0;
    for (;;) {
        give(plan, count++, next_plain(&at, end), out);
        if (at >= end)
            return count;
        at++;
        if (at == end) { /* behind a last comma is one more, which is empty */
            give(plan, count++, (struct fz_item_part){at, 0}, out);
            return count;
        }
    }
}

size_t fz_cells_find(const struct fz_cell_plan *plan, char *line, size_t size, struct fz_item_part out[FZ_ROLES])
{
    return size > 0 && line[0] == '`' ? accented(plan, line, line + size, out) : plain(plan, line, line + size, out);
}

size_t fz_cells_all(char *line, size_t size, struct fz_item_part *out, size_t max)
{
    char *at = line;
    const char *end = line + size;
    size_t count = 0;
    while (count < max) {
        out[count++] = next_plain(&at, end);
        if (at >= end)
            break;
        at++;
    }
    return count;
}
