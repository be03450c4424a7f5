/* Exchange rate and voucher, as orders and refunds answer them (S-RQ). */
#ifndef FENZHANG_MONEY_H
#define FENZHANG_MONEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Between the price currency and the payer's. */
struct fz_exchange_rate {
    const char *type; /* SETTLEMENT_RATE or USERPAYMENT_RATE */
    int64_t rate;     /* x 10^8 */
};

#endif
