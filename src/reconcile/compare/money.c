/* Writes amounts and converts them, without floating point. */
#include "reconcile/compare/money.h"

#include <stdio.h>
#include <string.h>

#include "reconcile/read/values.h"

#define RATE_ONE INT64_C(100000000)

const char *fz_money_text(char out[FZ_MONEY_SIZE], int64_t amount, const char currency[4])
{
    int digits = currency[0] == '\0' ? 0 : fz_value_digits(currency);
    int64_t unit = 1;
    for (int i = 0; i < digits; i++)
        unit *= 10;
    uint64_t size = amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount;
    int used = snprintf(out, FZ_MONEY_SIZE, "%s%llu", amount < 0 ? "-" : "", (unsigned long long)(size / (uint64_t)unit));
    if (digits > 0)
        used += snprintf(out + used, FZ_MONEY_SIZE - (size_t)used, ".%0*llu", digits,
                         (unsigned long long)(size % (uint64_t)unit));
    if (currency[0] != '\0')
        snprintf(out + used, FZ_MONEY_SIZE - (size_t)used, " %.3s", currency);
    return out;
}

const char *fz_rate_text(char out[FZ_MONEY_SIZE], int64_t rate)
{
    int used = snprintf(out, FZ_MONEY_SIZE, "%lld.%08lld", (long long)(rate / RATE_ONE), (long long)(rate % RATE_ONE));
    while (used > 0 && out[used - 1] == '0' && out[used - 2] != '.')
        out[--used] = '\0';
    return out;
}

/* fen / 100 * 10^digits / (rate / 10^8), half up; of a negative amount as of its size. */
int64_t fz_money_converted(int64_t fen, int64_t rate, const char currency[4])
{
    int digits = fz_value_digits(currency);
    __int128 units = (__int128)(fen < 0 ? -fen : fen) * RATE_ONE;
    for (int i = 0; i < digits; i++)
        units *= 10;
    __int128 by = (__int128)rate * 100;
    int64_t value = (int64_t)((2 * units + by) / (2 * by));
    return fen < 0 ? -value : value;
}

bool fz_money_fits(int64_t settlement, int64_t least, int64_t most, int64_t rate, const char currency[4])
{
    if (rate <= 0)
        return true;
    return settlement >= fz_money_converted(least, rate, currency) - 1 &&
           settlement <= fz_money_converted(most, rate, currency) + 1;
}

int64_t fz_money_rate_for(int64_t here, int64_t there, int64_t rate)
{
    return here == 0 ? 0 : (int64_t)((__int128)there * rate / here);
}
