/* The parts of an answer that orders and refunds share: exchange rate and voucher (S-RQ). */
#ifndef FZ_API_MONEY_JSON_H
#define FZ_API_MONEY_JSON_H

#include <jansson.h>

#include "book/refund.h"

/* Always both members; `rate` is x 10^8. New; NULL when memory is short. */
json_t *fz_exchange_rate_json(enum fz_rate_type type, int64_t rate);

/* An array of one voucher; without `refunded` (NULL) it is an order's, with it a refund's. New; NULL when
 * memory is short. */
json_t *fz_coupon_json(const struct fz_coupon *coupon, const char *price_currency, const char *payer_currency,
                       const int64_t *refunded);

/* The words that these can have, NULL-ended. */
extern const char *const fz_rate_type_words[];
extern const char *const fz_coupon_type_words[];
extern const char *const fz_coupon_scope_words[];

#endif
