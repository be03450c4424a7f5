/* What a notify_url is told: the book's notification in the structs of the description. */
#include "api/callback/callback.h"

#include <stdlib.h>
#include <string.h>

#include "api/order/answer.h"
#include "spec/callback/callback.h"
#include "spec/refund/refund.h"
#include "spec/row/json.h"
#include "wire/base64.h"
#include "wire/sealed.h"

/* The kinds of the book, from 1. */
static const struct fz_callback_spec *spec_of(enum fz_notification_kind kind)
{
    static const enum fz_callback_event events[] = {
        [FZ_NOTIFY_PAID] = FZ_CALLBACK_PAID,
        [FZ_NOTIFY_REFUND_SUCCESS] = FZ_CALLBACK_REFUND_SUCCESS,
        [FZ_NOTIFY_REFUND_CLOSED] = FZ_CALLBACK_REFUND_CLOSED,
        [FZ_NOTIFY_REFUND_ABNORMAL] = FZ_CALLBACK_REFUND_ABNORMAL,
    };
    return &fz_callback_specs[events[kind]];
}

const char *fz_notification_event_type(enum fz_notification_kind kind)
{
    return spec_of(kind)->event_type;
}

/* `values` by rows, as text to be freed; NULL when memory was short. */
static char *text_of(const struct fz_member *members, const void *values)
{
    struct fz_json json = {.text = {.max = FZ_ANSWER_JSON_MAX}};
    fz_members_write(&json, NULL, members, values);
    if (!json.text.failed)
        return json.text.data;
    fz_text_done(&json.text);
    return NULL;
}

/* ---- plain text ---- */

/* The order as its query told it when it was paid: refunds that came since do not show. */
static char *paid_text(const struct fz_payment *payment)
{
    struct fz_payment then = *payment;
    struct fz_order_coupon coupon;
    struct fz_order_answer order;
    then.state = FZ_PAYMENT_SUCCESS;
    then.refund_count = 0;
    then.refunded = 0;
    fz_order_describe(&then, &coupon, &order);
    order.transaction_id = order.id;
    return text_of(fz_order_told_members, &order);
}

static char *refund_text(const struct fz_notification *notification, const struct fz_payment *payment,
                         const struct fz_refund *refund)
{
    const struct fz_callback_spec *spec = spec_of(notification->kind);
    bool common = refund->sub_mchid[0] == '\0', arrived = notification->kind == FZ_NOTIFY_REFUND_SUCCESS;
    const struct fz_callback_refund told = {
        .mchid = common ? refund->caller : NULL,
        .sp_mchid = common ? NULL : refund->caller,
        .sub_mchid = common ? NULL : refund->sub_mchid,
        .transaction_id = refund->transaction_id,
        .out_trade_no = refund->out_trade_no,
        .refund_id = refund->refund_id,
        .out_refund_no = refund->out_refund_no,
        .refund_status = spec->refund_status,
        .success_time.ms = arrived ? notification->created_ms : 0,
        .recv_account = notification->recv_account,
        .fund_source = fz_fund_source_words[refund->fund_source - FZ_SOURCE_UNSETTLED],
        .amount = {.total = payment->amount,
                   .currency = refund->currency,
                   .refund = refund->amount,
                   .payer_total = payment->payer_total,
                   .payer_refund = refund->payer_refund,
                   .payer_currency = refund->payer_currency,
                   .exchange_rate = {fz_rate_type_words[refund->rate_type - FZ_RATE_SETTLEMENT], refund->rate}},
    };
    return text_of(spec->resource, &told);
}

char *fz_notification_plain(const struct fz_notification *notification, const struct fz_payment *payment,
                            const struct fz_refund *refund)
{
    return notification->kind == FZ_NOTIFY_PAID ? paid_text(payment) : refund_text(notification, payment, refund);
}

/* ---- body ---- */

/* Base64 of `plain` sealed, to be freed; NULL when memory is short. */
static char *seal(const char *original_type, const char *plain, const unsigned char apiv3_key[32],
                  const char nonce[FZ_GCM_NONCE_SIZE + 1])
{
    size_t size = strlen(plain), sealed_size = size + FZ_GCM_TAG_SIZE;
    unsigned char *sealed = malloc(sealed_size);
    char *base64 = malloc(4 * ((sealed_size + 2) / 3) + 1);
    bool made = sealed != NULL && base64 != NULL &&
                fz_gcm_seal(apiv3_key, (const unsigned char *)nonce, original_type, strlen(original_type), plain,
                            size, sealed) == FZ_OK;
    if (made)
        fz_base64_write(base64, sealed, sealed_size);
    free(sealed);
    if (made)
        return base64;
    free(base64);
    return NULL;
}

char *fz_notification_body(const struct fz_notification *notification, const char *plain,
                           const unsigned char apiv3_key[32])
{
    const struct fz_callback_spec *spec = spec_of(notification->kind);
    char nonce[FZ_GCM_NONCE_SIZE + 1];
    fz_random_text(nonce, sizeof nonce);
    char *ciphertext = seal(spec->original_type, plain, apiv3_key, nonce);
    const struct fz_callback_body body = {
        .id = notification->event_id,
        .create_time.ms = notification->created_ms,
        .event_type = spec->event_type,
        .resource_type = FZ_CALLBACK_RESOURCE_TYPE,
        .summary = spec->summary,
        .resource = {.original_type = spec->original_type,
                     .algorithm = FZ_CALLBACK_SEALED_BY,
                     .ciphertext = ciphertext,
                     .associated_data = spec->original_type,
                     .nonce = nonce},
    };
    char *text = ciphertext == NULL ? NULL : text_of(fz_callback_body_members, &body);
    free(ciphertext);
    return text;
}
