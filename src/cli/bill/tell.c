/* Tells of days: for people, and for programs. */
#include "cli/bill/tell.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/output/value.h"

#define OUT_MS (10 * FZ_HOUR_MS) /* a bill is out at 10:00 of the next day (S-RBILL) */

static int64_t out_at(int day)
{
    return fz_day_start_ms(day + 1) + OUT_MS;
}

/* ---- for people ---- */

static void begin_line(const struct fz_bill_told *told, const struct fz_bill_had *had)
{
    fprintf(stderr, "%s  %s  ", had->date, told->job->name);
}

static void tell_count(int64_t count, const char *one, const char *several)
{
    if (count >= 0)
        fprintf(stderr, "%" PRId64 " %s  ", count, count == 1 ? one : several);
}

static void tell_totals(const struct fz_bill_totals *totals)
{
    tell_count(totals->payments, "payment", "payments");
    tell_count(totals->refunds, "refund", "refunds");
    for (size_t i = 0; i < totals->count; i++) {
        char amount[FZ_VALUE_SIZE];
        fz_amount_write(amount, totals->list[i].amount, totals->list[i].currency);
        fprintf(stderr, "%s%s", amount, i + 1 < totals->count ? ", " : "  ");
    }
}

static const char *word_of(const struct fz_bill_had *had, enum fz_bill_delivered delivered)
{
    if (delivered == FZ_BILL_THERE)
        return "there already";
    return had->is_of_cache ? "done, from the cache" : "done";
}

/* ---- for programs ---- */

static void add(const struct fz_bill_told *told, json_t *day)
{
    if (told->days != NULL)
        json_array_append_new(told->days, day);
    else
        json_decref(day);
}

static json_t *object_of(const struct fz_bill_told *told, const struct fz_bill_had *had, const char *state)
{
    return json_pack("{s:s, s:s, s:s}", "date", had->date, "bill", told->job->name, "state", state);
}

static json_t *totals_of(const struct fz_bill_totals *totals)
{
    json_t *list = json_array();
    for (size_t i = 0; i < totals->count; i++)
        json_array_append_new(list, json_pack("{s:s, s:I}", "currency", totals->list[i].currency, "amount",
                                              (json_int_t)totals->list[i].amount));
    return list;
}

static json_t *done_object(const struct fz_bill_told *told, const struct fz_bill_had *had, enum fz_bill_delivered delivered,
                           const char *place)
{
    json_t *day = object_of(told, had, delivered == FZ_BILL_THERE ? "there" : "done");
    const char *path = place[0] != '\0' ? place : had->is_temporary ? NULL : had->path;
    json_object_set_new(day, "from", json_string(had->is_of_cache ? "cache" : "service"));
    json_object_set_new(day, "lines", json_integer((json_int_t)had->facts.rows));
    if (had->totals.payments >= 0)
        json_object_set_new(day, "payments", json_integer((json_int_t)had->totals.payments));
    if (had->totals.refunds >= 0)
        json_object_set_new(day, "refunds", json_integer((json_int_t)had->totals.refunds));
    json_object_set_new(day, "totals", totals_of(&had->totals));
    json_object_set_new(day, "bytes", json_integer((json_int_t)had->facts.bytes));
    json_object_set_new(day, "sha256", json_string(had->facts.sha256));
    json_object_set_new(day, "file", path == NULL ? json_null() : json_string(path));
    return day;
}

/* ---- both ---- */

void fz_bill_tell_done(const struct fz_bill_told *told, const struct fz_bill_had *had, enum fz_bill_delivered delivered,
                       const char *place)
{
    begin_line(told, had);
    tell_count((int64_t)had->facts.rows, "line", "lines");
    tell_totals(&had->totals);
    fprintf(stderr, "%s\n", word_of(had, delivered));
    add(told, done_object(told, had, delivered, place));
}

static void tell_not_out(const struct fz_bill_told *told, const struct fz_bill_had *had)
{
    char day[FZ_DAY_SIZE], time[FZ_TIME_SIZE];
    fz_format_day(day, had->day + 1);
    fz_format_time(time, out_at(had->day));
    fprintf(stderr, "not out yet: 10:00 on %s (Beijing)\n", day);
    json_t *object = object_of(told, had, "not_out_yet");
    json_object_set_new(object, "out_at", json_string(time));
    add(told, object);
}

/* Of a day that has not come the service says that its date is wrong. */
static bool is_not_out(const struct fz_bill_had *had, const fz_error *error)
{
    enum fz_code code = fz_error_code(error);
    return code == FZ_CODE_STATEMENT_CREATING ||
           (code == FZ_CODE_PARAM_ERROR && fz_day_start_ms(had->day) > fz_wire_now_ms());
}

bool fz_bill_is_refused_for_itself(const struct fz_bill_had *had, const fz_error *error)
{
    enum fz_code code = fz_error_code(error);
    return !is_not_out(had, error) && code != FZ_CODE_NO_STATEMENT_EXIST;
}

void fz_bill_tell_refused(const struct fz_bill_told *told, const struct fz_bill_had *had, const fz_error *error)
{
    begin_line(told, had);
    if (is_not_out(had, error)) {
        tell_not_out(told, had);
        return;
    }
    if (fz_error_code(error) == FZ_CODE_NO_STATEMENT_EXIST) {
        fputs("no bill\n", stderr);
        add(told, object_of(told, had, "no_bill"));
        return;
    }
    char code[64];
    fz_copy_clean(code, sizeof code, fz_error_code_text(error), strlen(fz_error_code_text(error)), sizeof code);
    fprintf(stderr, "refused: %s\n", code);
    json_t *object = object_of(told, had, "refused");
    json_object_set_new(object, "code", json_string(fz_error_code_text(error)));
    add(told, object);
}

void fz_bill_warn_of_days(const struct fz_bill_job *job)
{
    const struct fz_days *days = &job->options->days;
    int64_t now = fz_wire_now_ms();
    int kept = job->kind == FZ_BILL_STATEMENT ? 180 : 90, oldest = fz_day_of(now) - kept;
    char day[FZ_DAY_SIZE];
    if (out_at(days->last) > now) {
        int first = days->first;
        while (out_at(first) <= now)
            first++;
        fz_format_day(day, first);
        fprintf(stderr,
                "fenzhang: the bill of %s is out at 10:00 (Beijing) of the day after it, by this machine's clock not yet; "
                "asking all the same.\n",
                day);
    }
    if (days->first < oldest) {
        fz_format_day(day, oldest);
        fprintf(
            stderr,
            "fenzhang: the service has bills of the last %d days, by this machine's clock since %s; asking all the same.\n",
            kept, day);
    }
}
