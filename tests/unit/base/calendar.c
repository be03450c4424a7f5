/* Calendar facts, worked out by hand or by libc's own gmtime. Times in milliseconds are those of `date -d …
 * +%s`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/calendar.h"

static int day(const char *text)
{
    int day = FZ_NO_DAY;
    assert_int_equal(fz_parse_day(text, &day), FZ_OK);
    return day;
}

static int64_t at(const char *text)
{
    int64_t time_ms = 0;
    if (fz_parse_time(text, &time_ms) != FZ_OK)
        fail_msg("not read: %s", text);
    return time_ms;
}

static void assert_time(int64_t time_ms, const char *expected)
{
    char text[FZ_TIME_SIZE];
    fz_format_time(text, time_ms);
    assert_string_equal(text, expected);
}

static void days_are_counted_from_1970(void **state)
{
    (void)state;
    assert_int_equal(day("1970-01-01"), 0);
    assert_int_equal(day("2000-01-01"), 10957);
    assert_int_equal(day("2000-02-29"), 11016);
    assert_int_equal(day("2000-03-01"), 11017);
    assert_int_equal(day("2038-01-19"), 24855);
    assert_int_equal(day("2100-02-28"), 47540);
    assert_int_equal(day("2100-03-01"), 47541);
    assert_int_equal(day("9999-12-31"), 2932896);
}

static void months_start_on_the_first(void **state)
{
    (void)state;
    assert_int_equal(fz_month_start(day("2026-01-01")), day("2026-01-01"));
    assert_int_equal(fz_month_start(day("2026-01-31")), day("2026-01-01"));
    assert_int_equal(fz_month_start(day("2024-02-29")), day("2024-02-01"));
    assert_int_equal(fz_month_start(day("2024-03-01")), day("2024-03-01"));
    assert_int_equal(fz_month_start(day("2025-12-31")), day("2025-12-01"));
    assert_int_equal(fz_month_start(-1), day("1970-01-01") - 31);
}

static void weekdays_run_from_monday(void **state)
{
    (void)state;
    assert_int_equal(fz_weekday(day("1970-01-01")), 4);
    assert_int_equal(fz_weekday(day("2000-01-01")), 6);
    assert_int_equal(fz_weekday(day("2024-02-29")), 4);
    assert_int_equal(fz_weekday(day("2026-01-05")), 1);
    assert_int_equal(fz_weekday(day("2100-02-28")), 7);
    assert_int_equal(fz_weekday(-1), 3);
    assert_int_equal(fz_weekday(-4), 7);
    assert_int_equal(fz_weekday(-5), 6);
}

/* Each day of 140 years against libc. */
static void every_day_is_what_libc_says(void **state)
{
    (void)state;
    for (int number = 0; number < 140 * 366; number++) {
        time_t seconds = (time_t)number * 86400;
        struct tm utc;
        gmtime_r(&seconds, &utc);
        char expected[16], text[FZ_DAY_SIZE];
        strftime(expected, sizeof expected, "%Y-%m-%d", &utc);
        fz_format_day(text, number);
        assert_string_equal(text, expected);
        assert_int_equal(day(text), number);
        assert_int_equal(fz_weekday(number), utc.tm_wday == 0 ? 7 : utc.tm_wday);
    }
}

static void a_beijing_day_begins_at_16_utc(void **state)
{
    (void)state;
    assert_int_equal(fz_day_of(INT64_C(1767628799999)), day("2026-01-05")); /* 2026-01-05T15:59:59.999Z */
    assert_int_equal(fz_day_of(INT64_C(1767628800000)), day("2026-01-06")); /* 2026-01-05T16:00:00Z */
    assert_int_equal(fz_day_start_ms(day("2026-01-06")), INT64_C(1767628800000));
    assert_int_equal(fz_day_start_ms(0), -8 * FZ_HOUR_MS);
    assert_int_equal(fz_day_of(-8 * FZ_HOUR_MS), 0);
    assert_int_equal(fz_day_of(-8 * FZ_HOUR_MS - 1), -1);
    assert_int_equal(fz_day_of(-8 * FZ_HOUR_MS - FZ_DAY_MS), -1);
    assert_int_equal(fz_day_of(-8 * FZ_HOUR_MS - FZ_DAY_MS - 1), -2);
}

static void times_are_written_as_the_documents_write_them(void **state)
{
    (void)state;
    char text[FZ_TIME_SIZE];
    assert_time(INT64_C(1528425296000), "2018-06-08T10:34:56+08:00");
    assert_time(INT64_C(1528425296999), "2018-06-08T10:34:56+08:00");
    assert_time(INT64_C(1767628799999), "2026-01-05T23:59:59+08:00");
    assert_time(INT64_C(1767628800000), "2026-01-06T00:00:00+08:00");
    assert_time(0, "1970-01-01T08:00:00+08:00");
    assert_time(-8 * FZ_HOUR_MS - 1, "1969-12-31T23:59:59+08:00");
    assert_time(INT64_C(253402271999000), "9999-12-31T23:59:59+08:00");
    assert_time(INT64_C(253402272000000), "9999-12-31T23:59:59+08:00"); /* behind the end: never the year 0 */
    fz_format_time_ms(text, INT64_C(1528425296120));
    assert_string_equal(text, "2018-06-08T10:34:56.120+08:00");
    fz_format_time_ms(text, INT64_C(1528425296007));
    assert_string_equal(text, "2018-06-08T10:34:56.007+08:00");
    fz_format_bill_time(text, INT64_C(1528425296120));
    assert_string_equal(text, "2018-06-08 10:34:56");
}

static void days_that_do_not_exist_are_refused(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "",
        "2023-02-29",
        "2100-02-29",
        "2024-02-30",
        "2026-04-31",
        "2026-13-01",
        "2026-00-10",
        "2026-01-00",
        "2026-01-32",
        "1969-12-31",
        "2026-1-05",
        "26-01-05",
        "2026/01/05",
        "20260105",
        "2026-01-05 ",
        " 2026-01-05",
        "2026-01-0",
        "2026-01-055",
        "2026-01-",
        "2026",
        "-026-01-05",
        "+026-01-05",
        "2026-01-0x",
        "x026-01-05",
        "2026-01-05T00:00:00+08:00",
        "10000-01-01",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        int out = 4711;
        if (fz_parse_day(broken[i], &out) != FZ_MALFORMED || out != 4711)
            fail_msg("taken: '%s'", broken[i]);
    }
    assert_int_equal(day("2000-02-29") - day("2000-02-28"), 1);
    assert_int_equal(day("2024-03-01") - day("2024-02-28"), 2);
    assert_int_equal(day("2100-03-01") - day("2100-02-28"), 1);
}

static void times_are_read_in_every_zone(void **state)
{
    (void)state;
    const int64_t expected = INT64_C(1528425296000);
    assert_int_equal(at("2018-06-08T10:34:56+08:00"), expected);
    assert_int_equal(at("2018-06-08T02:34:56Z"), expected);
    assert_int_equal(at("2018-06-08T02:34:56+00:00"), expected);
    assert_int_equal(at("2018-06-07T21:04:56-05:30"), expected);
    assert_int_equal(at("2018-06-08T10:34:56.1+08:00"), expected + 100);
    assert_int_equal(at("2018-06-08T10:34:56.12+08:00"), expected + 120);
    assert_int_equal(at("2018-06-08T10:34:56.1234+08:00"), expected + 123);
    assert_int_equal(at("2018-06-08T10:34:56.999999999+08:00"), expected + 999);
    assert_int_equal(at("1970-01-01T00:00:00Z"), 0);
    assert_int_equal(at("9999-12-31T23:59:59+08:00"), INT64_C(253402271999000));
}

static void broken_times_are_refused(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "",
        "2018-06-08",
        "2018-06-08T10:34:56",
        "2018-06-08 10:34:56+08:00",
        "2018-06-08t10:34:56+08:00",
        "2018-06-08T02:34:56z",
        "2018-06-08T24:00:00+08:00",
        "2018-06-08T10:60:00+08:00",
        "2018-06-08T10:34:60+08:00",
        "2018-06-08T10:34+08:00",
        "2018-06-08T1:34:56+08:00",
        "2018-06-08T10:34:56.+08:00",
        "2018-06-08T10:34:56.1234567890+08:00",
        "2018-06-08T10:34:56,5+08:00",
        "2018-06-08T10:34:56+0800",
        "2018-06-08T10:34:56+08",
        "2018-06-08T10:34:56+24:00",
        "2018-06-08T10:34:56+08:60",
        "2018-06-08T10:34:56*08:00",
        "2018-06-08T10:34:56+08:00 ",
        "2018-06-08T10:34:56Z+08:00",
        "2018-02-29T10:34:56+08:00",
        "2018-06-08T-1:34:56+08:00",
        "9999-12-31T16:00:00Z", /* the year 10000 in Beijing */
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        int64_t out = 4711;
        if (fz_parse_time(broken[i], &out) != FZ_MALFORMED || out != 4711)
            fail_msg("taken: '%s'", broken[i]);
    }
}

static void assert_duration(const char *from, const char *duration, const char *expected)
{
    int64_t out = 0;
    if (fz_add_duration(at(from), duration, &out) != FZ_OK)
        fail_msg("not read: %s", duration);
    assert_time(out, expected);
}

static void durations_go_by_the_calendar(void **state)
{
    (void)state;
    assert_duration("2026-01-31T10:00:00+08:00", "P1M", "2026-02-28T10:00:00+08:00");
    assert_duration("2024-01-31T10:00:00+08:00", "P1M", "2024-02-29T10:00:00+08:00");
    assert_duration("2026-03-31T10:00:00+08:00", "P1M", "2026-04-30T10:00:00+08:00");
    assert_duration("2026-12-15T10:00:00+08:00", "P1M", "2027-01-15T10:00:00+08:00");
    assert_duration("2026-12-31T10:00:00+08:00", "P14M", "2028-02-29T10:00:00+08:00");
    assert_duration("2024-02-29T12:00:00+08:00", "P1Y", "2025-02-28T12:00:00+08:00");
    assert_duration("2024-02-29T12:00:00+08:00", "P4Y", "2028-02-29T12:00:00+08:00");
    assert_duration("2096-02-29T12:00:00+08:00", "P4Y", "2100-02-28T12:00:00+08:00");
    assert_duration("2026-01-01T00:00:00+08:00", "P100Y", "2126-01-01T00:00:00+08:00");
    assert_duration("2026-01-05T10:00:00+08:00", "PT5M", "2026-01-05T10:05:00+08:00");
    assert_duration("2026-01-05T23:59:59+08:00", "PT1S", "2026-01-06T00:00:00+08:00");
    assert_duration("2026-01-05T10:00:00+08:00", "P1W", "2026-01-12T10:00:00+08:00");
    assert_duration("2026-01-05T10:00:00+08:00", "P180D", "2026-07-04T10:00:00+08:00");
    assert_duration("2026-01-05T10:00:00+08:00", "P1Y2M3W4DT5H6M7S", "2027-03-30T15:06:07+08:00");
    assert_duration("2026-01-05T10:00:00+08:00", "PT36H", "2026-01-06T22:00:00+08:00");
    assert_duration("2026-01-05T10:00:00+08:00", "PT0S", "2026-01-05T10:00:00+08:00");
    /* The month goes by Beijing's date: 2026-01-31T16:30Z is the first of February there. */
    assert_duration("2026-01-31T16:30:00Z", "P1M", "2026-03-01T00:30:00+08:00");
    int64_t out = 0;
    assert_int_equal(fz_add_duration(1000, "PT0.5S", &out), FZ_OK);
    assert_int_equal(out, 1500);
    assert_int_equal(fz_add_duration(1000, "PT1.0625S", &out), FZ_OK);
    assert_int_equal(out, 2062);
}

static void broken_durations_are_refused(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "",
        "P",
        "PT",
        "P1",
        "1D",
        "T5M",
        "PT5",
        "P5S",
        "P1H",
        "PT1D",
        "PT1Y",
        "P-1D",
        "-P1D",
        "+P1D",
        "P1DT",
        "P1D1Y",
        "P1M1Y",
        "P1Y1Y",
        "PT1S1M",
        "PT1MT1S",
        "PTT1S",
        "P1.5Y",
        "PT1.S",
        "PT.5S",
        "PT0,5S",
        "PT1.5M",
        "P1D ",
        " P1D",
        "p1d",
        "PT5m",
        "P1X",
        "P1DT1H1D",
        "P101Y",
        "P1201M",
        "P36526D",
        "PT876601H",
        "P9999999999D",
        "P100YT1S",
        "P100Y1D",
        "P36525DT1S",
        "P1Y1",
        "PT1H1",
        "P 1D",
        "P1D\n",
        "P1D5H",
        "P99999999999999999999Y",
        "PT0.1234567890S",
        "P1YT",
        "PYD",
        "P0x1D",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        int64_t out = 4711;
        /* From 1970: the hundred years to 2070 have 25 leap days, so that 36 525 days are just allowed. */
        if (fz_add_duration(0, broken[i], &out) != FZ_MALFORMED || out != 4711)
            fail_msg("taken: '%s'", broken[i]);
    }
    int64_t out = 4711;
    assert_int_equal(fz_add_duration(0, "P36525D", &out), FZ_OK);
    assert_int_equal(out, 36525 * FZ_DAY_MS);
    assert_int_equal(fz_add_duration(INT64_C(253402271999000), "PT1S", &out),
                     FZ_MALFORMED); /* the year 10000 */
}

static void business_days_pass_over_week_ends(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        int days;
        const char *expected;
    } cases[] = {
        {"2026-01-05T18:30:00+08:00", 0, "2026-01-05T18:30:00+08:00"}, /* Monday */
        {"2026-01-05T18:30:00+08:00", 3, "2026-01-08T18:30:00+08:00"}, /* to Thursday */
        {"2026-01-07T18:30:00+08:00", 3, "2026-01-12T18:30:00+08:00"}, /* Wednesday to Monday */
        {"2026-01-08T00:00:00+08:00", 3, "2026-01-13T00:00:00+08:00"}, /* Thursday to Tuesday */
        {"2026-01-09T18:30:00+08:00", 3, "2026-01-14T18:30:00+08:00"}, /* Friday to Wednesday */
        {"2026-01-10T18:30:00+08:00", 3, "2026-01-14T18:30:00+08:00"}, /* Saturday: Monday is the first */
        {"2026-01-11T23:59:59+08:00", 3, "2026-01-14T23:59:59+08:00"}, /* Sunday the same */
        {"2026-01-11T16:00:00Z", 3, "2026-01-15T00:00:00+08:00"}, /* Sunday in London, Monday in Beijing */
        {"2026-01-09T18:30:00+08:00", 1, "2026-01-12T18:30:00+08:00"},
        {"2026-01-05T18:30:00+08:00", 10, "2026-01-19T18:30:00+08:00"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_time(fz_add_business_days(at(cases[i].from), cases[i].days), cases[i].expected);
}

static void compact_days_are_the_same_without_dashes(void **state)
{
    (void)state;
    static const char *const broken[] = {"",         "2026010",  "202601055", "2026-01-05", "20260230",
                                         "20261301", "2026010x", " 2026010",  "19691231",   "2026+1+5"};
    char text[FZ_DAY_SIZE];
    int out = 4711;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        if (fz_parse_compact_day(broken[i], &out) != FZ_MALFORMED || out != 4711)
            fail_msg("taken: '%s'", broken[i]);
    assert_int_equal(fz_parse_compact_day("20260105", &out), FZ_OK);
    assert_int_equal(out, day("2026-01-05"));
    fz_format_compact_day(text, out);
    assert_string_equal(text, "20260105");
    fz_format_compact_day(text, day("1970-01-01"));
    assert_string_equal(text, "19700101");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_are_counted_from_1970),
        cmocka_unit_test(months_start_on_the_first),
        cmocka_unit_test(compact_days_are_the_same_without_dashes),
        cmocka_unit_test(weekdays_run_from_monday),
        cmocka_unit_test(every_day_is_what_libc_says),
        cmocka_unit_test(a_beijing_day_begins_at_16_utc),
        cmocka_unit_test(times_are_written_as_the_documents_write_them),
        cmocka_unit_test(days_that_do_not_exist_are_refused),
        cmocka_unit_test(times_are_read_in_every_zone),
        cmocka_unit_test(broken_times_are_refused),
        cmocka_unit_test(durations_go_by_the_calendar),
        cmocka_unit_test(broken_durations_are_refused),
        cmocka_unit_test(business_days_pass_over_week_ends),
    };
    return cmocka_run_group_tests_name("base_calendar", tests, NULL, NULL);
}
