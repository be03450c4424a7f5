/* Beijing days and times. Civil-date arithmetic over the proleptic Gregorian calendar, in whole numbers. */
#include "base/calendar.h"

#include <stdbool.h>
#include <string.h>

#define BEIJING_MS (8 * FZ_HOUR_MS)

struct civil {
    int year, month, day;
};

/* Days since 1970-01-01; the year is taken to begin in March so that the leap day is its last. */
static int days_from_civil(struct civil date)
{
    int year = date.month <= 2 ? date.year - 1 : date.year;
    int era = year / 400;
    int year_of_era = year - era * 400;
    int month = (date.month + 9) % 12;
    int day_of_year = (153 * month + 2) / 5 + date.day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static struct civil civil_from_days(int days)
{
    int shifted = days + 719468;
    int era = shifted / 146097;
    int day_of_era = shifted - era * 146097;
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month = (5 * day_of_year + 2) / 153;
    struct civil date = {.year = year_of_era + era * 400,
                         .month = month < 10 ? month + 3 : month - 9,
                         .day = day_of_year - (153 * month + 2) / 5 + 1};
    if (date.month <= 2)
        date.year++;
    return date;
}

static int month_length(int year, int month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : lengths[month - 1];
}

int fz_day_of(int64_t time_ms)
{
    int64_t beijing_ms = time_ms + BEIJING_MS;
    return (int)(beijing_ms / FZ_DAY_MS) - (beijing_ms % FZ_DAY_MS < 0 ? 1 : 0);
}

int64_t fz_day_start_ms(int day)
{
    return (int64_t)day * FZ_DAY_MS - BEIJING_MS;
}

int fz_month_start(int day)
{
    return day - civil_from_days(day).day + 1;
}

int fz_weekday(int day)
{
    return ((day + 3) % 7 + 7) % 7 + 1; /* 1970-01-01 was a Thursday */
}

/* Writes the last `count` digits of `value`. By hand: a bill writes two times a line, and printf would be
 * most of its cost. */
static char *put_digits(char *out, int value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + count;
}

static char *put_date(char *out, int day)
{
    if (day > fz_day_of(FZ_TIME_END_MS))
        day = fz_day_of(FZ_TIME_END_MS);
    struct civil date = civil_from_days(day);
    out = put_digits(out, date.year, 4);
    *out++ = '-';
    out = put_digits(out, date.month, 2);
    *out++ = '-';
    return put_digits(out, date.day, 2);
}

/* What is planned for a time behind the last year reads as its end, never as the year 0. */
static char *put_time(char *out, int64_t time_ms, char separator)
{
    if (time_ms > FZ_TIME_END_MS)
        time_ms = FZ_TIME_END_MS;
    int day = fz_day_of(time_ms);
    int second = (int)((time_ms - fz_day_start_ms(day)) / FZ_SECOND_MS);
    out = put_date(out, day);
    *out++ = separator;
    out = put_digits(out, second / 3600, 2);
    *out++ = ':';
    out = put_digits(out, second / 60 % 60, 2);
    *out++ = ':';
    return put_digits(out, second % 60, 2);
}

void fz_format_time(char out[FZ_TIME_SIZE], int64_t time_ms)
{
    strcpy(put_time(out, time_ms, 'T'), "+08:00");
}

void fz_format_time_ms(char out[FZ_TIME_SIZE], int64_t time_ms)
{
    char *at = put_time(out, time_ms, 'T');
    if (time_ms > FZ_TIME_END_MS)
        time_ms = FZ_TIME_END_MS;
    *at++ = '.';
    at = put_digits(at, (int)((time_ms - fz_day_start_ms(fz_day_of(time_ms))) % FZ_SECOND_MS), 3);
    strcpy(at, "+08:00");
}

void fz_format_bill_time(char out[FZ_TIME_SIZE], int64_t time_ms)
{
    *put_time(out, time_ms, ' ') = '\0';
}

void fz_format_day(char out[FZ_DAY_SIZE], int day)
{
    *put_date(out, day) = '\0';
}

void fz_format_compact_day(char out[FZ_DAY_SIZE], int day)
{
    char text[FZ_DAY_SIZE];
    fz_format_day(text, day);
    for (const char *at = text; *at != '\0'; at++)
        if (*at != '-')
            *out++ = *at;
    *out = '\0';
}

/* Whether the time can be written with a year of four digits. */
static bool is_writable(int64_t time_ms)
{
    return time_ms < fz_day_start_ms(days_from_civil((struct civil){.year = 10000, .month = 1, .day = 1}));
}

/* Reads exactly `count` digits and moves on. */
static bool read_digits(const char **text, int count, int *out)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        char c = (*text)[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    *text += count;
    *out = value;
    return true;
}

static bool read_char(const char **text, char c)
{
    if (**text != c)
        return false;
    (*text)++;
    return true;
}

static bool read_date(const char **text, int *day)
{
    struct civil date;
    if (!read_digits(text, 4, &date.year) || !read_char(text, '-') || !read_digits(text, 2, &date.month) ||
        !read_char(text, '-') || !read_digits(text, 2, &date.day))
        return false;
    if (date.year < 1970 || date.month < 1 || date.month > 12 || date.day < 1 ||
        date.day > month_length(date.year, date.month))
        return false;
    *day = days_from_civil(date);
    return true;
}

enum fz_result fz_parse_day(const char *text, int *out)
{
    int day;
    if (!read_date(&text, &day) || *text != '\0')
        return FZ_MALFORMED;
    *out = day;
    return FZ_OK;
}

enum fz_result fz_parse_compact_day(const char *text, int *out)
{
    char dashed[] = "YYYY-MM-DD";
    if (strlen(text) != 8)
        return FZ_MALFORMED;
    memcpy(dashed, text, 4);
    memcpy(dashed + 5, text + 4, 2);
    memcpy(dashed + 8, text + 6, 2);
    return fz_parse_day(dashed, out);
}

/* The digits behind a point, 1 to 9 of them, as milliseconds; what is finer is cut off. */
static bool read_fraction(const char **text, int *ms)
{
    size_t digits = strspn(*text, "0123456789");
    if (digits == 0 || digits > 9)
        return false;
    *ms = 0;
    for (size_t i = 0; i < 3; i++)
        *ms = *ms * 10 + (i < digits ? (*text)[i] - '0' : 0);
    *text += digits;
    return true;
}

/* Z, +08:00, -05:30 */
static bool read_offset(const char **text, int64_t *offset_ms)
{
    *offset_ms = 0;
    if (read_char(text, 'Z'))
        return true;
    int64_t sign = **text == '-' ? -1 : 1;
    int hours, minutes;
    if ((!read_char(text, '+') && !read_char(text, '-')) || !read_digits(text, 2, &hours) ||
        !read_char(text, ':') || !read_digits(text, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *offset_ms = sign * (hours * 60 + minutes) * FZ_MINUTE_MS;
    return true;
}

enum fz_result fz_parse_time(const char *text, int64_t *out)
{
    int day, hour, minute, second, ms = 0;
    int64_t offset_ms;
    if (!read_date(&text, &day) || !read_char(&text, 'T') || !read_digits(&text, 2, &hour) ||
        !read_char(&text, ':') || !read_digits(&text, 2, &minute) || !read_char(&text, ':') ||
        !read_digits(&text, 2, &second))
        return FZ_MALFORMED;
    if (hour > 23 || minute > 59 || second > 59)
        return FZ_MALFORMED;
    if (read_char(&text, '.') && !read_fraction(&text, &ms))
        return FZ_MALFORMED;
    if (!read_offset(&text, &offset_ms) || *text != '\0')
        return FZ_MALFORMED;
    int64_t time_ms = (int64_t)day * FZ_DAY_MS + hour * FZ_HOUR_MS + minute * FZ_MINUTE_MS +
                      second * FZ_SECOND_MS + ms - offset_ms;
    if (!is_writable(time_ms))
        return FZ_MALFORMED;
    *out = time_ms;
    return FZ_OK;
}

/* Moves a Beijing instant by whole months. */
static int64_t add_months(int64_t from_ms, int months)
{
    int day = fz_day_of(from_ms);
    int64_t time_of_day = from_ms - fz_day_start_ms(day);
    struct civil date = civil_from_days(day);
    int month = date.month - 1 + months;
    date.year += month / 12;
    date.month = month % 12 + 1;
    int length = month_length(date.year, date.month);
    if (date.day > length)
        date.day = length;
    return fz_day_start_ms(days_from_civil(date)) + time_of_day;
}

/* The members of a duration in the order in which they may come. */
static const struct unit {
    char letter;
    bool after_t;
    int months;
    int64_t ms;
} units[] = {
    {'Y', false, 12, 0},          {'M', false, 1, 0},         {'W', false, 0, 7 * FZ_DAY_MS},
    {'D', false, 0, FZ_DAY_MS},   {'H', true, 0, FZ_HOUR_MS}, {'M', true, 0, FZ_MINUTE_MS},
    {'S', true, 0, FZ_SECOND_MS},
};
#define UNIT_COUNT (sizeof units / sizeof units[0])
#define LONGEST_MS (INT64_C(36525) * FZ_DAY_MS)

/* One member: a number (seconds with a fraction if they like) and its letter, which has to stand behind
 * `*unit`. */
static bool read_member(const char **text, bool after_t, size_t *unit, int64_t *months, int64_t *ms)
{
    size_t digits = strspn(*text, "0123456789");
    int value, fraction_ms = 0;
    if (digits == 0 || digits > 9 || !read_digits(text, (int)digits, &value))
        return false;
    bool fraction = read_char(text, '.');
    if (fraction && (!read_fraction(text, &fraction_ms) || **text != 'S'))
        return false;
    size_t at = *unit;
    while (at < UNIT_COUNT && (units[at].letter != **text || units[at].after_t != after_t))
        at++;
    if (at == UNIT_COUNT)
        return false;
    (*text)++;
    *unit = at + 1;
    *months += (int64_t)value * units[at].months;
    *ms += value * units[at].ms + fraction_ms;
    return *months <= 1200 && *ms <= LONGEST_MS;
}

enum fz_result fz_add_duration(int64_t from_ms, const char *duration, int64_t *out)
{
    const char *at = duration;
    if (!read_char(&at, 'P') || *at == '\0')
        return FZ_MALFORMED;
    int64_t months = 0, ms = 0;
    size_t unit = 0;
    bool after_t = false;
    while (*at != '\0') {
        if (!after_t)
            after_t = read_char(&at, 'T');
        if (!read_member(&at, after_t, &unit, &months, &ms))
            return FZ_MALFORMED;
    }
    int64_t then_ms = add_months(from_ms, (int)months) + ms;
    if (then_ms - from_ms > LONGEST_MS || !is_writable(then_ms))
        return FZ_MALFORMED;
    *out = then_ms;
    return FZ_OK;
}

int64_t fz_add_business_days(int64_t from_ms, int days)
{
    int day = fz_day_of(from_ms);
    int64_t time_of_day = from_ms - fz_day_start_ms(day);
    while (days > 0) {
        day++;
        if (fz_weekday(day) <= 5)
            days--;
    }
    return fz_day_start_ms(day) + time_of_day;
}
