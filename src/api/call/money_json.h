/* The parts of an answer that orders and refunds share: exchange rate and voucher (S-RQ). */
#ifndef FZ_API_CALL_MONEY_JSON_H
#define FZ_API_CALL_MONEY_JSON_H

#include "book/refund/refund.h"
#include "spec/common/money.h"
#include "wire/json_text.h"

/* The member "exchange_rate", always with both of its own; `rate` is x 10^8. */
void fz_exchange_rate_json(struct fz_json *json, enum fz_rate_type type, int64_t rate);

/* The member `name`: an array of one voucher; without `refunded` (NULL) it is an order's, with it a refund's. */
void fz_coupon_json(struct fz_json *json, const char *name, const struct fz_coupon *coupon, const char *price_currency,
                    const char *payer_currency, const int64_t *refunded);

#endif
