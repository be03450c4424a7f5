/* Reads days and ranges of them. */
#include "cli/bill/days.h"

#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"

/* 2026-11: its first day and its last. */
static bool read_month(const char *text, struct fz_days *out)
{
    char day[FZ_DAY_SIZE];
    if (strlen(text) != strlen("2026-11"))
        return false;
    snprintf(day, sizeof day, "%s-01", text);
    if (fz_parse_day(day, &out->first) != FZ_OK)
        return false;
    out->last = fz_month_start(out->first + 31) - 1;
    return true;
}

static bool read_one(const char *text, int today, struct fz_days *out)
{
    if (strcmp(text, "today") == 0 || strcmp(text, "yesterday") == 0)
        out->first = out->last = today - (text[0] == 'y');
    else if (fz_parse_day(text, &out->first) == FZ_OK)
        out->last = out->first;
    else
        return read_month(text, out);
    return true;
}

bool fz_days_read(const char *text, int today, struct fz_days *out, const char **why)
{
    const char *dots = strstr(text, "..");
    char first[FZ_DAY_SIZE];
    struct fz_days from, to;
    *why =
        "is no day: a day is 2026-11-27, a month 2026-11, today or yesterday, and two of them with .. between are a range";
    if (!fz_copy_part(first, sizeof first, text, dots == NULL ? strlen(text) : (size_t)(dots - text)) ||
        !read_one(first, today, &from))
        return false;
    if (dots != NULL && !read_one(dots + 2, today, &to))
        return false;
    *out = (struct fz_days){from.first, dots == NULL ? from.last : to.last};
    *why = out->last < out->first ? "ends before it begins" : "is longer than ten years";
    return out->last >= out->first && out->last - out->first < FZ_DAYS_MAX;
}
