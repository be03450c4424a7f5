/* A day's bill is out from 10:00 of the day after, Beijing, and kept for a while. */
#include "api/bill/day.h"

#include "base/calendar.h"

#define OUT_AT_MS      (10 * FZ_HOUR_MS)
#define BILL_DAYS      90  /* kept (S-RBILL) */
#define STATEMENT_DAYS 180

enum fz_result fz_bill_day_has_come(const struct fz_tx *tx, const char *name, const char *value, int day)
{
    if (day <= fz_day_of(tx->now_ms))
        return FZ_OK;
    return fz_refuse_at(tx->error, FZ_PARAM_ERROR, "query", name, value, FZ_ISSUE_FUTURE_DAY);
}

bool fz_bill_is_kept(enum fz_bill_sort kind, int day, int today)
{
    return day >= today - (kind == FZ_SORT_TRADES ? STATEMENT_DAYS : BILL_DAYS);
}

enum fz_result fz_bill_day_can_be_had(const struct fz_tx *tx, enum fz_bill_sort kind, int day)
{
    if (tx->now_ms < fz_day_start_ms(day + 1) + OUT_AT_MS)
        return fz_refuse(tx->error, FZ_BILL_CREATING);
    if (!fz_bill_is_kept(kind, day, fz_day_of(tx->now_ms)))
        return fz_refuse(tx->error, kind == FZ_SORT_TRADES ? FZ_STATEMENT_TOO_OLD : FZ_BILL_TOO_OLD);
    return FZ_OK;
}
