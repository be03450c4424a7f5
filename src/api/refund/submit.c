/* Submit a refund, ordinary or of a distributed order: `amount.from` names the order's own funds, the advance
 * balance, or both. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/call/notify_url.h"
#include "api/call/notify_url.h"
#include "api/merchant/identity.h"
#include "api/refund/answer.h"

struct out {
    struct fz_refund_submit_answer answer;
    struct fz_refund refund;
    struct fz_refund_coupon coupon;
};

/* Each source once, and together what is refunded. */
static enum fz_result check_from(const struct fz_call *call, const struct fz_refund_submit_amount *amount)
{
    const struct fz_refund_source *from = amount->from;
    if (amount->from_count == 2 && strcmp(from[0].fund_source, from[1].fund_source) == 0)
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/amount/from/1/fund_source",
                            from[1].fund_source, FZ_ISSUE_SAME_SOURCE);
    int64_t sum = 0;
    for (size_t i = 0; i < amount->from_count; i++)
        sum += from[i].amount; /* two of at most FZ_AMOUNT_MAX */
    if (amount->from_count == 0 || sum == amount->refund)
        return FZ_OK;
    char value[24];
    snprintf(value, sizeof value, "%" PRId64, sum);
    return fz_refuse_with(call->error, FZ_PARAM_ERROR, "body", "/amount/from", value, FZ_ISSUE_OTHER_SUM,
                          &(struct fz_issue_values){.first = sum, .second = amount->refund});
}

static enum fz_result check(struct fz_call *call, void *params)
{
    const struct fz_refund_submit_request *in = params;
    if (in->transaction_id == NULL && in->out_trade_no == NULL)
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/transaction_id", NULL,
                            FZ_ISSUE_REQUIRED_OR_OUT_TRADE_NO);
    enum fz_result result = fz_notify_url_check(call, in->notify_url);
    return result == FZ_OK ? check_from(call, &in->amount) : result;
}

static struct fz_refund_request request_of(const struct fz_call *call, const struct fz_refund_submit_request *in)
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
        .has_from = in->amount.from_count > 0,
        .repeats_alone = call->repeats_alone,
        .limits = call->limits,
    };
    const struct fz_refund_source *from = in->amount.from;
    for (size_t i = 0; i < in->amount.from_count; i++)
        *(strcmp(from[i].fund_source, fz_refund_source_words[0]) == 0 ? &request.from_order : &request.from_funds) =
            from[i].amount;
    memcpy(request.digest, call->digest, sizeof request.digest);
    return request;
}

static void describe(struct out *out)
{
    const struct fz_refund *refund = &out->refund;
    out->answer = (struct fz_refund_submit_answer){
        .id = refund->refund_id,
        .out_refund_no = refund->out_refund_no,
        .create_time.ms = refund->created_ms,
        .amount = fz_refund_amount_of(refund),
        .detail = fz_refund_coupon_of(refund, &out->coupon),
        .detail_count = 1,
    };
}

static void ahead(struct fz_tx *tx, const struct fz_call *call, const void *params)
{
    const struct fz_refund_submit_request *in = params;
    struct fz_refund_request request = request_of(call, in);
    fz_merchant_ask(tx, call->caller, in->sub_mchid);
    fz_merchant_ask_appid(tx, call->caller, in->appid != NULL ? in->appid : in->sp_appid);
    fz_merchant_ask_appid(tx, in->sub_mchid, in->sub_appid);
    fz_refund_submit_ask(tx, call->caller, in->sub_mchid == NULL ? "" : in->sub_mchid, &request);
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct fz_refund_submit_request *in = params;
    struct fz_party party;
    enum fz_result result = fz_party_of_trade(tx, call, FZ_IDENTITY_OF(in), &party);
    if (result == FZ_OK)
        result = fz_merchant_check_appid(tx, party.caller, in->appid != NULL ? in->appid : in->sp_appid);
    if (result == FZ_OK && in->sub_appid != NULL)
        result = fz_merchant_check_appid(tx, party.sub_mchid, in->sub_appid);
    if (result != FZ_OK)
        return result;
    struct fz_refund_request request = request_of(call, in);
    struct out *accepted = out;
    result = fz_refund_submit(tx, &party, &request, &accepted->refund);
    if (result == FZ_OK)
        describe(accepted);
    return result;
}

const struct fz_endpoint fz_endpoint_refund_submit = {
    .spec = &fz_spec_refund_submit,
    .out_size = sizeof(struct out),
    .rate_class = FZ_RATE_REFUND_SUBMIT,
    .check = check,
    .ahead = ahead,
    .work = work,
};
