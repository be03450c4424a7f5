/* Settlement details: those of each day against its movements, by sponsor, currency and sub-merchant. */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "book/audit/parts.h"
#include "book/event.h"
#include "book/settlement/settlement.h"

FZ_LARGE_STATEMENT(audit_details_days,
             "SELECT DISTINCT day FROM settlement_day UNION SELECT DISTINCT day FROM pool ORDER BY day", "",
             "i");
/* Not converted yet, or the details are not finished: how far. */
FZ_STATEMENT(audit_details_position,
             "SELECT CASE WHEN EXISTS (SELECT 1 FROM event WHERE kind = $1 AND subject = $3) THEN 0 ELSE"
             " (SELECT position FROM event WHERE kind = $2 AND subject = $3) END",
             "iii", "i");
FZ_LARGE_STATEMENT(audit_details_rows,
             "SELECT mchid, currency, sub_mchid, pay, refund, fee, split_pay, split_refund"
             " FROM settlement_day WHERE day = $1 ORDER BY mchid, currency, sub_mchid",
             "i", "tttiiiii");
/* 4 and 6 are refunds accepted and closed. */
FZ_LARGE_STATEMENT(audit_details_movements,
             "SELECT p.owner, m.settlement_currency, m.sub_mchid, p.account, p.amount, e.kind,"
             " m.settlement_rate, m.settled, m.fee, r.own_net, r.own_fee FROM posting p"
             " JOIN entry e ON e.id = p.entry JOIN payment m ON m.id = p.payment"
             " LEFT JOIN refund r ON r.id = e.subject AND e.kind IN (4, 6)"
             " WHERE p.day = $1 AND p.id <= $2 ORDER BY p.owner, m.settlement_currency, m.sub_mchid",
             "ii", "tttiiiiiiii");
/* A scan at its row. */
struct scan {
    struct fz_cursor cursor;
    bool at_row;
};

static enum fz_result advance(struct scan *scan)
{
    enum fz_result result = fz_next(&scan->cursor);
    scan->at_row = result == FZ_OK;
    return result == FZ_ABSENT ? FZ_OK : result;
}

struct day {
    struct fz_audit_run *run;
    int day;
    struct scan rows, movements;
    char mchid[FZ_MCHID_SIZE], currency[FZ_CURRENCY_SIZE]; /* at hand */
    struct fz_settlement_sums total;                       /* of all its sub-merchants, by the movements */
    bool over;                                             /* its sums leave 64 bits */
};

static void add(struct day *day, int64_t amount, int64_t *sum)
{
    if (fz_sum(*sum, amount, sum) != FZ_OK)
        day->over = true;
}

static void add_sums(struct day *day, const struct fz_settlement_sums *sums, struct fz_settlement_sums *to)
{
    add(day, sums->pay, &to->pay);
    add(day, sums->refund, &to->refund);
    add(day, sums->fee, &to->fee);
    add(day, sums->split_pay, &to->split_pay);
    add(day, sums->split_refund, &to->split_refund);
}

/* A movement of the pool of sales. */
static bool of_sales(const struct fz_audit_movement *movement, bool refund, struct fz_settlement_sums *out)
{
    const struct fz_currency *currency = fz_currency_find(movement->currency);
    bool back = movement->kind == FZ_ENTRY_REFUND_CLOSED;
    int64_t net = movement->own_net, fee = refund ? movement->own_fee : movement->fee;
    if (!refund && __builtin_sub_overflow(movement->settled, fee, &net))
        return false;
    if (net < 0 || net > FZ_AUDIT_AMOUNT_MAX || fee < 0 || fee > FZ_AUDIT_AMOUNT_MAX)
        return false;
    int64_t gross = fz_from_cny(net + fee, currency, movement->rate);
    int64_t kept = gross - fz_from_cny(net, currency, movement->rate);
    out->pay = refund ? 0 : gross;
    out->refund = !refund ? 0 : back ? -gross : gross;
    out->fee = refund && !back ? -kept : kept;
    return true;
}

bool fz_audit_movement(const struct fz_audit_movement *movement, struct fz_settlement_sums *out)
{
    bool refund = movement->kind == FZ_ENTRY_REFUND_ACCEPTED || movement->kind == FZ_ENTRY_REFUND_CLOSED;
    *out = (struct fz_settlement_sums){0};
    if (!fz_audit_is_sane_rate(movement->currency, movement->rate) || movement->amount > FZ_AUDIT_AMOUNT_MAX ||
        movement->amount < -FZ_AUDIT_AMOUNT_MAX)
        return false;
    if (movement->account != FZ_ACCOUNT_OUTBOUND)
        return of_sales(movement, refund, out);
    int64_t worth = fz_from_cny(movement->amount, fz_currency_find(movement->currency), movement->rate);
    out->split_pay = refund ? 0 : worth;
    out->split_refund = refund ? -worth : 0;
    return true;
}

/* What cannot be calculated with is missing, and found by that. */
static void add_movement(struct day *day, struct fz_settlement_sums *to)
{
    const struct fz_cursor *row = &day->movements.cursor;
    const struct fz_audit_movement movement = {.currency = fz_string(row, 1),
                                               .account = (enum fz_account)fz_audit_small(row, 3),
                                               .amount = fz_int(row, 4),
                                               .kind = (enum fz_entry_kind)fz_audit_small(row, 5),
                                               .rate = fz_int(row, 6),
                                               .settled = fz_int(row, 7),
                                               .fee = fz_int(row, 8),
                                               .own_net = fz_int(row, 9),
                                               .own_fee = fz_int(row, 10)};
    struct fz_settlement_sums sums;
    if (fz_audit_movement(&movement, &sums))
        add_sums(day, &sums, to);
}

/* Whether a text is what was copied of it: one that has no place in its field is cut there. */
static bool is_copied(const char *text, const char *copy, size_t size)
{
    return strncmp(text, copy, size - 1) == 0;
}

/* Whether the scan stands at the sponsor and currency at hand. */
static bool is_here(const struct day *day, const struct scan *scan)
{
    return scan->at_row && is_copied(fz_string(&scan->cursor, 0), day->mchid, sizeof day->mchid) &&
           is_copied(fz_string(&scan->cursor, 1), day->currency, sizeof day->currency);
}

static void compare(struct day *day, const char *sub_mchid, const struct fz_settlement_sums *kept,
                    const struct fz_settlement_sums *due)
{
    char number[2 * FZ_MCHID_SIZE + 64], date[FZ_DAY_SIZE];
    fz_format_day(date, day->day);
    (void)snprintf(number, sizeof number, "%s%s%s of %s in %s", day->mchid,
                   sub_mchid[0] == '\0' ? "" : " for ", sub_mchid, date, day->currency);
    struct fz_audit_subject subject = {"settlement of", number};
    fz_audit_true(day->run, subject, "its sums are larger than sums can be", !day->over);
    const char *movements = "its movements come to";
    fz_audit_same(day->run, subject, "pay", kept->pay, movements, due->pay);
    fz_audit_same(day->run, subject, "refund", kept->refund, movements, due->refund);
    fz_audit_same(day->run, subject, "fee", kept->fee, movements, due->fee);
    fz_audit_same(day->run, subject, "split_pay", kept->split_pay, movements, due->split_pay);
    fz_audit_same(day->run, subject, "split_refund", kept->split_refund, movements, due->split_refund);
}

static enum fz_result read_row(struct scan *rows, struct fz_settlement_sums *out)
{
    const struct fz_cursor *row = &rows->cursor;
    *out = (struct fz_settlement_sums){.pay = fz_int(row, 3),
                                       .refund = fz_int(row, 4),
                                       .fee = fz_int(row, 5),
                                       .split_pay = fz_int(row, 6),
                                       .split_refund = fz_int(row, 7)};
    return advance(rows);
}

/* The first in order of the sub-merchants that the scans stand at, with what is kept and due of it. What has
 * none goes into the total alone. */
static enum fz_result check_sub_mchid(struct day *day)
{
    struct fz_settlement_sums kept = {0}, due = {0};
    char sub_mchid[FZ_MCHID_SIZE];
    bool in_rows = is_here(day, &day->rows), in_movements = is_here(day, &day->movements);
    const char *first = fz_string(in_rows ? &day->rows.cursor : &day->movements.cursor, 2);
    if (in_rows && in_movements && strcmp(fz_string(&day->movements.cursor, 2), first) < 0)
        first = fz_string(&day->movements.cursor, 2);
    fz_copy(sub_mchid, sizeof sub_mchid, first);
    enum fz_result result = FZ_OK;
    if (in_rows && is_copied(fz_string(&day->rows.cursor, 2), sub_mchid, sizeof sub_mchid))
        result = read_row(&day->rows, &kept);
    while (result == FZ_OK && is_here(day, &day->movements) &&
           is_copied(fz_string(&day->movements.cursor, 2), sub_mchid, sizeof sub_mchid)) {
        add_movement(day, &due);
        result = advance(&day->movements);
    }
    add_sums(day, &due, &day->total);
    if (sub_mchid[0] != '\0')
        compare(day, sub_mchid, &kept, &due);
    return result;
}

/* A sponsor's day in a currency: its row of all comes before those of its sub-merchants. */
static enum fz_result check_sponsor(struct day *day)
{
    struct fz_settlement_sums all = {0};
    const struct scan *first = day->rows.at_row ? &day->rows : &day->movements;
    if (day->rows.at_row && day->movements.at_row) {
        int order = strcmp(fz_string(&day->movements.cursor, 0), fz_string(&day->rows.cursor, 0));
        if (order == 0)
            order = strcmp(fz_string(&day->movements.cursor, 1), fz_string(&day->rows.cursor, 1));
        first = order < 0 ? &day->movements : &day->rows;
    }
    fz_copy(day->mchid, sizeof day->mchid, fz_string(&first->cursor, 0));
    fz_copy(day->currency, sizeof day->currency, fz_string(&first->cursor, 1));
    day->total = (struct fz_settlement_sums){0};
    day->over = false;
    enum fz_result result = FZ_OK;
    if (is_here(day, &day->rows) && fz_string(&day->rows.cursor, 2)[0] == '\0')
        result = read_row(&day->rows, &all);
    while (result == FZ_OK && (is_here(day, &day->rows) || is_here(day, &day->movements)))
        result = check_sub_mchid(day);
    if (result == FZ_OK)
        compare(day, "", &all, &day->total);
    return result;
}

enum fz_result fz_audit_detailed_to(struct fz_audit_run *run, int64_t day, int64_t *out)
{
    FZ_CURSOR event = {0};
    enum fz_result result =
        fz_query_one(run->tx, &audit_details_position,
                     FZ_VALUES(FZ_I(FZ_EVENT_CONVERT), FZ_I(FZ_EVENT_DETAIL), FZ_I(day)), &event);
    if (result == FZ_OK)
        *out = fz_is_null(&event, 0) ? INT64_MAX : fz_int(&event, 0);
    return result;
}

enum fz_result fz_audit_details_of(struct fz_audit_run *run, int64_t number)
{
    struct day day = {.run = run, .day = (int)number};
    int64_t position;
    enum fz_result result = fz_audit_detailed_to(run, number, &position);
    if (result != FZ_OK)
        return result;
    const struct fz_value values[] = {FZ_I(number), FZ_I(position)};
    result = fz_query(run->tx, &audit_details_rows, values, 1, &day.rows.cursor);
    if (result == FZ_OK)
        result = fz_query(run->tx, &audit_details_movements, values, 2, &day.movements.cursor);
    if (result == FZ_OK)
        result = advance(&day.rows);
    if (result == FZ_OK)
        result = advance(&day.movements);
    while (result == FZ_OK && (day.rows.at_row || day.movements.at_row))
        result = check_sponsor(&day);
    fz_cursor_done(&day.rows.cursor);
    fz_cursor_done(&day.movements.cursor);
    return result;
}

enum fz_result fz_audit_details(struct fz_audit_run *run)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(run->tx, &audit_details_days, NULL, 0, &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK)
        result = fz_audit_details_of(run, fz_audit_small(&row, 0));
    return result == FZ_ABSENT ? FZ_OK : result;
}
