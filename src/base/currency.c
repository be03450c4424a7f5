/* The table of currencies. */
#include "base/currency.h"

#include <string.h>

static const struct fz_currency currencies[FZ_CURRENCY_COUNT] = {
#define FZ_CURRENCY(code, digits) {#code, digits, FZ_CURRENCY_##code},
#include "base/currencies.def"
#undef FZ_CURRENCY
};

/* A bill's lines ask for each of their amounts: most rows are passed over by their first letter. */
const struct fz_currency *fz_currency_find(const char *code)
{
    for (int i = 0; i < FZ_CURRENCY_COUNT; i++)
        if (currencies[i].code[0] == code[0] && strcmp(currencies[i].code, code) == 0)
            return &currencies[i];
    return NULL;
}
