/* Amounts, rates and shares, for people. */
#include "cli/output/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/currency.h"

#define RATE_DIGITS 8

/* `value` / 10^digits. */
static void write_decimal(char out[FZ_VALUE_SIZE], int64_t value, int digits)
{
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value, scale = 1;
    for (int i = 0; i < digits; i++)
        scale *= 10;
    int size = snprintf(out, FZ_VALUE_SIZE, "%s%" PRIu64, value < 0 ? "-" : "", left / scale);
    if (digits <= 0)
        return;
    snprintf(out + size, FZ_VALUE_SIZE - (size_t)size, "%" PRIu64, scale + left % scale); /* a 1, and as many digits */
    out[size] = '.';
}

void fz_amount_write_bare(char out[FZ_VALUE_SIZE], int64_t amount, const char *currency)
{
    const struct fz_currency *known = currency == NULL ? NULL : fz_currency_find(currency);
    write_decimal(out, amount, known == NULL ? 2 : known->digits);
}

void fz_amount_write(char out[FZ_VALUE_SIZE], int64_t amount, const char *currency)
{
    fz_amount_write_bare(out, amount, currency);
    size_t size = strlen(out);
    if (currency != NULL && currency[0] != '\0')
        snprintf(out + size, FZ_VALUE_SIZE - size, " %.8s", currency);
}

void fz_rate_write(char out[FZ_VALUE_SIZE], int64_t rate)
{
    write_decimal(out, rate, RATE_DIGITS);
    size_t size = strlen(out);
    while (size > 0 && out[size - 1] == '0')
        out[--size] = '\0';
    if (size > 0 && out[size - 1] == '.')
        out[size - 1] = '\0';
}

void fz_share_write(char out[FZ_VALUE_SIZE], int64_t share)
{
    write_decimal(out, share, 2);
    strcat(out, " %");
}
