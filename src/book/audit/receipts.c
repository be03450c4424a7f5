/* What persons were paid in a month is what their slices come to, and not more than one may be paid. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "book/audit/parts.h"

FZ_LARGE_STATEMENT(audit_receipts,
             "SELECT account, type, bill_day, amount FROM slice WHERE bill_day IS NOT NULL AND"
             " type <> 'MERCHANT_ID' AND ($1 = '' OR account > $1) AND ($2 = '' OR account <= $2)"
             " ORDER BY account, type, bill_day",
             "tt", "ttii");
FZ_LARGE_STATEMENT(audit_receipts_kept,
             "SELECT account, type, month, amount FROM receipts WHERE ($1 = '' OR account > $1) AND"
             " ($2 = '' OR account <= $2) ORDER BY account, type, month",
             "tt", "ttii");

#define DAY_MAX 2932896 /* the last of the year 9999 */

/* A person's month: what the slices come to. */
struct month {
    char account[65], type[33];
    int start; /* its first day; -1: there is none yet */
    __int128 sum;
};

/* The totals that are kept, in the order of the slices; `at_row`: there is one at hand. */
struct totals {
    struct fz_cursor *row;
    bool at_row;
};

static enum fz_result next_total(struct totals *totals)
{
    enum fz_result result = fz_next(totals->row);
    totals->at_row = result == FZ_OK;
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* ---- findings ---- */

/* A month as its first day; what is no day, as the number that it is. */
static void write_month(char out[24], int64_t start)
{
    if (start >= 0 && start <= DAY_MAX)
        fz_format_day(out, (int)start);
    else
        (void)snprintf(out, 24, "%lld", (long long)start);
}

static void find_surplus(struct fz_audit_run *run, const struct fz_cursor *total)
{
    char start[24];
    write_month(start, fz_int(total, 2));
    fz_audit_find(run, "person %s: receipts of the month of %s are %lld but no slice of it succeeded",
                  fz_string(total, 0), start, (long long)fz_int(total, 3));
}

/* `kept` NULL: there is no total. */
static void check_month(struct fz_audit_run *run, const struct month *month, const int64_t *kept)
{
    char start[24];
    write_month(start, month->start);
    if (kept == NULL)
        fz_audit_find(run, "person %s: receipts of the month of %s are not kept but its slices come to %lld",
                      month->account, start, (long long)month->sum);
    else if (*kept != month->sum)
        fz_audit_find(run, "person %s: receipts of the month of %s are %lld but its slices come to %lld",
                      month->account, start, (long long)*kept, (long long)month->sum);
    if (month->sum > FZ_RECEIPTS_A_MONTH)
        fz_audit_find(run,
                      "person %s: was paid %lld in the month of %s but nobody may be paid more than %lld",
                      month->account, (long long)month->sum, start, (long long)FZ_RECEIPTS_A_MONTH);
}

/* ---- side by side ---- */

/* Below 0: the total belongs before the month. */
static int compare(const struct fz_cursor *total, const struct month *month)
{
    int order = strcmp(fz_string(total, 0), month->account);
    if (order == 0)
        order = strcmp(fz_string(total, 1), month->type);
    return order != 0 ? order : (fz_int(total, 2) > month->start) - (fz_int(total, 2) < month->start);
}

/* The month's slices are all added. Totals before it have no slices. */
static enum fz_result end_month(struct fz_audit_run *run, struct totals *totals, const struct month *month)
{
    int order = 1;
    while (totals->at_row && (order = compare(totals->row, month)) < 0) {
        find_surplus(run, totals->row);
        enum fz_result result = next_total(totals);
        if (result != FZ_OK)
            return result;
    }
    bool is_kept = totals->at_row && order == 0;
    int64_t kept = is_kept ? fz_int(totals->row, 3) : 0;
    check_month(run, month, is_kept ? &kept : NULL);
    return is_kept ? next_total(totals) : FZ_OK;
}

/* Behind the last month with slices. */
static enum fz_result find_surplus_behind(struct fz_audit_run *run, struct totals *totals)
{
    enum fz_result result = FZ_OK;
    for (; result == FZ_OK && totals->at_row; result = next_total(totals))
        find_surplus(run, totals->row);
    return result;
}

/* Takes the slice at hand; with another month or person the one before is over. */
static enum fz_result take_slice(struct fz_audit_run *run, struct totals *totals,
                                 const struct fz_cursor *slice, struct month *month)
{
    enum fz_result result = FZ_OK;
    int64_t day = fz_int(slice, 2);
    if (day < 0 || day > DAY_MAX) /* found where slices are checked one by one */
        return FZ_OK;
    int start = fz_month_start((int)day);
    if (month->start != start || strcmp(month->account, fz_string(slice, 0)) != 0 ||
        strcmp(month->type, fz_string(slice, 1)) != 0) {
        if (month->start >= 0)
            result = end_month(run, totals, month);
        *month = (struct month){.start = start};
        FZ_COPY_COLUMN(month->account, slice, 0);
        FZ_COPY_COLUMN(month->type, slice, 1);
    }
    month->sum += fz_int(slice, 3);
    return result;
}

enum fz_result fz_audit_receipts(struct fz_audit_run *run)
{
    struct month month = {.start = -1};
    FZ_CURSOR slice = {0}, total = {0};
    struct totals totals = {.row = &total};
    const struct fz_value accounts[] = {FZ_T(run->after_account), FZ_T(run->upto_account)};
    enum fz_result result = fz_query(run->tx, &audit_receipts_kept, accounts, 2, &total);
    if (result == FZ_OK)
        result = next_total(&totals);
    if (result == FZ_OK)
        result = fz_query(run->tx, &audit_receipts, accounts, 2, &slice);
    while (result == FZ_OK && (result = fz_next(&slice)) == FZ_OK)
        result = take_slice(run, &totals, &slice, &month);
    if (result == FZ_ABSENT)
        result = month.start >= 0 ? end_month(run, &totals, &month) : FZ_OK;
    return result == FZ_OK ? find_surplus_behind(run, &totals) : result;
}
