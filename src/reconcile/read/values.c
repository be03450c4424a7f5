/* Reads amounts and times. Millions of them come one after another, so a day is worked out once as long as it stays the
 * same. */
#include "reconcile/read/values.h"

#include <string.h>

#include "base/calendar.h"
#include "base/currency.h"

#define AMOUNT_MAX INT64_C(1000000000000)

static bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

static bool append(int64_t *value, char digit)
{
    return !__builtin_mul_overflow(*value, 10, value) && !__builtin_add_overflow(*value, digit - '0', value);
}

/* What stands behind the point. */
static bool decimals(const char *at, const char *end, int digits, int64_t *value)
{
    int count = 0;
    for (; at < end && is_digit(*at); at++, count++)
        if (count < digits ? !append(value, *at) : *at != '0')
            return false;
    for (; count < digits; count++)
        if (!append(value, '0'))
            return false;
    return at == end;
}

bool fz_value_amount(struct fz_item_part cell, int digits, int64_t *out)
{
    return fz_value_decimal(cell, digits, out) && *out >= -AMOUNT_MAX && *out <= AMOUNT_MAX;
}

bool fz_value_decimal(struct fz_item_part cell, int digits, int64_t *out)
{
    const char *at = cell.text, *end = cell.text + cell.size;
    bool negative = at < end && *at == '-';
    at += negative;
    if (at == end || !is_digit(*at))
        return false;
    int64_t value = 0;
    for (; at < end && is_digit(*at); at++)
        if (!append(&value, *at))
            return false;
    bool has_point = at < end && *at == '.';
    if (!decimals(at + has_point, end, digits, &value))
        return false;
    *out = negative ? -value : value;
    return true;
}

bool fz_value_currency(struct fz_item_part cell, char out[4])
{
    if (cell.size != 3)
        return false;
    for (size_t i = 0; i < 3; i++) {
        char letter = cell.text[i];
        out[i] = (char)(letter >= 'a' && letter <= 'z' ? letter - 'a' + 'A' : letter);
        if (out[i] < 'A' || out[i] > 'Z')
            return false;
    }
    out[3] = '\0';
    return true;
}

int fz_value_digits(const char currency[4])
{
    static _Thread_local char last[4];
    static _Thread_local int digits;
    if (memcmp(last, currency, 4) == 0)
        return digits;
    const struct fz_currency *found = fz_currency_find(currency);
    digits = found == NULL ? -1 : found->digits;
    memcpy(last, currency, 4);
    return digits;
}

/* ---- times ---- */

/* The day that ten bytes YYYY-MM-DD name. */
static bool read_day(const char *text, int *out)
{
    static _Thread_local char last[10] = "0000-00-00"; /* which is no day */
    static _Thread_local int day;
    if (memcmp(last, text, 10) != 0) {
        char copy[11];
        memcpy(copy, text, 10);
        copy[10] = '\0';
        if (copy[4] == '/' && copy[7] == '/')
            copy[4] = copy[7] = '-';
        if (fz_parse_day(copy, &day) != FZ_OK)
            return false;
        memcpy(last, text, 10);
    }
    *out = day;
    return true;
}

static bool two(const char *text, int most, int *out)
{
    if (!is_digit(text[0]) || !is_digit(text[1]))
        return false;
    *out = (text[0] - '0') * 10 + text[1] - '0';
    return *out <= most;
}

/* Seconds of the day from HH:MM:SS. */
static bool read_clock(const char *text, int *out)
{
    int hours, minutes, seconds;
    if (!two(text, 23, &hours) || text[2] != ':' || !two(text + 3, 59, &minutes) || text[5] != ':' ||
        !two(text + 6, 59, &seconds))
        return false;
    *out = (hours * 60 + minutes) * 60 + seconds;
    return true;
}

bool fz_value_bill_time(struct fz_item_part cell, int64_t *out_ms)
{
    int day, seconds;
    if (cell.size != 19 || cell.text[10] != ' ' || !read_day(cell.text, &day) || !read_clock(cell.text + 11, &seconds))
        return false;
    *out_ms = fz_day_start_ms(day) + seconds * FZ_SECOND_MS;
    return true;
}

/* ".123" is passed over but for three digits. */
static const char *fraction(const char *at, const char *end, int64_t *ms)
{
    int scale = 100;
    if (at == end || (*at != '.' && *at != ','))
        return at;
    for (at++; at < end && is_digit(*at); at++, scale /= 10)
        *ms += (*at - '0') * scale;
    return at;
}

/* "Z", "+08:00", "+0800", "+08", " +08:00" or nothing. */
static bool offset(const char *at, const char *end, int *minutes, bool *has_offset)
{
    int hours = 0, rest = 0;
    while (at < end && *at == ' ')
        at++;
    *has_offset = at < end;
    if (at == end)
        return true;
    if (end - at == 1 && (*at == 'Z' || *at == 'z')) {
        *minutes = 0;
        return true;
    }
    bool west = *at == '-';
    if ((*at != '+' && !west) || end - at < 3 || !two(at + 1, 23, &hours))
        return false;
    at += 3;
    at += at < end && *at == ':';
    if (at < end && (end - at != 2 || !two(at, 59, &rest)))
        return false;
    *minutes = (west ? -1 : 1) * (hours * 60 + rest);
    return true;
}

bool fz_value_time(struct fz_item_part cell, int offset_minutes, struct fz_written_time *out)
{
    const char *at = cell.text, *end = cell.text + cell.size;
    int seconds = 0;
    int64_t ms = 0;
    if (cell.size < 10 || !read_day(at, &out->own_day))
        return false;
    at += 10;
    if (at < end && (*at == 'T' || *at == 't' || *at == ' ')) {
        if (end - at < 9 || !read_clock(at + 1, &seconds))
            return false;
        at = fraction(at + 9, end, &ms);
    }
    if (!offset(at, end, &offset_minutes, &out->has_offset))
        return false;
    /* fz_day_start_ms is Beijing's midnight. */
    out->ms = fz_day_start_ms(out->own_day) + (8 * 60 - offset_minutes) * FZ_MINUTE_MS + seconds * FZ_SECOND_MS + ms;
    return true;
}
