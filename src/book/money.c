/* Money arithmetic and the table of currencies. */
#include "book/money.h"

#include <assert.h>
#include <string.h>

enum fz_result fz_sum(int64_t a, int64_t b, int64_t *out)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return FZ_FAILED;
    *out = sum;
    return FZ_OK;
}

/* The settlement currencies of the real service, 37, and CNY. The digits are ISO 4217's; the rates are the
 * sandbox's own, fixed, so that what is worked out by hand stays true. */
static const struct fz_currency currencies[FZ_CURRENCY_COUNT] = {
    {"CNY", 2, FZ_RATE_ONE}, {"AED", 2, 177000000}, {"AUD", 2, 485000000}, {"BRL", 2, 125000000},
    {"CAD", 2, 515000000},   {"CHF", 2, 705000000}, {"CZK", 2, 30000000},  {"DKK", 2, 103000000},
    {"EUR", 2, 770000000},   {"GBP", 2, 900000000}, {"HKD", 2, 83500000},  {"HUF", 2, 2150000},
    {"IDR", 2, 45000},       {"ILS", 2, 200000000}, {"INR", 2, 8750000},   {"JPY", 0, 5900000},
    {"KHR", 2, 160000},      {"KRW", 0, 570000},    {"LAK", 2, 68000},     {"MMK", 2, 420000},
    {"MOP", 2, 81000000},    {"MXN", 2, 32500000},  {"MYR", 2, 157000000}, {"NOK", 2, 77000000},
    {"NZD", 2, 460000000},   {"PHP", 2, 13500000},  {"PLN", 2, 171000000}, {"QAR", 2, 178500000},
    {"RUB", 2, 8800000},     {"SAR", 2, 173300000}, {"SEK", 2, 76000000},  {"SGD", 2, 485000000},
    {"THB", 2, 20500000},    {"TRY", 2, 75000000},  {"TWD", 2, 23200000},  {"USD", 2, 650000000},
    {"VND", 0, 28000},       {"ZAR", 2, 45000000},
};

bool fz_is_cny(const char *code)
{
    return strcmp(code, "CNY") == 0;
}

const struct fz_currency *fz_currency_find(const char *code)
{
    for (size_t i = 0; i < FZ_CURRENCY_COUNT; i++)
        if (strcmp(currencies[i].code, code) == 0)
            return &currencies[i];
    return NULL;
}

/* numerator / denominator, half up, away from zero for negative ones. */
static int64_t divide_rounded(__int128 numerator, __int128 denominator)
{
    __int128 half = denominator / 2;
    __int128 value = (numerator < 0 ? numerator - half : numerator + half) / denominator;
    assert(value >= INT64_MIN && value <= INT64_MAX);
    return (int64_t)value;
}

/* How many of its smallest units make one of `currency`. */
static int64_t smallest_units(const struct fz_currency *currency)
{
    int64_t units = 1;
    for (int i = 0; i < currency->digits; i++)
        units *= 10;
    return units;
}

int64_t fz_from_cny(int64_t amount, const struct fz_currency *currency, int64_t rate)
{
    assert(rate > 0);
    if (fz_is_cny(currency->code))
        return amount;
    return divide_rounded((__int128)amount * FZ_RATE_ONE * smallest_units(currency), (__int128)rate * 100);
}

int64_t fz_to_cny(int64_t amount, const struct fz_currency *currency, int64_t rate)
{
    assert(rate > 0);
    if (fz_is_cny(currency->code))
        return amount;
    return divide_rounded((__int128)amount * rate * 100, (__int128)FZ_RATE_ONE * smallest_units(currency));
}

struct fz_gross fz_gross_from_cny(int64_t net, int64_t fee, const struct fz_currency *currency, int64_t rate)
{
    int64_t gross = fz_from_cny(net + fee, currency, rate);
    return (struct fz_gross){.gross = gross, .fee = gross - fz_from_cny(net, currency, rate)};
}

int64_t fz_fee(int64_t settled, int fee_rate)
{
    return divide_rounded((__int128)settled * fee_rate, 10000);
}
