/* The JSON of notifications. */
#include "api/notification_json.h"

#include <stdlib.h>
#include <string.h>

#include "api/order/answer.h"
#include "base/calendar.h"
#include "spec/refund/refund.h"
#include "spec/row/json.h"
#include "wire/base64.h"
#include "wire/sealed.h"

/* By kind, from 1. */
static const struct {
    const char *event_type, *summary, *original_type, *refund_status;
} kinds[] = {
    {"TRANSACTION.SUCCESS", "支付成功", "transaction", NULL},
    {"REFUND.SUCCESS", "退款成功", "refund", "SUCCESS"},
    {"REFUND.CLOSED", "退款关闭", "refund", "CLOSED"},
    {"REFUND.ABNORMAL", "退款异常", "refund", "ABNORMAL"},
};

const char *fz_notification_event_type(enum fz_notification_kind kind)
{
    return kinds[kind - FZ_NOTIFY_PAID].event_type;
}

/* ---- plain text ---- */

static void add_paid_amount(struct fz_json *json, const struct fz_order_amount *amount)
{
    fz_json_object(json, "amount");
    fz_json_integer(json, "total", amount->total);
    fz_json_integer(json, "payer_total", amount->payer_total);
    fz_json_string(json, "currency", amount->currency);
    fz_json_string(json, "payer_currency", amount->payer_currency);
    fz_members_write(json, "exchange_rate", fz_exchange_rate_members, &amount->exchange_rate);
    fz_json_end_object(json);
}

static void add_coupon(struct fz_json *json, const struct fz_order_coupon *coupon)
{
    fz_json_array(json, "promotion_detail");
    fz_members_write(json, NULL, fz_order_coupon_members, coupon);
    fz_json_end_array(json);
}

static void add_order(struct fz_json *json, const struct fz_order_answer *order)
{
    fz_json_given(json, "mchid", order->mchid);
    fz_json_given(json, "appid", order->appid);
    fz_json_given(json, "sp_mchid", order->sp_mchid);
    fz_json_given(json, "sub_mchid", order->sub_mchid);
    fz_json_given(json, "sp_appid", order->sp_appid);
    fz_json_given(json, "sub_appid", order->sub_appid);
    fz_json_string(json, "out_trade_no", order->out_trade_no);
    fz_json_given(json, "attach", order->attach);
    fz_json_string(json, "trade_type", order->trade_type);
    fz_json_string(json, "trade_state", order->trade_state);
    fz_json_string(json, "trade_state_desc", order->trade_state_desc);
    add_paid_amount(json, &order->amount);
    fz_json_string(json, "id", order->id);
    fz_json_string(json, "bank_type", order->bank_type);
}

/* The order as its query told it when it was paid: refunds that came since do not show. GSKILL's sample calls
 * WeChat's number transaction_id, client libraries of the global API read it as `id`, as in the query: both
 * are there. */
static void add_paid(struct fz_json *json, const struct fz_payment *payment)
{
    char success_time[FZ_TIME_SIZE];
    struct fz_payment then = *payment;
    struct fz_order_coupon coupon;
    struct fz_order_answer order;
    then.state = FZ_PAYMENT_SUCCESS;
    then.refund_count = 0;
    then.refunded = 0;
    fz_order_describe(&then, &coupon, &order);
    add_order(json, &order);
    fz_format_time(success_time, order.success_time.ms);
    fz_json_string(json, "success_time", success_time);
    if (order.promotion_detail != NULL)
        add_coupon(json, order.promotion_detail);
    fz_json_string(json, "transaction_id", order.id);
}

static void add_refund_amount(struct fz_json *json, const struct fz_payment *payment, const struct fz_refund *refund)
{
    struct fz_exchange_rate rate = {fz_rate_type_words[refund->rate_type - FZ_RATE_SETTLEMENT], refund->rate};
    fz_json_object(json, "amount");
    fz_json_integer(json, "total", payment->amount);
    fz_json_string(json, "currency", refund->currency);
    fz_json_integer(json, "refund", refund->amount);
    fz_json_integer(json, "payer_total", payment->payer_total);
    fz_json_integer(json, "payer_refund", refund->payer_refund);
    fz_json_string(json, "payer_currency", refund->payer_currency);
    fz_members_write(json, "exchange_rate", fz_exchange_rate_members, &rate);
    fz_json_end_object(json);
}

static void add_refund(struct fz_json *json, const struct fz_notification *notification, const struct fz_payment *payment,
                       const struct fz_refund *refund)
{
    char success_time[FZ_TIME_SIZE];
    fz_format_time(success_time, notification->created_ms);
    bool common = refund->sub_mchid[0] == '\0', arrived = notification->kind == FZ_NOTIFY_REFUND_SUCCESS;
    fz_json_given(json, "mchid", common ? refund->caller : NULL);
    fz_json_given(json, "sp_mchid", common ? NULL : refund->caller);
    fz_json_given(json, "sub_mchid", refund->sub_mchid);
    fz_json_string(json, "transaction_id", refund->transaction_id);
    fz_json_string(json, "out_trade_no", refund->out_trade_no);
    fz_json_string(json, "refund_id", refund->refund_id);
    fz_json_string(json, "out_refund_no", refund->out_refund_no);
    fz_json_string(json, "refund_status", kinds[notification->kind - FZ_NOTIFY_PAID].refund_status);
    fz_json_given(json, "success_time", arrived ? success_time : NULL);
    fz_json_string(json, "recv_account", notification->recv_account);
    fz_json_string(json, "fund_source", fz_fund_source_words[refund->fund_source - FZ_SOURCE_UNSETTLED]);
    add_refund_amount(json, payment, refund);
}

/* The text, to be freed; NULL when memory was short. */
static char *text_of(struct fz_json *json)
{
    if (!json->text.failed)
        return json->text.data;
    fz_text_done(&json->text);
    return NULL;
}

char *fz_notification_plain(const struct fz_notification *notification, const struct fz_payment *payment,
                            const struct fz_refund *refund)
{
    struct fz_json json = {.text = {.max = FZ_ANSWER_JSON_MAX}};
    fz_json_object(&json, NULL);
    if (notification->kind == FZ_NOTIFY_PAID)
        add_paid(&json, payment);
    else
        add_refund(&json, notification, payment, refund);
    fz_json_end_object(&json);
    return text_of(&json);
}

/* ---- body ---- */

/* False when memory is short. */
static bool add_resource(struct fz_json *json, const char *original_type, const char *plain, const unsigned char apiv3_key[32])
{
    char nonce[FZ_GCM_NONCE_SIZE + 1];
    fz_random_text(nonce, sizeof nonce);
    size_t size = strlen(plain), sealed_size = size + FZ_GCM_TAG_SIZE;
    unsigned char *sealed = malloc(sealed_size);
    char *base64 = malloc(4 * ((sealed_size + 2) / 3) + 1);
    bool made = sealed != NULL && base64 != NULL &&
                fz_gcm_seal(apiv3_key, (const unsigned char *)nonce, original_type, strlen(original_type), plain, size, sealed) == FZ_OK;
    if (made) {
        fz_base64_write(base64, sealed, sealed_size);
        fz_json_object(json, "resource");
        fz_json_string(json, "original_type", original_type);
        fz_json_string(json, "algorithm", "AEAD_AES_256_GCM");
        fz_json_string(json, "ciphertext", base64);
        fz_json_string(json, "associated_data", original_type);
        fz_json_string(json, "nonce", nonce);
        fz_json_end_object(json);
    }
    free(base64);
    free(sealed);
    return made;
}

char *fz_notification_body(const struct fz_notification *notification, const char *plain,
                           const unsigned char apiv3_key[32])
{
    char create_time[FZ_TIME_SIZE];
    fz_format_time(create_time, notification->created_ms);
    size_t kind = (size_t)(notification->kind - FZ_NOTIFY_PAID);
    struct fz_json json = {.text = {.max = FZ_ANSWER_JSON_MAX}};
    fz_json_object(&json, NULL);
    fz_json_string(&json, "id", notification->event_id);
    fz_json_string(&json, "create_time", create_time);
    fz_json_string(&json, "event_type", kinds[kind].event_type);
    fz_json_string(&json, "resource_type", "encrypt-resource");
    fz_json_string(&json, "summary", kinds[kind].summary);
    if (!add_resource(&json, kinds[kind].original_type, plain, apiv3_key))
        json.text.failed = true;
    fz_json_end_object(&json);
    return text_of(&json);
}
