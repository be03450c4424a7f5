/* Query all refunds of an order, page by page. */
#include <inttypes.h>
#include <stdio.h>

#include "api/merchant/identity.h"
#include "api/refund/json.h"

struct params {
    struct fz_identity identity;
    const char *transaction_id, *out_trade_no;
    int64_t offset, count;
};

struct out {
    struct fz_payment payment;
    struct fz_refund_page page;
};

static const struct fz_member parameters[] = {
    FZ_IDENTITY_PARAMETERS(FZ_IN_QUERY, offsetof(struct params, identity)),
    FZ_TRANSACTION_ID_PARAMETER(FZ_IN_QUERY, FZ_NEVER, offsetof(struct params, transaction_id)),
    FZ_OUT_TRADE_NO_PARAMETER(FZ_IN_QUERY, FZ_NEVER, 1, offsetof(struct params, out_trade_no)),
    {.name = "offset",
     .place = FZ_IN_QUERY,
     .kind = FZ_INTEGER,
     .required = FZ_BOTH,
     .min = 0,
     .max = INT32_MAX,
     .offset = offsetof(struct params, offset),
     .meaning = "How many refunds to pass over, from the oldest"},
    {.name = "count",
     .place = FZ_IN_QUERY,
     .kind = FZ_INTEGER,
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
                        FZ_ISSUE_REQUIRED_OR_OUT_TRADE_NO);
}

static enum fz_result refuse_offset(struct fz_tx *tx, int64_t offset)
{
    char value[24];
    snprintf(value, sizeof value, "%" PRId64, offset);
    return fz_refuse_at(tx->error, FZ_PARAM_ERROR, "query", "offset", value,
                        FZ_ISSUE_BEYOND_LAST_REFUND);
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
static void add_amount(struct fz_json *json, const struct fz_payment *payment)
{
    fz_json_object(json, "amount");
    fz_json_integer(json, "total", payment->amount);
    fz_json_string(json, "currency", payment->currency);
    fz_json_integer(json, "payer_total", payment->payer_total);
    fz_json_string(json, "payer_currency", payment->payer_currency);
    fz_json_end_object(json);
}

static void answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json)
{
    const struct out *found = out;
    const struct fz_payment *payment = &found->payment;
    bool common = payment->sub_mchid[0] == '\0';
    (void)params;
    fz_json_object(json, NULL);
    fz_json_string(json, "id", payment->transaction_id);
    fz_json_given(json, "mchid", common ? payment->caller : NULL);
    fz_json_given(json, "sp_mchid", common ? NULL : payment->caller);
    fz_json_given(json, "sub_mchid", payment->sub_mchid);
    fz_json_string(json, "out_trade_no", payment->out_trade_no);
    add_amount(json, payment);
    fz_json_array(json, "data");
    for (size_t i = 0; i < found->page.count; i++)
        fz_refund_json(json, &found->page.list[i], call->old_spelling, "refund_detail");
    fz_json_end_array(json);
    fz_json_integer(json, "total_num", found->page.total);
    fz_json_integer(json, "current_total_num", (int64_t)found->page.count);
    fz_json_end_object(json);
}

const struct fz_spec fz_spec_refunds_of_order = {
    .name = "refunds-of-order",
    .method = "GET",
    .paths = {"/v3/global/refunds", "/hk/v3/refunds"},
    .request = parameters,
    .fields = fz_refund_list_fields,
    .request_size = sizeof(struct params),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109",
                              "transaction_id": "4208450740201411110007820472", "offset": 0, "count": 10}),
        .answer = FZ_JSON({"id": "4208450740201411110007820472", "sp_mchid": "1900000100", "sub_mchid": "1900000109",
                          "out_trade_no": "20150806125346", "amount": {"total": 5000, "currency": "CNY",
                          "payer_total": 5000, "payer_currency": "CNY"},
                          "data": [{"id": "1217752501201407033233368018",
                          "out_refund_no": "1217752501201407033233368018",
                          "transaction_id": "4208450740201411110007820472", "out_trade_no": "20150806125346",
                          "amount": {"refund": 2000, "currency": "CNY", "payer_refund": 2000, "payer_currency": "CNY",
                          "exchange_rate": {"type": "SETTLEMENT_RATE", "rate": 650000000}}, "channel": "ORIGINAL",
                          "recv_account": "The balance of the paying user",
                          "fund_source": "REFUND_SOURCE_UNSETTLED_FUNDS", "success_time": "2026-01-04T11:20:00+08:00",
                          "create_time": "2026-01-04T11:00:00+08:00", "status": "SUCCESS"}], "total_num": 1,
                          "current_total_num": 1}),
    },
    .title = "Query all refunds of an order",
    .document = "https://pay.weixin.qq.com/wiki/doc/api/wxpay/ch/fusion_wallet_ch/QuickPay/chapter8_4.shtml",
};

const struct fz_endpoint fz_endpoint_refunds_of_order = {
    .spec = &fz_spec_refunds_of_order,
    .out_size = sizeof(struct out),
    .rate_class = FZ_RATE_REFUND_QUERY,
    .check = check,
    .work = work,
    .answer = answer,
};
