/* Moments and days of a world file: `bill-day - 2 14:00`. */
#include "world/moment.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"

#define DAY_DIGITS_MAX 5

enum anchor { BEGIN, NOW, TODAY, BILL_DAY, ANCHORS };
static const char *const anchor_words[ANCHORS] = {"begin", "now", "today", "bill-day"};

struct relative {
    enum anchor anchor;
    int days;
    bool has_time;
    int64_t time_ms; /* of day */
};

int fz_bill_day_at(int64_t now_ms)
{
    int today = fz_day_of(now_ms);
    bool out = now_ms - fz_day_start_ms(today) >= 10 * FZ_HOUR_MS;
    return out ? today - 1 : today - 2;
}

/* ---- reading ---- */

static bool read_anchor(const char **at, enum anchor *out)
{
    for (int i = 0; i < ANCHORS; i++) {
        size_t size = strlen(anchor_words[i]);
        if (strncmp(*at, anchor_words[i], size) == 0) {
            *out = (enum anchor)i;
            *at += size;
            return true;
        }
    }
    return false;
}

static const char *past_blank(const char *at)
{
    return *at == ' ' ? at + 1 : at;
}

/* " - 30", or nothing. */
static bool read_days(const char **at, int *out)
{
    const char *sign = past_blank(*at);
    *out = 0;
    if (*sign != '-' && *sign != '+')
        return true;
    const char *digits = past_blank(sign + 1);
    size_t count = strspn(digits, "0123456789");
    if (count == 0 || count > DAY_DIGITS_MAX)
        return false;
    *out = (int)strtol(digits, NULL, 10) * (*sign == '-' ? -1 : 1);
    *at = digits + count;
    return true;
}

/* Two digits behind `before`, below `below`. */
static bool read_two(const char **at, char before, int below, int *out)
{
    const char *text = *at;
    if (text[0] != before || !isdigit((unsigned char)text[1]) || !isdigit((unsigned char)text[2]))
        return false;
    *out = (text[1] - '0') * 10 + text[2] - '0';
    *at += 3;
    return *out < below;
}

/* " 14:00", " 14:00:30", or nothing. */
static bool read_time(const char **at, struct relative *out)
{
    int hour, minute, second = 0;
    out->has_time = **at == ' ';
    if (!out->has_time)
        return true;
    if (!read_two(at, ' ', 24, &hour) || !read_two(at, ':', 60, &minute) || (**at == ':' && !read_two(at, ':', 60, &second)))
        return false;
    out->time_ms = hour * FZ_HOUR_MS + minute * FZ_MINUTE_MS + second * FZ_SECOND_MS;
    return true;
}

static bool read_relative(const char *text, struct relative *out)
{
    return read_anchor(&text, &out->anchor) && read_days(&text, &out->days) && read_time(&text, out) && *text == '\0';
}

/* ---- by its anchors ---- */

static int64_t anchor_ms(enum anchor anchor, const struct fz_anchors *anchors)
{
    switch (anchor) {
    case BEGIN:
        return anchors->begin_ms;
    case TODAY:
        return fz_day_start_ms(fz_day_of(anchors->now_ms));
    case BILL_DAY:
        return fz_day_start_ms(fz_bill_day_at(anchors->now_ms));
    default:
        return anchors->now_ms;
    }
}

enum fz_result fz_moment_read(const char *text, const struct fz_anchors *anchors, int64_t *out)
{
    struct relative relative;
    int64_t time_ms;
    if (fz_parse_time(text, &time_ms) == FZ_OK) {
        if (anchors != NULL)
            *out = time_ms;
        return FZ_OK;
    }
    if (!read_relative(text, &relative))
        return FZ_MALFORMED;
    if (anchors == NULL)
        return FZ_OK;
    time_ms = anchor_ms(relative.anchor, anchors) + relative.days * FZ_DAY_MS;
    if (relative.has_time)
        time_ms = fz_day_start_ms(fz_day_of(time_ms)) + relative.time_ms;
    *out = time_ms;
    return FZ_OK;
}

enum fz_result fz_moment_day_read(const char *text, const struct fz_anchors *anchors, int *out)
{
    struct relative relative;
    int day;
    if (fz_parse_day(text, &day) != FZ_OK) {
        if (!read_relative(text, &relative) || relative.has_time)
            return FZ_MALFORMED;
        if (anchors != NULL)
            day = fz_day_of(anchor_ms(relative.anchor, anchors)) + relative.days;
    }
    if (anchors != NULL)
        *out = day;
    return FZ_OK;
}
