/* Money arithmetic and the table of rates. */
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

/* The sandbox's own, fixed, so that what is worked out by hand stays true. */
static const int64_t rates[FZ_CURRENCY_COUNT] = {
    [FZ_CURRENCY_CNY] = FZ_RATE_ONE, [FZ_CURRENCY_AED] = 177000000, [FZ_CURRENCY_AUD] = 485000000,
    [FZ_CURRENCY_BRL] = 125000000, [FZ_CURRENCY_CAD] = 515000000, [FZ_CURRENCY_CHF] = 705000000,
    [FZ_CURRENCY_CZK] = 30000000, [FZ_CURRENCY_DKK] = 103000000, [FZ_CURRENCY_EUR] = 770000000,
    [FZ_CURRENCY_GBP] = 900000000, [FZ_CURRENCY_HKD] = 83500000, [FZ_CURRENCY_HUF] = 2150000,
    [FZ_CURRENCY_IDR] = 45000, [FZ_CURRENCY_ILS] = 200000000, [FZ_CURRENCY_INR] = 8750000,
    [FZ_CURRENCY_JPY] = 5900000, [FZ_CURRENCY_KHR] = 160000, [FZ_CURRENCY_KRW] = 570000,
    [FZ_CURRENCY_LAK] = 68000, [FZ_CURRENCY_MMK] = 420000, [FZ_CURRENCY_MOP] = 81000000,
    [FZ_CURRENCY_MXN] = 32500000, [FZ_CURRENCY_MYR] = 157000000, [FZ_CURRENCY_NOK] = 77000000,
    [FZ_CURRENCY_NZD] = 460000000, [FZ_CURRENCY_PHP] = 13500000, [FZ_CURRENCY_PLN] = 171000000,
    [FZ_CURRENCY_QAR] = 178500000, [FZ_CURRENCY_RUB] = 8800000, [FZ_CURRENCY_SAR] = 173300000,
    [FZ_CURRENCY_SEK] = 76000000, [FZ_CURRENCY_SGD] = 485000000, [FZ_CURRENCY_THB] = 20500000,
    [FZ_CURRENCY_TRY] = 75000000, [FZ_CURRENCY_TWD] = 23200000, [FZ_CURRENCY_USD] = 650000000,
    [FZ_CURRENCY_VND] = 28000, [FZ_CURRENCY_ZAR] = 45000000,
};

int64_t fz_sandbox_rate(const struct fz_currency *currency)
{
    return rates[currency->number];
}

bool fz_is_cny(const char *code)
{
    return strcmp(code, "CNY") == 0;
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
