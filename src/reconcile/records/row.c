/* Reads the values of a row of records. */
#include "reconcile/records/row.h"

#include <stdio.h>
#include <string.h>

#include "reconcile/read/values.h"

struct row {
    struct fz_record_reading *records;
    const struct fz_item_part *cells;
    struct fz_draft draft;
    char own_no[FZ_ITEM_TEXT_MAX + 1];
    const char *issue;
    enum fz_cell_role at;
};

static bool fail(struct row *row, enum fz_cell_role at, const char *issue)
{
    row->at = at;
    row->issue = issue;
    return false;
}

static bool text(struct row *row, enum fz_item_text which, enum fz_cell_role role)
{
    row->draft.texts[which] = row->cells[role];
    if (row->cells[role].size > FZ_ITEM_TEXT_MAX)
        return fail(row, role, "is longer than any number");
    return row->cells[role].size == 0 || memchr(row->cells[role].text, '\0', row->cells[role].size) == NULL ||
           fail(row, role, "has a zero byte in it");
}

static bool currency(struct row *row, enum fz_cell_role role, char out[4])
{
    return row->cells[role].size == 0 || fz_value_currency(row->cells[role], out) ||
           fail(row, role, "is no currency such as CNY");
}

/* 20.00 is an amount in yuan, not 20 fen; 2000.0 is how databases write a whole number. */
static bool has_cents(struct fz_item_part cell)
{
    const char *point = memchr(cell.text, '.', cell.size);
    return point != NULL && cell.text + cell.size - point > 2;
}

/* An empty cell is not compared. */
static bool amount(struct row *row, enum fz_cell_role role, const char code[4], uint8_t has, int64_t *out)
{
    if (row->cells[role].size == 0)
        return true;
    bool decimal = row->records->map->decimal;
    int digits = !decimal ? 0 : code[0] == '\0' ? 2 : fz_value_digits(code);
    if (digits < 0)
        return fail(row, role, "is in no currency that is known");
    row->draft.item.has |= has;
    return ((decimal || !has_cents(row->cells[role])) && fz_value_amount(row->cells[role], digits, out)) ||
           fail(row, role,
                decimal
                    ? "is no amount of its currency"
                    : "is no whole number of the smallest unit (if amounts are decimals, say amounts = decimal in a --map)");
}

static bool time_of(struct row *row, enum fz_cell_role role, uint8_t has, int64_t *out_ms, int *own_day)
{
    struct fz_written_time read;
    if (row->cells[role].size == 0)
        return true;
    if (!fz_value_time(row->cells[role], row->records->map->offset_minutes, &read))
        return fail(row, role, "is no time such as 2026-01-05T10:00:00+08:00");
    row->draft.item.has |= has;
    *out_ms = read.ms;
    *own_day = row->records->day_of != NULL ? row->records->day_of(read.ms) : read.own_day;
    return true;
}

static bool times(struct row *row)
{
    struct fz_item *item = &row->draft.item;
    return time_of(row, FZ_ROLE_CREATE_TIME, FZ_HAS_CREATED, &item->create_ms, &item->own_day) &&
           time_of(row, FZ_ROLE_SUCCESS_TIME, FZ_HAS_SUCCESS, &item->success_ms, &item->own_day);
}

static bool numbers(struct row *row)
{
    const struct fz_item_part *cells = row->cells;
    struct fz_item *item = &row->draft.item;
    item->side = FZ_SIDE_RECORD;
    if (cells[FZ_ROLE_OUT_REFUND_NO].size > 0 || cells[FZ_ROLE_REFUND_ID].size > 0) {
        item->family = FZ_FAMILY_REFUND;
        return text(row, FZ_ITEM_OWN_NO, FZ_ROLE_OUT_REFUND_NO) && text(row, FZ_ITEM_PLATFORM_NO, FZ_ROLE_REFUND_ID);
    }
    if (cells[FZ_ROLE_OUT_ORDER_NO].size > 0 || cells[FZ_ROLE_DETAIL_ID].size > 0) {
        item->family = FZ_FAMILY_SLICE;
        int size = cells[FZ_ROLE_OUT_ORDER_NO].size == 0
                       ? 0
                       : snprintf(row->own_no, sizeof row->own_no, "%.*s/%.*s", (int)cells[FZ_ROLE_OUT_ORDER_NO].size,
                                  cells[FZ_ROLE_OUT_ORDER_NO].text, (int)cells[FZ_ROLE_RECEIVER].size,
                                  cells[FZ_ROLE_RECEIVER].size == 0 ? "" : cells[FZ_ROLE_RECEIVER].text);
        if (size > FZ_ITEM_TEXT_MAX)
            return fail(row, FZ_ROLE_OUT_ORDER_NO, "is longer than any number");
        row->draft.texts[FZ_ITEM_OWN_NO] = (struct fz_item_part){row->own_no, (size_t)size};
        return text(row, FZ_ITEM_PLATFORM_NO, FZ_ROLE_DETAIL_ID);
    }
    item->family = FZ_FAMILY_PAYMENT;
    if (cells[FZ_ROLE_TRANSACTION_ID].size == 0 && cells[FZ_ROLE_OUT_TRADE_NO].size == 0)
        return fail(row, FZ_ROLE_OUT_REFUND_NO, "is missing, and there is no other number either");
    return text(row, FZ_ITEM_OWN_NO, FZ_ROLE_OUT_TRADE_NO) && text(row, FZ_ITEM_PLATFORM_NO, FZ_ROLE_TRANSACTION_ID);
}

/* The fee that a refund gives back is below zero in bills; records have it so or so. */
static bool money(struct row *row)
{
    struct fz_item *item = &row->draft.item;
    bool good = currency(row, FZ_ROLE_CURRENCY, item->currency) &&
                currency(row, FZ_ROLE_SETTLEMENT_CURRENCY, item->settlement_currency) &&
                amount(row, FZ_ROLE_AMOUNT, item->currency, FZ_HAS_AMOUNT, &item->amount) &&
                amount(row, FZ_ROLE_FEE, "CNY", FZ_HAS_FEE, &item->fee) &&
                amount(row, FZ_ROLE_SETTLEMENT, item->settlement_currency, FZ_HAS_SETTLEMENT, &item->settlement);
    if (item->fee > 0 && item->family == FZ_FAMILY_REFUND)
        item->fee = -item->fee;
    return good;
}

static bool take(struct row *row)
{
    return numbers(row) && text(row, FZ_ITEM_TRANSACTION_ID, FZ_ROLE_TRANSACTION_ID) &&
           text(row, FZ_ITEM_SUB_MCHID, FZ_ROLE_SUB_MCHID) && text(row, FZ_ITEM_STATUS, FZ_ROLE_STATUS) &&
           text(row, FZ_ITEM_SOURCE, row->draft.item.family == FZ_FAMILY_SLICE ? FZ_ROLE_RECEIVER : FZ_ROLE_SOURCE) &&
           money(row) && times(row);
}

static enum fz_result refuse(const struct row *row, uint32_t piece, uint32_t line)
{
    const struct fz_inputs *inputs = row->records->reading->inputs;
    const struct fz_piece *of = &inputs->pieces[piece];
    const struct fz_item_part value = row->cells[row->at];
    bool is_first = piece == 0 || of->input != of[-1].input;
    return fz_trouble_say(row->records->reading->trouble, "%s, %s %llu, %s: \"%.*s\" %s.", fz_input_told(&inputs->list[of->input]),
                          is_first ? "line" : "a line some way behind line",
                          (unsigned long long)(inputs->list[of->input].lines_before + 1 + line), fz_cell_role_name(row->at),
                          (int)(value.size < 64 ? value.size : 64), value.size == 0 ? "" : value.text, row->issue);
}

enum fz_result fz_record_put(struct fz_record_reading *records, uint32_t piece, uint32_t line,
                             const struct fz_item_part cells[FZ_ROLES], struct fz_pen *pen)
{
    struct row row = {.records = records, .cells = cells};
    row.draft.item.piece = piece;
    row.draft.item.line = line;
    if (!take(&row))
        return refuse(&row, piece, line);
    row.draft.texts[FZ_ITEM_STATUS] = fz_map_status(records->map, row.draft.texts[FZ_ITEM_STATUS]);
    if (!(records->families & 1U << row.draft.item.family)) /* a look costs nothing; a change would be felt by all threads */
        atomic_fetch_or(&records->families, 1U << row.draft.item.family);
    fz_reading_place(records->reading, &row.draft);
    return fz_pen_put(pen, &row.draft);
}
