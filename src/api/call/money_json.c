/* Exchange rate and voucher, as orders and refunds answer them. */
#include "api/call/money_json.h"


void fz_exchange_rate_json(struct fz_json *json, enum fz_rate_type type, int64_t rate)
{
    fz_json_object(json, "exchange_rate");
    fz_json_string(json, "type", fz_rate_type_words[type - FZ_RATE_SETTLEMENT]);
    fz_json_integer(json, "rate", rate);
    fz_json_end_object(json);
}

/* COUPON is worth payer currency, DISCOUNT price currency (S-RQ). */
void fz_coupon_json(struct fz_json *json, const char *name, const struct fz_coupon *coupon, const char *price_currency,
                    const char *payer_currency, const int64_t *refunded)
{
    fz_json_array(json, name);
    fz_json_object(json, NULL);
    fz_json_string(json, "promotion_id", coupon->promotion_id);
    fz_json_string(json, "scope", fz_coupon_scope_words[coupon->scope - FZ_SCOPE_GLOBAL]);
    fz_json_string(json, "type", fz_coupon_type_words[coupon->type - FZ_COUPON_COUPON]);
    fz_json_integer(json, "amount", coupon->amount);
    if (refunded != NULL)
        fz_json_integer(json, "refund_amount", *refunded);
    fz_json_string(json, "currency", coupon->type == FZ_COUPON_COUPON ? payer_currency : price_currency);
    fz_json_end_object(json);
    fz_json_end_array(json);
}
