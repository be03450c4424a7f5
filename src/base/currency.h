/* The currencies that there are, and what their smallest unit is. */
#ifndef FZ_BASE_CURRENCY_H
#define FZ_BASE_CURRENCY_H

#define FZ_CURRENCY_SIZE 4

enum fz_currency_number {
#define FZ_CURRENCY(code, digits) FZ_CURRENCY_##code,
#include "base/currencies.def"
#undef FZ_CURRENCY
    FZ_CURRENCY_COUNT
};

struct fz_currency {
    char code[FZ_CURRENCY_SIZE];
    int digits; /* decimals of its smallest unit: 2; 0 for JPY, KRW … */
    enum fz_currency_number number;
};
/* NULL if it is not in the table. Static. */
const struct fz_currency *fz_currency_find(const char *code);

#endif
