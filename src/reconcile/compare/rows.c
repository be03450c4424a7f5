/* Makes one of several rows of records that tell of the same refund. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "reconcile/compare/refund.h"

static void add_up(const struct fz_group *group, struct fz_rows *out)
{
    *out = (struct fz_rows){.has = 0xFF};
    for (size_t i = 0; i < group->record_count; i++) {
        const struct fz_item *row = group->records[i];
        out->has &= row->has;
        out->amount += row->amount;
        out->fee += row->fee;
        out->settlement += row->settlement;
    }
}

/* Doubles lie side by side then, as they came. */
static int by_double(const void *left, const void *right)
{
    const struct fz_item *a = *(const struct fz_item *const *)left, *b = *(const struct fz_item *const *)right;
    if (a->amount != b->amount)
        return a->amount < b->amount ? -1 : 1;
    int order = strcmp(fz_item_text(a, FZ_ITEM_SOURCE), fz_item_text(b, FZ_ITEM_SOURCE));
    if (order != 0)
        return order;
    return a->piece != b->piece ? (a->piece > b->piece) - (a->piece < b->piece) : (a->line > b->line) - (a->line < b->line);
}

static bool is_double(const struct fz_item *a, const struct fz_item *b)
{
    return a->amount == b->amount && strcmp(fz_item_text(a, FZ_ITEM_SOURCE), fz_item_text(b, FZ_ITEM_SOURCE)) == 0;
}

/* The sum of rows that are no double of one before them. Where a wrong column was taken for the number, all rows are one
 * refund's. False: memory is short. */
static bool add_up_once(const struct fz_group *group, struct fz_rows *out)
{
    const struct fz_item **rows = malloc(group->record_count * sizeof *rows);
    if (rows == NULL)
        return false;
    memcpy(rows, group->records, group->record_count * sizeof *rows);
    qsort(rows, group->record_count, sizeof *rows, by_double);
    *out = (struct fz_rows){.has = 0xFF};
    for (size_t i = 0; i < group->record_count; i++) {
        if (i > 0 && is_double(rows[i - 1], rows[i])) {
            out->is_doubled = true;
            continue;
        }
        out->has &= rows[i]->has;
        out->amount += rows[i]->amount;
        out->fee += rows[i]->fee;
        out->settlement += rows[i]->settlement;
    }
    free(rows);
    return true;
}

static void first_row(const struct fz_item *row, struct fz_rows *out)
{
    *out = (struct fz_rows){
        .has = row->has, .amount = row->amount, .fee = row->fee, .settlement = row->settlement, .is_doubled = true};
}

static bool has_whole_row(const struct fz_group *group, int64_t whole)
{
    for (size_t i = 0; i < group->record_count; i++)
        if (group->records[i]->amount == whole)
            return true;
    return false;
}

void fz_rows_of(const struct fz_group *group, bool has_whole, int64_t whole, struct fz_rows *out)
{
    add_up(group, out);
    if (group->record_count == 1 || (has_whole && out->amount == whole && (out->has & FZ_HAS_AMOUNT)))
        return;
    struct fz_rows once;
    if (has_whole && has_whole_row(group, whole))
        first_row(group->records[0], out);
    else if (add_up_once(group, &once) && once.is_doubled)
        *out = once;
    /* else parts that do not add up: their sum is compared */
}

enum fz_record_state fz_record_state(const struct fz_item *record)
{
    const char *status = fz_item_text(record, FZ_ITEM_STATUS);
    if (status[0] == '\0' || strcasecmp(status, "SUCCESS") == 0)
        return FZ_RECORD_SUCCESS;
    if (strcasecmp(status, "CLOSED") == 0 || strcasecmp(status, "REFUNDCLOSE") == 0)
        return FZ_RECORD_CLOSED;
    return strcasecmp(status, "PROCESSING") == 0 ? FZ_RECORD_PROCESSING : FZ_RECORD_OTHER;
}

bool fz_days_have(const struct fz_days *days, int day)
{
    return days->first <= day && day <= days->last;
}
