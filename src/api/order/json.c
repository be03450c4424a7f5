/* The JSON of an order. What only a payment brings (number, bank, payer's amount, rate, voucher) is absent
 * before it. */
#include "api/order/json.h"

#include <string.h>

#include "api/call/money_json.h"
#include "base/calendar.h"

static const char *const trade_state_words[] = {"SUCCESS",    "REFUND",  "NOTPAY",   "CLOSED",
                                                "USERPAYING", "REVOKED", "PAYERROR", NULL};

const struct fz_field fz_order_fields[] = {
    {"mchid", FZ_STRING, 32, false, NULL, "Merchant ID; in Common mode"},
    {"appid", FZ_STRING, 32, false, NULL, "Merchant's appid; in Common mode"},
    {"sp_mchid", FZ_STRING, 32, false, NULL, "Institution's merchant ID; in Institutional mode"},
    {"sub_mchid", FZ_STRING, 32, false, NULL, "Sub-merchant ID; in Institutional mode"},
    {"sp_appid", FZ_STRING, 32, false, NULL, "Institution's appid; in Institutional mode"},
    {"sub_appid", FZ_STRING, 32, false, NULL, "Sub-merchant's appid"},
    {"out_trade_no", FZ_STRING, 64, true, NULL, "Merchant order number"},
    {"id", FZ_STRING, 32, false, NULL, "WeChat Pay transaction ID; once paid"},
    {"attach", FZ_STRING, 128, false, NULL, "Merchant's own data"},
    {"trade_type", FZ_STRING, 16, true, NULL, "Trade type"},
    {"bank_type", FZ_STRING, 16, false, NULL, "Payer's bank; once paid"},
    {"success_time", FZ_STRING, 64, false, NULL, "When it was paid"},
    {"trade_state", FZ_STRING, 32, true, trade_state_words, "State of the order"},
    {"trade_state_desc", FZ_STRING, 256, true, NULL, "The state in words"},
    {"amount", FZ_OBJECT, 0, true, NULL, "Order amount"},
    {"amount.total", FZ_INTEGER, 0, true, NULL, "Order amount, in the price currency"},
    {"amount.currency", FZ_STRING, 16, true, NULL, "Price currency"},
    {"amount.payer_total", FZ_INTEGER, 0, false, NULL, "What the payer paid, without vouchers"},
    {"amount.payer_currency", FZ_STRING, 16, false, NULL, "Payment currency"},
    {"amount.exchange_rate", FZ_OBJECT, 0, false, NULL, "Exchange rate"},
    {"amount.exchange_rate.type", FZ_STRING, 16, true, fz_rate_type_words, "Which rate"},
    {"amount.exchange_rate.rate", FZ_INTEGER, 0, true, NULL, "The rate x 10^8"},
    {"promotion_detail", FZ_ARRAY, 1, false, NULL, "The voucher used; absent without one"},
    {"promotion_detail[].promotion_id", FZ_STRING, 32, true, NULL, "Voucher ID"},
    {"promotion_detail[].scope", FZ_STRING, 32, false, fz_coupon_scope_words, "What the voucher is for"},
    {"promotion_detail[].type", FZ_STRING, 32, false, fz_coupon_type_words,
     "Whether the voucher is settled (COUPON) or not (DISCOUNT)"},
    {"promotion_detail[].amount", FZ_INTEGER, 0, true, NULL, "The voucher's worth"},
    {"promotion_detail[].currency", FZ_STRING, 16, true, NULL, "The voucher's currency"},
    {0},
};

static const char *describe(const char *trade_state)
{
    static const struct {
        const char *state, *text;
    } texts[] = {{"SUCCESS", "Paid"},
                 {"REFUND", "Paid, and refunded in part or in whole"},
                 {"NOTPAY", "Not paid yet"},
                 {"CLOSED", "Closed"},
                 {"USERPAYING", "The payer has to enter the password"},
                 {"REVOKED", "Reversed"},
                 {"PAYERROR", "The payment failed. Place a new order"}};
    size_t i = 0;
    while (strcmp(texts[i].state, trade_state) != 0 && i + 1 < sizeof texts / sizeof texts[0])
        i++;
    return texts[i].text;
}

static void add_amount(struct fz_json *json, const struct fz_payment *payment)
{
    bool paid = payment->success_ms != 0;
    fz_json_object(json, "amount");
    fz_json_integer(json, "total", payment->amount);
    if (paid)
        fz_json_integer(json, "payer_total", payment->payer_total);
    fz_json_string(json, "currency", payment->currency);
    if (paid) {
        enum fz_rate_type type;
        int64_t rate;
        fz_payment_exchange_rate(payment, &type, &rate);
        fz_json_string(json, "payer_currency", payment->payer_currency);
        fz_exchange_rate_json(json, type, rate);
    }
    fz_json_end_object(json);
}

/* What the payment brought. */
static void add_payment(struct fz_json *json, const struct fz_payment *payment)
{
    char success_time[FZ_TIME_SIZE];
    fz_format_time(success_time, payment->success_ms);
    fz_json_string(json, "id", payment->transaction_id);
    fz_json_string(json, "bank_type", fz_payer_word(payment->payer_kind));
    fz_json_string(json, "success_time", success_time);
    if (payment->coupon.type != FZ_COUPON_NONE)
        fz_coupon_json(json, "promotion_detail", &payment->coupon, payment->currency, payment->payer_currency, NULL);
}

void fz_order_answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json)
{
    (void)call;
    (void)params;
    fz_json_object(json, NULL);
    fz_order_json(json, out);
    fz_json_end_object(json);
}

void fz_order_json(struct fz_json *json, const struct fz_payment *payment)
{
    bool common = payment->sub_mchid[0] == '\0';
    const char *state = fz_payment_state_word(payment);
    fz_json_given(json, "mchid", common ? payment->caller : NULL);
    fz_json_given(json, "appid", common ? payment->appid : NULL);
    fz_json_given(json, "sp_mchid", common ? NULL : payment->caller);
    fz_json_given(json, "sub_mchid", payment->sub_mchid);
    fz_json_given(json, "sp_appid", common ? NULL : payment->appid);
    fz_json_given(json, "sub_appid", payment->sub_appid);
    fz_json_string(json, "out_trade_no", payment->out_trade_no);
    fz_json_given(json, "attach", payment->attach);
    fz_json_string(json, "trade_type", payment->trade_type);
    fz_json_string(json, "trade_state", state);
    fz_json_string(json, "trade_state_desc", describe(state));
    add_amount(json, payment);
    if (payment->success_ms != 0)
        add_payment(json, payment);
}
