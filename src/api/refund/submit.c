/* Submit a refund, ordinary or of a distributed order: `amount.from` names the order's own funds, the advance
 * balance, or both. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/call/notify_url.h"
#include "api/merchant/identity.h"
#include "api/refund/json.h"

struct source {
    const char *fund_source;
    int64_t amount;
};

struct amount {
    int64_t refund, total;
    const char *currency;
    struct fz_items from;
};

struct params {
    struct fz_identity identity;
    const char *appid, *sp_appid, *sub_appid;
    const char *transaction_id, *out_trade_no, *out_refund_no;
    const char *reason, *source, *notify_url;
    struct amount amount;
};

static const char order_source[] = "ORDER_REFUNDABLE_BALANCE", funds_source[] = "FUNDS_REFUNDABLE_BALANCE";
static const char *const from_words[] = {order_source, funds_source, NULL};

#define AMOUNT(parameter_name, structure, said)                                                              \
    {                                                                                                        \
        .name = #parameter_name, .place = FZ_IN_BODY, .kind = FZ_INTEGER,                  \
        .required = FZ_BOTH, .min = 1, .max = FZ_AMOUNT_MAX, .offset = offsetof(structure, parameter_name),  \
        .meaning = said                                                                                      \
    }

static const struct fz_member source_members[] = {
    {.name = "fund_source",
     .place = FZ_IN_BODY,
     .kind = FZ_STRING,
     .required = FZ_BOTH,
     .min = 1,
     .max = 30,
     .words = from_words,
     .any_case = true,
     .offset = offsetof(struct source, fund_source),
     .meaning = "The order's own funds, or the advance balance"},
    AMOUNT(amount, struct source, "What this source gives, gross, in fen"),
    {0},
};

static const struct fz_member amount_members[] = {
    AMOUNT(refund, struct amount, "What is to be refunded, in the price currency"),
    AMOUNT(total, struct amount, "The order's amount"),
    {.name = "currency",
     .place = FZ_IN_BODY,
     .kind = FZ_STRING,
     .required = FZ_BOTH,
     .min = 1,
     .max = 16,
     .offset = offsetof(struct amount, currency),
     .meaning = "The order's price currency"},
    {.name = "from",
     .place = FZ_IN_BODY,
     .kind = FZ_ARRAY,
     .min = 1,
     .max = 2,
     .unordered = true,
     .members = source_members,
     .size = sizeof(struct source),
     .offset = offsetof(struct amount, from),
     .count = offsetof(struct amount, from.count),
     .meaning =
         "For orders with funds distribution: where the money comes from; without it, the order's own funds"},
    {0},
};

static const struct fz_member parameters[] = {
    FZ_IDENTITY_PARAMETERS(FZ_IN_BODY, offsetof(struct params, identity)),
    FZ_APPID_PARAMETER("appid", FZ_COMMON, FZ_COMMON, offsetof(struct params, appid), "Merchant's appid"),
    FZ_APPID_PARAMETER("sp_appid", FZ_INSTITUTIONAL, FZ_INSTITUTIONAL, offsetof(struct params, sp_appid),
                       "Institution's appid"),
    FZ_APPID_PARAMETER("sub_appid", FZ_INSTITUTIONAL, FZ_NEVER, offsetof(struct params, sub_appid),
                       "Sub-merchant's appid"),
    FZ_TRANSACTION_ID_PARAMETER(FZ_IN_BODY, FZ_NEVER, offsetof(struct params, transaction_id)),
    FZ_OUT_TRADE_NO_PARAMETER(FZ_IN_BODY, FZ_NEVER, 1, offsetof(struct params, out_trade_no)),
    {.name = "out_refund_no",
     .place = FZ_IN_BODY,
     .kind = FZ_STRING,
     .required = FZ_BOTH,
     .min = 1,
     .max = 64,
     .letters = FZ_REFUND_LETTERS,
     .offset = offsetof(struct params, out_refund_no),
     .meaning = "Merchant refund number; a repeat refunds once"},
    {.name = "reason",
     .place = FZ_IN_BODY,
     .kind = FZ_STRING,
     .min = 1,
     .max = 80,
     .offset = offsetof(struct params, reason),
     .meaning = "Shown to the payer"},
    {.name = "source",
     .place = FZ_IN_BODY,
     .kind = FZ_STRING,
     .min = 1,
     .max = 30,
     .words = fz_fund_source_words,
     .any_case = true,
     .fallback = "REFUND_SOURCE_UNSETTLED_FUNDS",
     .offset = offsetof(struct params, source),
     .meaning = "Refund source"},
    {.name = "notify_url",
     .place = FZ_IN_BODY,
     .kind = FZ_STRING,
     .min = 1,
     .max = 256,
     .not_content = true,
     .offset = offsetof(struct params, notify_url),
     .meaning = "Callback address"},
    {.name = "amount",
     .place = FZ_IN_BODY,
     .kind = FZ_OBJECT,
     .required = FZ_BOTH,
     .members = amount_members,
     .offset = offsetof(struct params, amount),
     .meaning = "Amounts"},
    {0},
};

/* Each source once, and together what is refunded. */
static enum fz_result check_from(const struct fz_call *call, const struct amount *amount)
{
    const struct source *from = amount->from.items;
    if (amount->from.count == 2 && strcmp(from[0].fund_source, from[1].fund_source) == 0)
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/amount/from/1/fund_source",
                            from[1].fund_source, FZ_ISSUE_SAME_SOURCE);
    int64_t sum = 0;
    for (size_t i = 0; i < amount->from.count; i++)
        sum += from[i].amount; /* two of at most FZ_AMOUNT_MAX */
    if (amount->from.count == 0 || sum == amount->refund)
        return FZ_OK;
    char value[24];
    snprintf(value, sizeof value, "%" PRId64, sum);
    return fz_refuse_with(call->error, FZ_PARAM_ERROR, "body", "/amount/from", value, FZ_ISSUE_OTHER_SUM,
                          &(struct fz_issue_values){.first = sum, .second = amount->refund});
}

static enum fz_result check(struct fz_call *call, void *params)
{
    const struct params *in = params;
    if (in->transaction_id == NULL && in->out_trade_no == NULL)
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/transaction_id", NULL,
                            FZ_ISSUE_REQUIRED_OR_OUT_TRADE_NO);
    enum fz_result result = fz_notify_url_check(call, in->notify_url);
    return result == FZ_OK ? check_from(call, &in->amount) : result;
}

static struct fz_refund_request request_of(const struct fz_call *call, const struct params *in)
{
    struct fz_refund_request request = {
        .transaction_id = in->transaction_id,
        .out_trade_no = in->out_trade_no,
        .out_refund_no = in->out_refund_no,
        .reason = in->reason,
        .notify_url = in->notify_url,
        .source = strcmp(in->source, fz_fund_source_words[0]) == 0 ? FZ_SOURCE_UNSETTLED : FZ_SOURCE_RECHARGE,
        .refund = in->amount.refund,
        .total = in->amount.total,
        .currency = in->amount.currency,
        .has_from = in->amount.from.count > 0,
        .repeats_alone = call->repeats_alone,
        .limits = call->limits,
    };
    const struct source *from = in->amount.from.items;
    for (size_t i = 0; i < in->amount.from.count; i++)
        *(strcmp(from[i].fund_source, order_source) == 0 ? &request.from_order : &request.from_funds) =
            from[i].amount;
    memcpy(request.digest, call->digest, sizeof request.digest);
    return request;
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct params *in = params;
    struct fz_party party;
    enum fz_result result = fz_party_of_trade(tx, call, &in->identity, &party);
    if (result == FZ_OK)
        result = fz_merchant_check_appid(tx, party.caller, in->appid != NULL ? in->appid : in->sp_appid);
    if (result == FZ_OK && in->sub_appid != NULL)
        result = fz_merchant_check_appid(tx, party.sub_mchid, in->sub_appid);
    if (result != FZ_OK)
        return result;
    struct fz_refund_request request = request_of(call, in);
    return fz_refund_submit(tx, &party, &request, out);
}

static void answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json)
{
    (void)call;
    (void)params;
    fz_refund_accepted_json(json, out);
}

const struct fz_spec fz_spec_refund_submit = {
    .name = "refund-submit",
    .method = "POST",
    .paths = {"/v3/global/refunds", "/hk/v3/refunds"},
    .request = parameters,
    .fields = fz_refund_accepted_fields,
    .request_size = sizeof(struct params),
    .status = 200,
    .writes = true,
    .example = {
        .body = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109", "sp_appid": "wx8888888888888888",
                        "transaction_id": "4208450740201411110007820472", "out_refund_no": "R20260105100000",
                        "reason": "Sent back", "amount": {"refund": 100, "total": 5000, "currency": "CNY",
                        "from": [{"fund_source": "ORDER_REFUNDABLE_BALANCE", "amount": 100}]}}),
        .answer = FZ_JSON({"id": "5030202601050000000052223627", "out_refund_no": "R20260105100000",
                          "create_time": "2026-01-05T10:00:00+08:00", "amount": {"refund": 100, "currency": "CNY",
                          "payer_refund": 100, "payer_currency": "CNY", "exchange_rate": {"type": "SETTLEMENT_RATE",
                          "rate": 650000000}}}),
    },
    .title = "Submit a refund",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter3_1_3.shtml",
};

const struct fz_endpoint fz_endpoint_refund_submit = {
    .spec = &fz_spec_refund_submit,
    .out_size = sizeof(struct fz_refund),
    .rate_class = FZ_RATE_REFUND_SUBMIT,
    .check = check,
    .work = work,
    .answer = answer,
};
