/* Days and times as the documents write them: Beijing (UTC+08:00, no summer time) throughout. */
#ifndef FZ_BASE_CALENDAR_H
#define FZ_BASE_CALENDAR_H

#include <stdint.h>

#include "base/result.h"

#define FZ_SECOND_MS INT64_C(1000)
#define FZ_MINUTE_MS (60 * FZ_SECOND_MS)
#define FZ_HOUR_MS   (60 * FZ_MINUTE_MS)
#define FZ_DAY_MS    (24 * FZ_HOUR_MS)

#define FZ_NO_DAY (-1) /* stored where a date is not set */

/* A Beijing day is the number of days since 1970-01-01. Times before that belong to negative days. */
int fz_day_of(int64_t time_ms);
int64_t fz_day_start_ms(int day);
/* The first day of the month that has `day`. */
int fz_month_start(int day);
/* 1 = Monday … 7 = Sunday */
int fz_weekday(int day);

#define FZ_TIME_SIZE 48
#define FZ_DAY_SIZE  24

/* Years are written with four digits: to the end of 9999. */
#define FZ_TIME_END_MS INT64_C(253402271999999) /* 9999-12-31T23:59:59.999+08:00 */

/* 2018-06-08T10:34:56+08:00 (S-RQ) */
void fz_format_time(char out[FZ_TIME_SIZE], int64_t time_ms);
/* 2018-06-08T10:34:56.120+08:00: distribution answers carry milliseconds */
void fz_format_time_ms(char out[FZ_TIME_SIZE], int64_t time_ms);
/* 2018-06-08 10:34:56, for bills (S-RBILL) */
void fz_format_bill_time(char out[FZ_TIME_SIZE], int64_t time_ms);
/* 2018-06-08 */
void fz_format_day(char out[FZ_DAY_SIZE], int day);

/* 20180608, for statements and settlements */
void fz_format_compact_day(char out[FZ_DAY_SIZE], int day);

/* Strict YYYY-MM-DD of a day that exists, years 1970 to 9999. */
FZ_MUST_CHECK enum fz_result fz_parse_day(const char *text, int *out);
/* The same as YYYYMMDD. */
FZ_MUST_CHECK enum fz_result fz_parse_compact_day(const char *text, int *out);
/* RFC 3339 with capital T and Z, 1970 to 9999: with or without a fraction (up to 9 digits, milliseconds
 * count), Z or an offset with a colon. No leap second. */
FZ_MUST_CHECK enum fz_result fz_parse_time(const char *text, int64_t *out);
/* `from_ms` plus an ISO 8601 duration (P1Y2M3W4DT5H6M7S, P1W, PT0.5S; no sign, at most 100 years,
 * not beyond the year 9999). Years and months by the calendar, a day that the month lacks becomes its last.
 */
FZ_MUST_CHECK enum fz_result fz_add_duration(int64_t from_ms, const char *duration, int64_t *out);

/* The instant `days` business days (Monday to Friday) later, at the same time of day; from a week-end,
 * counted from there. */
int64_t fz_add_business_days(int64_t from_ms, int days);

#endif
