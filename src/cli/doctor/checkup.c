/* Findings: kept, printed. */
#include "cli/doctor/checkup.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "cli/output/screen.h"

static void add(struct fz_checkup *checkup, const char *check, const char *state, const char *mend, const char *format,
                va_list arguments)
{
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    if (text != NULL)
        fz_clean_controls(text);
    json_t *said = text == NULL ? NULL : json_string(text);
    if (said == NULL)
        said = json_string("memory is short, or a name is not UTF-8");
    (void)json_array_append_new(
        checkup->findings, json_pack("{s:s, s:s, s:o, s:s*}", "check", check, "state", state, "text", said, "mend", mend));
    free(text);
}

void fz_checkup_well(struct fz_checkup *checkup, const char *check, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(checkup, check, "well", NULL, format, arguments);
    va_end(arguments);
}

void fz_checkup_wrong(struct fz_checkup *checkup, const char *check, const char *mend, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(checkup, check, "wrong", mend, format, arguments);
    va_end(arguments);
}

void fz_checkup_skip(struct fz_checkup *checkup, const char *check, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(checkup, check, "skipped", NULL, format, arguments);
    va_end(arguments);
}

static bool is(const json_t *finding, const char *state)
{
    return strcmp(json_string_value(json_object_get(finding, "state")), state) == 0;
}

bool fz_checkup_found_any(const struct fz_checkup *checkup)
{
    size_t i;
    json_t *finding;
    json_array_foreach(checkup->findings, i, finding)
    {
        if (is(finding, "wrong"))
            return true;
    }
    return false;
}

void fz_checkup_print(const struct fz_checkup *checkup)
{
    size_t i;
    json_t *finding;
    json_array_foreach(checkup->findings, i, finding)
    {
        const char *mark = is(finding, "well") ? "✓" : is(finding, "wrong") ? "✗" : "–";
        enum fz_colour colour = is(finding, "well") ? FZ_COLOUR_GREEN : is(finding, "wrong") ? FZ_COLOUR_RED : FZ_COLOUR_DIM;
        printf("%s%s%s %s\n", fz_colour(stdout, colour), mark, fz_colour(stdout, FZ_COLOUR_NONE),
               json_string_value(json_object_get(finding, "text")));
        const char *mend = json_string_value(json_object_get(finding, "mend"));
        if (mend != NULL)
            printf("  %s\n", mend);
    }
}

void fz_checkup_write_date(char out[FZ_DATE_TEXT_SIZE], const struct fz_checkup *checkup, int64_t time_ms)
{
    char time[FZ_TIME_SIZE];
    fz_format_time(time, time_ms);
    int64_t days = (time_ms - checkup->now_ms) / FZ_DAY_MS;
    if (time_ms < checkup->now_ms)
        snprintf(out, FZ_DATE_TEXT_SIZE, "%s (%" PRId64 " days ago)", time, -days);
    else
        snprintf(out, FZ_DATE_TEXT_SIZE, "%s (in %" PRId64 " days)", time, days);
}
