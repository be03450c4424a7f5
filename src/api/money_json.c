/* Exchange rate and voucher, as orders and refunds answer them. */
#include "api/money_json.h"

const char *const fz_rate_type_words[] = {"SETTLEMENT_RATE", "USERPAYMENT_RATE", NULL};
const char *const fz_coupon_type_words[] = {"COUPON", "DISCOUNT", NULL};
const char *const fz_coupon_scope_words[] = {"GLOBAL", "SINGLE", NULL};

json_t *fz_exchange_rate_json(enum fz_rate_type type, int64_t rate)
{
    return json_pack("{s:s, s:I}", "type", fz_rate_type_words[type - FZ_RATE_SETTLEMENT], "rate",
                     (json_int_t)rate);
}

/* COUPON is worth payer currency, DISCOUNT price currency (S-RQ). */
json_t *fz_coupon_json(const struct fz_coupon *coupon, const char *price_currency, const char *payer_currency,
                       const int64_t *refunded)
{
    json_t *json = json_pack("{s:s, s:s, s:s, s:I}", "promotion_id", coupon->promotion_id, "scope",
                             fz_coupon_scope_words[coupon->scope - FZ_SCOPE_GLOBAL], "type",
                             fz_coupon_type_words[coupon->type - FZ_COUPON_COUPON], "amount",
                             (json_int_t)coupon->amount);
    bool whole = json != NULL;
    if (refunded != NULL)
        whole = whole && json_object_set_new(json, "refund_amount", json_integer(*refunded)) == 0;
    const char *currency = coupon->type == FZ_COUPON_COUPON ? payer_currency : price_currency;
    whole = whole && json_object_set_new(json, "currency", json_string(currency)) == 0;
    if (!whole) {
        json_decref(json);
        return NULL;
    }
    return json_pack("[o]", json);
}
