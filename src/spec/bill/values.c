/* The values in the cells of bill files. Numbers differ in form within one file (0.00, 0.0 and 0; counts as
 * 45.0), and are read without floating point. */
#include <string.h>

#include "base/calendar.h"
#include "spec/bill/cells.h"

static bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

/* False on overflow. */
static bool append(int64_t *value, int digit)
{
    return !__builtin_mul_overflow(*value, 10, value) && !__builtin_add_overflow(*value, digit, value);
}

static bool read_whole(const char **at, const char *end, int64_t *value)
{
    const char *begin = *at;
    for (; *at < end && is_digit(**at); (*at)++)
        if (!append(value, **at - '0'))
            return false;
    return *at > begin;
}

/* What stands behind the point, if there is one. */
static bool read_decimals(const char **at, const char *end, int digits, int64_t *value)
{
    int count = 0;
    bool has_point = *at < end && **at == '.';
    *at += has_point;
    for (; has_point && *at < end && is_digit(**at); (*at)++, count++)
        if (count < digits ? !append(value, **at - '0') : **at != '0')
            return false;
    for (int i = count; i < digits; i++)
        if (!append(value, 0))
            return false;
    return !has_point || count > 0;
}

bool fz_bill_decimal_read(const char *text, size_t size, int digits, int64_t *out)
{
    const char *at = text, *end = text + size;
    int64_t value = 0;
    bool negative = at < end && *at == '-';
    at += negative;
    if (!read_whole(&at, end, &value) || !read_decimals(&at, end, digits, &value) || at != end)
        return false;
    *out = negative ? -value : value;
    return true;
}

bool fz_bill_percent_read(const char *text, size_t size, int64_t *out)
{
    return size > 0 && text[size - 1] == '%' && fz_bill_decimal_read(text, size - 1, 2, out);
}

bool fz_bill_time_read(const char *text, size_t size, int64_t *out_ms)
{
    static const char form[] = "YYYY-MM-DD HH:MM:SS", offset[] = "+08:00";
    char time[sizeof form + sizeof offset]; /* as RFC 3339 has it */
    if (size != sizeof form - 1 || text[10] != ' ')
        return false;
    memcpy(time, text, size);
    memcpy(time + size, offset, sizeof offset);
    time[10] = 'T';
    return fz_parse_time(time, out_ms) == FZ_OK;
}
