/* WeChat's own numbers: readable prefix, day and row, and a tail that nobody guesses. */
#include "book/number.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"

/* Writes the day as yyyymmdd. */
static void write_day(char out[9], int day)
{
    char text[FZ_DAY_SIZE];
    fz_format_day(text, day);
    size_t size = 0;
    for (const char *at = text; *at != '\0' && size < 8; at++)
        if (*at != '-')
            out[size++] = *at;
    out[size] = '\0';
}

void fz_number_write(char out[FZ_NUMBER_SIZE], const struct fz_world *world, const char *prefix,
                     const char *label, int64_t time_ms, int64_t row, int digits)
{
    char day[9];
    write_day(day, fz_day_of(time_ms));
    int size = snprintf(out, FZ_NUMBER_SIZE, "%s%s%09lld", prefix, day, (long long)row);
    assert(digits < FZ_NUMBER_SIZE && size < digits);
    uint64_t below = 1;
    for (int i = size; i < digits; i++)
        below *= 10;
    snprintf(out + size, (size_t)(FZ_NUMBER_SIZE - size), "%0*llu", digits - size,
             (unsigned long long)fz_draw(world, label, row, below));
}
