/* The JSON of notifications. */
#include "api/notification_json.h"

#include <stdlib.h>
#include <string.h>

#include "api/money_json.h"
#include "api/order_json.h"
#include "api/refund_json.h"
#include "base/calendar.h"
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

/* The order as its query told it when it was paid: refunds that came since do not show. GSKILL's sample calls
 * WeChat's number transaction_id, client libraries of the global API read it as `id`, as in the query: both
 * are there. */
static json_t *paid_json(const struct fz_payment *payment)
{
    struct fz_payment then = *payment;
    then.state = FZ_PAYMENT_SUCCESS;
    then.refund_count = 0;
    then.refunded = 0;
    json_t *json = fz_order_json(&then);
    if (json != NULL && json_object_set_new(json, "transaction_id", json_string(then.transaction_id)) == 0)
        return json;
    json_decref(json);
    return NULL;
}

static json_t *refund_amount_json(const struct fz_payment *payment, const struct fz_refund *refund)
{
    return json_pack("{s:I, s:s, s:I, s:I, s:I, s:s, s:o}", "total", (json_int_t)payment->amount, "currency",
                     refund->currency, "refund", (json_int_t)refund->amount, "payer_total",
                     (json_int_t)payment->payer_total, "payer_refund", (json_int_t)refund->payer_refund,
                     "payer_currency", refund->payer_currency, "exchange_rate",
                     fz_exchange_rate_json(refund->rate_type, refund->rate));
}

static json_t *refund_json(const struct fz_notification *notification, const struct fz_payment *payment,
                           const struct fz_refund *refund)
{
    char success_time[FZ_TIME_SIZE];
    fz_format_time(success_time, notification->created_ms);
    bool common = refund->sub_mchid[0] == '\0', arrived = notification->kind == FZ_NOTIFY_REFUND_SUCCESS;
    return json_pack("{s:s*, s:s*, s:s*, s:s, s:s, s:s, s:s, s:s, s:s*, s:s, s:s, s:o}", "mchid",
                     common ? refund->caller : NULL, "sp_mchid", common ? NULL : refund->caller, "sub_mchid",
                     common ? NULL : refund->sub_mchid, "transaction_id", refund->transaction_id,
                     "out_trade_no", refund->out_trade_no, "refund_id", refund->refund_id, "out_refund_no",
                     refund->out_refund_no, "refund_status",
                     kinds[notification->kind - FZ_NOTIFY_PAID].refund_status, "success_time",
                     arrived ? success_time : NULL, "recv_account", notification->recv_account, "fund_source",
                     fz_fund_source_words[refund->fund_source - FZ_SOURCE_UNSETTLED], "amount",
                     refund_amount_json(payment, refund));
}

char *fz_notification_plain(const struct fz_notification *notification, const struct fz_payment *payment,
                            const struct fz_refund *refund)
{
    json_t *json = notification->kind == FZ_NOTIFY_PAID ? paid_json(payment)
                                                        : refund_json(notification, payment, refund);
    char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return text;
}

/* ---- body ---- */

/* New; NULL when memory is short. */
static json_t *resource_json(const char *original_type, const char *plain, const unsigned char apiv3_key[32])
{
    char nonce[FZ_GCM_NONCE_SIZE + 1];
    fz_random_text(nonce, sizeof nonce);
    size_t size = strlen(plain), sealed_size = size + FZ_GCM_TAG_SIZE;
    unsigned char *sealed = malloc(sealed_size);
    char *base64 = malloc(4 * ((sealed_size + 2) / 3) + 1);
    json_t *json = NULL;
    if (sealed != NULL && base64 != NULL &&
        fz_gcm_seal(apiv3_key, (const unsigned char *)nonce, original_type, strlen(original_type), plain,
                    size, sealed) == FZ_OK) {
        fz_base64_write(base64, sealed, sealed_size);
        json = json_pack("{s:s, s:s, s:s, s:s, s:s}", "original_type", original_type, "algorithm",
                         "AEAD_AES_256_GCM", "ciphertext", base64, "associated_data", original_type, "nonce",
                         nonce);
    }
    free(base64);
    free(sealed);
    return json;
}

char *fz_notification_body(const struct fz_notification *notification, const char *plain,
                           const unsigned char apiv3_key[32])
{
    char create_time[FZ_TIME_SIZE];
    fz_format_time(create_time, notification->created_ms);
    size_t kind = (size_t)(notification->kind - FZ_NOTIFY_PAID);
    json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "id", notification->event_id, "create_time",
                             create_time, "event_type", kinds[kind].event_type, "resource_type",
                             "encrypt-resource", "summary", kinds[kind].summary, "resource",
                             resource_json(kinds[kind].original_type, plain, apiv3_key));
    char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return text;
}
