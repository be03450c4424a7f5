/* Query all refunds of an order, page by page. */
#include <inttypes.h>
#include <stdio.h>

#include "api/identity.h"
#include "api/refund_json.h"

struct params {
    struct fz_identity identity;
    const char *transaction_id, *out_trade_no;
    int64_t offset, count;
};

struct out {
    struct fz_payment payment;
    struct fz_refund_page page;
};

static const struct fz_parameter parameters[] = {
    FZ_IDENTITY_PARAMETERS(FZ_IN_QUERY, offsetof(struct params, identity)),
    FZ_TRANSACTION_ID_PARAMETER(FZ_IN_QUERY, FZ_NEVER, offsetof(struct params, transaction_id)),
    FZ_OUT_TRADE_NO_PARAMETER(FZ_IN_QUERY, FZ_NEVER, 1, offsetof(struct params, out_trade_no)),
    {.name = "offset",
     .place = FZ_IN_QUERY,
     .kind = FZ_INTEGER,
     .modes = FZ_BOTH,
     .required = FZ_BOTH,
     .min = 0,
     .max = INT32_MAX,
     .offset = offsetof(struct params, offset),
     .meaning = "How many refunds to pass over, from the oldest"},
    {.name = "count",
     .place = FZ_IN_QUERY,
     .kind = FZ_INTEGER,
     .modes = FZ_BOTH,
     .required = FZ_BOTH,
     .min = 1,
     .max = FZ_REFUND_PAGE_MAX,
     .offset = offsetof(struct params, count),
     .meaning = "How many refunds to answer at most"},
    {0},
};

static enum fz_result check(struct fz_call *call, void *params)
{
    const struct params *in = params;
    if (in->transaction_id != NULL || in->out_trade_no != NULL)
        return FZ_OK;
    return fz_refuse_at(call->error, FZ_PARAM_ERROR, "query", "transaction_id", NULL,
                        "is required, or out_trade_no is");
}

static enum fz_result refuse_offset(struct fz_tx *tx, int64_t offset)
{
    char value[24];
    snprintf(value, sizeof value, "%" PRId64, offset);
    return fz_refuse_at(tx->error, FZ_PARAM_ERROR, "query", "offset", value,
                        "is beyond the last refund of the order");
}

/* S-RQ has one row for "no refund order number" and "no such order". */
static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct params *in = params;
    struct out *found = out;
    struct fz_party party;
    enum fz_result result = fz_party_of_refund_query(tx, call, &in->identity, &party);
    if (result == FZ_OK)
        result = fz_payment_of_party(tx, &party, in->transaction_id, in->out_trade_no, &found->payment);
    if (result == FZ_OK)
        result = fz_refund_of_payment(tx, found->payment.id, in->offset, in->count, &found->page);
    if (result == FZ_ABSENT || (result == FZ_OK && found->page.total == 0))
        return fz_refuse(tx->error, FZ_REFUND_UNKNOWN);
    if (result == FZ_OK && tx->now_ms > found->payment.success_ms + FZ_REFUND_BY_ID_MS)
        return fz_refuse(tx->error, FZ_REFUND_BY_NUMBER_ONLY);
    if (result == FZ_OK && in->offset > found->page.total)
        return refuse_offset(tx, in->offset);
    return result;
}

/* New. */
static json_t *data_json(const struct fz_refund_page *page, bool old_spelling)
{
    json_t *data = json_array();
    for (size_t i = 0; i < page->count; i++)
        if (json_array_append_new(data, fz_refund_json(&page->list[i], old_spelling, "refund_detail")) != 0) {
            json_decref(data);
            return NULL;
        }
    return data;
}

static json_t *answer(const struct fz_call *call, const void *params, const void *out)
{
    const struct out *found = out;
    const struct fz_payment *payment = &found->payment;
    bool common = payment->sub_mchid[0] == '\0';
    (void)params;
    return json_pack("{s:s, s:s*, s:s*, s:s*, s:s, s:{s:I, s:s, s:I, s:s}, s:o, s:I, s:I}", "id",
                     payment->transaction_id, "mchid", common ? payment->caller : NULL, "sp_mchid",
                     common ? NULL : payment->caller, "sub_mchid", common ? NULL : payment->sub_mchid,
                     "out_trade_no", payment->out_trade_no, "amount", "total", (json_int_t)payment->amount,
                     "currency", payment->currency, "payer_total", (json_int_t)payment->payer_total,
                     "payer_currency", payment->payer_currency, "data",
                     data_json(&found->page, call->old_spelling), "total_num", (json_int_t)found->page.total,
                     "current_total_num", (json_int_t)found->page.count);
}

const struct fz_endpoint fz_endpoint_refunds_of_order = {
    .name = "refunds-of-order",
    .method = "GET",
    .paths = {"/v3/global/refunds", "/hk/v3/refunds"},
    .parameters = parameters,
    .fields = fz_refund_list_fields,
    .params_size = sizeof(struct params),
    .out_size = sizeof(struct out),
    .status = 200,
    .rate_class = FZ_RATE_REFUND_QUERY,
    .title = "Query all refunds of an order",
    .document = "https://pay.weixin.qq.com/wiki/doc/api/wxpay/ch/fusion_wallet_ch/QuickPay/chapter8_4.shtml",
    .check = check,
    .work = work,
    .answer = answer,
};
