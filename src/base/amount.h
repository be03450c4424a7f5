/* What an amount may be. */
#ifndef FZ_BASE_AMOUNT_H
#define FZ_BASE_AMOUNT_H

#include <stdint.h>

/* 1 000 000 000.00 of a currency with two decimals: what a single amount may be. Sums of ten million of them stay in 64 bits. */
#define FZ_AMOUNT_MAX INT64_C(100000000000)

#endif
