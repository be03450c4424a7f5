/* No person was paid more in a calendar month than one may be. */
#include <string.h>

#include "base/text.h"
#include "book/audit_parts.h"

FZ_STATEMENT(audit_receipts,
             "SELECT account, type, bill_day, amount FROM slice WHERE bill_day IS NOT NULL AND"
             " type <> 'MERCHANT_ID' ORDER BY account, type, bill_day",
             "", "ttii");

#define DAY_MAX 2932896 /* the last of the year 9999 */

struct month {
    char account[65], type[33];
    int start; /* its first day */
    __int128 sum;
};

static void check_month(struct fz_audit_run *run, const struct month *month)
{
    char day[FZ_DAY_SIZE];
    if (month->sum <= FZ_RECEIPTS_A_MONTH)
        return;
    fz_format_day(day, month->start);
    fz_audit_find(run, "person %s: was paid %lld in the month of %s but nobody may be paid more than %lld",
                  month->account, (long long)month->sum, day, (long long)FZ_RECEIPTS_A_MONTH);
}

/* Takes the row at hand; with another month or person the one before is over. */
static void take_row(struct fz_audit_run *run, const struct fz_cursor *row, struct month *month)
{
    int64_t day = fz_int(row, 2);
    if (day < 0 || day > DAY_MAX) /* found where slices are checked one by one */
        return;
    int start = fz_month_start((int)day);
    if (strcmp(month->account, fz_string(row, 0)) != 0 || strcmp(month->type, fz_string(row, 1)) != 0 ||
        month->start != start) {
        check_month(run, month);
        *month = (struct month){.start = start};
        FZ_COPY_COLUMN(month->account, row, 0);
        FZ_COPY_COLUMN(month->type, row, 1);
    }
    month->sum += fz_int(row, 3);
}

enum fz_result fz_audit_receipts(struct fz_audit_run *run)
{
    struct month month = {0};
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(run->tx, &audit_receipts, NULL, 0, &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK)
        take_row(run, &row, &month);
    check_month(run, &month);
    return result == FZ_ABSENT ? FZ_OK : result;
}
