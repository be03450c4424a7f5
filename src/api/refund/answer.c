/* A refund of the book as the API answers it. */
#include "api/refund/answer.h"

struct fz_refund_amount fz_refund_amount_of(const struct fz_refund *refund)
{
    return (struct fz_refund_amount){
        .refund = refund->amount,
        .currency = refund->currency,
        .payer_refund = refund->payer_refund,
        .payer_currency = refund->payer_currency,
        .exchange_rate = {fz_rate_type_words[refund->rate_type - FZ_RATE_SETTLEMENT], refund->rate},
    };
}

/* COUPON is worth payer currency, DISCOUNT price currency (S-RQ). */
struct fz_refund_coupon *fz_refund_coupon_of(const struct fz_refund *refund, struct fz_refund_coupon *coupon)
{
    const struct fz_coupon *of_order = &refund->coupon;
    if (of_order->type == FZ_COUPON_NONE)
        return NULL;
    *coupon = (struct fz_refund_coupon){
        .promotion_id = of_order->promotion_id,
        .scope = fz_coupon_scope_words[of_order->scope - FZ_SCOPE_GLOBAL],
        .type = fz_coupon_type_words[of_order->type - FZ_COUPON_COUPON],
        .has_amount = true,
        .amount = of_order->amount,
        .has_refund_amount = true,
        .refund_amount = refund->coupon_refund,
        .currency = of_order->type == FZ_COUPON_COUPON ? refund->payer_currency : refund->currency,
    };
    return coupon;
}

/* S-RQ, of 2021, knows no ABNORMAL: there such a refund is still in process. */
static const char *status_word(enum fz_refund_state state, bool old_spelling)
{
    if (old_spelling && state == FZ_REFUND_ABNORMAL)
        state = FZ_REFUND_PROCESSING;
    return fz_refund_status_words[state - FZ_REFUND_PROCESSING];
}

void fz_refund_describe(const struct fz_refund *refund, bool old_spelling, struct fz_refund_coupon *coupon,
                        struct fz_refund_answer *out)
{
    *out = (struct fz_refund_answer){
        .id = refund->refund_id,
        .out_refund_no = refund->out_refund_no,
        .transaction_id = refund->transaction_id,
        .out_trade_no = refund->out_trade_no,
        .amount = fz_refund_amount_of(refund),
        .detail = fz_refund_coupon_of(refund, coupon),
        .detail_count = 1,
        .channel = fz_refund_channel_words[refund->channel - FZ_CHANNEL_ORIGINAL],
        .recv_account = refund->recv_account,
        .fund_source = fz_fund_source_words[refund->fund_source - FZ_SOURCE_UNSETTLED],
        .success_time.ms = refund->state == FZ_REFUND_SUCCESS ? refund->success_ms : 0,
        .create_time.ms = refund->created_ms,
        .status = status_word(refund->state, old_spelling),
    };
}

void fz_refund_answer(struct fz_refund_out *out, bool old_spelling)
{
    fz_refund_describe(&out->refund, old_spelling, &out->coupon, &out->answer);
}
