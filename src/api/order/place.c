/* Placing an order, whatever it is paid by. */
#include "api/order/place.h"

#include <stdio.h>
#include <string.h>

#include "api/call/notify_url.h"
#include "base/calendar.h"

#define NUMBER(structure, parameter_name, required_in, smallest, largest, said)                              \
    {                                                                                                        \
        .name = #parameter_name, .place = FZ_IN_BODY, .kind = FZ_INTEGER,                  \
        .required = required_in, .min = smallest, .max = largest,                                            \
        .offset = offsetof(structure, parameter_name), .meaning = said                                       \
    }
static const struct fz_member goods_members[] = {
    FZ_ORDER_TEXT(struct fz_order_goods, goods_id, FZ_BOTH, 1, 32, FZ_ANY_TEXT, "Merchant's article number"),
    FZ_ORDER_TEXT(struct fz_order_goods, wxpay_goods_id, FZ_NEVER, 1, 32, FZ_ANY_TEXT,
                  "WeChat Pay's article number"),
    FZ_ORDER_TEXT(struct fz_order_goods, goods_name, FZ_NEVER, 1, 256, FZ_ANY_TEXT, "Article"),
    NUMBER(struct fz_order_goods, quantity, FZ_BOTH, 1, 1000000, "How many"),
    NUMBER(struct fz_order_goods, price, FZ_BOTH, 0, FZ_AMOUNT_MAX, "Price of one"),
    {0},
};
const struct fz_member fz_order_promotion_members[] = {
    NUMBER(struct fz_order_promotion, cost_price, FZ_NEVER, 1, FZ_AMOUNT_MAX, "Price before discounts"),
    FZ_ORDER_TEXT(struct fz_order_promotion, receipt_id, FZ_NEVER, 1, 32, FZ_ANY_TEXT, "Receipt number"),
    FZ_ORDER_ARRAY(struct fz_order_promotion, goods_detail, 100, goods_members, struct fz_order_goods,
                   "Articles"),
    {0},
};
static const struct fz_member store_members[] = {
    FZ_ORDER_TEXT(struct fz_order_store_info, id, FZ_NEVER, 1, 32, FZ_ANY_TEXT, "Store number"),
    FZ_ORDER_TEXT(struct fz_order_store_info, name, FZ_BOTH, 1, 256, FZ_ANY_TEXT, "Store"),
    FZ_ORDER_TEXT(struct fz_order_store_info, address, FZ_BOTH, 1, 512, FZ_ANY_TEXT, "Where the store is"),
    {0},
};
#define SCENE_MEMBERS(required_in)                                                                           \
    FZ_ORDER_TEXT(struct fz_order_scene_info, device_id, FZ_NEVER, 1, 32, FZ_ANY_TEXT, "Merchant's device"), \
        FZ_ORDER_TEXT(struct fz_order_scene_info, device_ip, FZ_NEVER, 1, 45, FZ_ANY_TEXT,                   \
                      "IP address of the merchant's device"),                                                \
        FZ_ORDER_TEXT(struct fz_order_scene_info, payer_client_ip, required_in, 1, 45, FZ_ANY_TEXT,          \
                      "IP address of the payer's device"),                                                   \
        FZ_ORDER_TEXT(struct fz_order_scene_info, operator_id, FZ_NEVER, 1, 32, FZ_ANY_TEXT, "Operator"),    \
        FZ_ORDER_OBJECT(struct fz_order_scene_info, store_info, required_in, store_members, "Store")
const struct fz_member fz_order_scene_members[] = {SCENE_MEMBERS(FZ_NEVER), {0}};
const struct fz_member fz_order_h5_scene_members[] = {SCENE_MEMBERS(FZ_BOTH), {0}};
const struct fz_member fz_order_payer_members[] = {
    FZ_ORDER_TEXT(struct fz_order_payer, openid, FZ_NEVER, 1, 128, FZ_ANY_TEXT, "Payer, for appid"),
    FZ_ORDER_TEXT(struct fz_order_payer, sp_openid, FZ_NEVER, 1, 128, FZ_ANY_TEXT, "Payer, for sp_appid"),
    FZ_ORDER_TEXT(struct fz_order_payer, sub_openid, FZ_NEVER, 1, 128, FZ_ANY_TEXT, "Payer, for sub_appid"),
    {0},
};
const struct fz_member fz_order_amount_members[] = {
    NUMBER(struct fz_order_amount, total, FZ_BOTH, 1, FZ_AMOUNT_MAX,
           "Order amount, in the smallest unit of its currency"),
    FZ_ORDER_TEXT(struct fz_order_amount, currency, FZ_NEVER, 3, 3, FZ_NUMBER_LETTERS,
                  "Price currency (CNY where it is left out)"),
    {0},
};

static enum fz_result check_time(const struct fz_call *call, const char *field, const char *text,
                                 int64_t *out)
{
    if (text == NULL || fz_parse_time(text, out) == FZ_OK)
        return FZ_OK;
    return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", field, text, FZ_ISSUE_NO_TIME);
}

enum fz_result fz_order_check(struct fz_call *call, void *params)
{
    const struct fz_order_params *in = params;
    int64_t start_ms = 0, expires_ms = INT64_MAX;
    enum fz_result result = fz_notify_url_check(call, in->notify_url);
    if (result == FZ_OK)
        result = check_time(call, "/time_start", in->time_start, &start_ms);
    if (result == FZ_OK)
        result = check_time(call, "/time_expire", in->time_expire, &expires_ms);
    if (result == FZ_OK && expires_ms <= (start_ms > call->now_ms ? start_ms : call->now_ms))
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/time_expire", in->time_expire,
                            FZ_ISSUE_OVER_ALREADY);
    return result;
}

struct fz_order_request fz_order_request_of(const struct fz_call *call, const struct fz_order_params *in)
{
    struct fz_order_request request = {
        .out_trade_no = in->out_trade_no,
        .trade_type = in->trade_type,
        .description = in->description,
        .attach = in->attach,
        .notify_url = in->notify_url,
        .appid = in->appid != NULL ? in->appid : in->sp_appid,
        .sub_appid = in->sub_appid,
        .amount = in->amount.total,
        .currency = in->amount.currency,
    };
    if (in->time_expire != NULL && fz_parse_time(in->time_expire, &request.expires_ms) != FZ_OK)
        request.expires_ms = 0; /* cannot be: it was checked */
    memcpy(request.digest, call->digest, sizeof request.digest);
    return request;
}

enum fz_result fz_order_place(struct fz_tx *tx, const struct fz_call *call,
                              const struct fz_order_params *params, struct fz_payment *out)
{
    struct fz_order_request request = fz_order_request_of(call, params);
    struct fz_party party;
    enum fz_result result = fz_party_of_trade(tx, call, &params->identity, &party);
    return result == FZ_OK ? fz_payment_place(tx, &party, &request, out) : result;
}

/* As the vendor's: wx, when it was placed to the second, and a tail that nobody guesses. */
void fz_order_prepay_id(const struct fz_tx *tx, const struct fz_payment *payment, char out[FZ_PREPAY_ID_SIZE])
{
    char time[FZ_TIME_SIZE], digits[15] = "";
    size_t size = 0;
    fz_format_time(time, payment->created_ms);
    for (const char *at = time; *at != '\0' && size < 14; at++)
        if (*at >= '0' && *at <= '9')
            digits[size++] = *at;
    snprintf(
        out, FZ_PREPAY_ID_SIZE, "wx%s%020llu", digits,
        (unsigned long long)fz_draw(tx->world, "prepay_id", payment->id, UINT64_C(10000000000000000000)));
}
