/* Query all refunds of an order, page by page. */
#include <inttypes.h>
#include <stdio.h>

#include "api/merchant/identity.h"
#include "api/refund/answer.h"

_Static_assert(FZ_REFUNDS_A_PAGE == FZ_REFUND_PAGE_MAX, "the book reads a page at once");

struct out {
    struct fz_refunds_of_order_answer answer;
    struct fz_payment payment;
    struct fz_refund_page page;
    struct fz_refund_answer data[FZ_REFUND_PAGE_MAX];
    struct fz_refund_coupon coupons[FZ_REFUND_PAGE_MAX];
};

static enum fz_result check(struct fz_call *call, void *params)
{
    const struct fz_refunds_of_order_request *in = params;
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

static void describe(struct out *out, bool old_spelling)
{
    const struct fz_payment *payment = &out->payment;
    bool common = payment->sub_mchid[0] == '\0';
    out->answer = (struct fz_refunds_of_order_answer){
        .id = payment->transaction_id,
        .mchid = common ? payment->caller : NULL,
        .sp_mchid = common ? NULL : payment->caller,
        .sub_mchid = common ? NULL : payment->sub_mchid,
        .out_trade_no = payment->out_trade_no,
        .amount = {.total = payment->amount,
                   .currency = payment->currency,
                   .payer_total = payment->payer_total,
                   .payer_currency = payment->payer_currency},
        .data = out->data,
        .data_count = out->page.count,
        .total_num = out->page.total,
        .current_total_num = (int64_t)out->page.count,
    };
    for (size_t i = 0; i < out->page.count; i++)
        fz_refund_describe(&out->page.list[i], old_spelling, &out->coupons[i], &out->data[i]);
}

/* S-RQ has one row for "no refund order number" and "no such order". */
static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct fz_refunds_of_order_request *in = params;
    struct out *found = out;
    struct fz_party party;
    enum fz_result result = fz_party_of_refund_query(tx, call, FZ_IDENTITY_OF(in), &party);
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
    if (result == FZ_OK)
        describe(found, call->old_spelling);
    return result;
}

const struct fz_endpoint fz_endpoint_refunds_of_order = {
    .spec = &fz_spec_refunds_of_order,
    .out_size = sizeof(struct out),
    .rate_class = FZ_RATE_REFUND_QUERY,
    .check = check,
    .work = work,
};
