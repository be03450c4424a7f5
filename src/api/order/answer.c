/* An order of the book as the API answers it. What only a payment brings (number, bank, payer's amount, rate,
 * voucher) is absent before it. */
#include "api/order/answer.h"

/* In the order of fz_trade_state_words. */
enum trade_state { SUCCESS, REFUND, NOTPAY, CLOSED, USERPAYING, REVOKED, PAYERROR };

static enum trade_state trade_state_of(const struct fz_payment *payment)
{
    switch (payment->state) {
    case FZ_PAYMENT_NOTPAY:
        return NOTPAY;
    case FZ_PAYMENT_SUCCESS:
        return payment->refunded > 0 ? REFUND : SUCCESS;
    case FZ_PAYMENT_CLOSED:
        return CLOSED;
    case FZ_PAYMENT_USERPAYING:
        return USERPAYING;
    case FZ_PAYMENT_REVOKED:
        return REVOKED;
    case FZ_PAYMENT_PAYERROR:
        return PAYERROR;
    }
    __builtin_unreachable();
}

static const char *const state_texts[] = {
    [SUCCESS] = "Paid",
    [REFUND] = "Paid, and refunded in part or in whole",
    [NOTPAY] = "Not paid yet",
    [CLOSED] = "Closed",
    [USERPAYING] = "The payer has to enter the password",
    [REVOKED] = "Reversed",
    [PAYERROR] = "The payment failed. Place a new order",
};

/* COUPON is worth payer currency, DISCOUNT price currency (S-RQ). */
static struct fz_order_coupon *coupon_of(const struct fz_payment *payment, struct fz_order_coupon *coupon)
{
    const struct fz_coupon *used = &payment->coupon;
    if (used->type == FZ_COUPON_NONE)
        return NULL;
    *coupon = (struct fz_order_coupon){
        .promotion_id = used->promotion_id,
        .scope = fz_coupon_scope_words[used->scope - FZ_SCOPE_GLOBAL],
        .type = fz_coupon_type_words[used->type - FZ_COUPON_COUPON],
        .amount = used->amount,
        .currency = used->type == FZ_COUPON_COUPON ? payment->payer_currency : payment->currency,
    };
    return coupon;
}

/* What the payment brought. */
static void add_payment(const struct fz_payment *payment, struct fz_order_coupon *coupon,
                        struct fz_order_answer *out)
{
    enum fz_rate_type type;
    struct fz_order_amount *amount = &out->amount;
    fz_payment_exchange_rate(payment, &type, &amount->exchange_rate.rate);
    amount->exchange_rate.type = fz_rate_type_words[type - FZ_RATE_SETTLEMENT];
    amount->has_exchange_rate = true;
    amount->has_payer_total = true;
    amount->payer_total = payment->payer_total;
    amount->payer_currency = payment->payer_currency;
    out->id = payment->transaction_id;
    out->bank_type = fz_payer_word(payment->payer_kind);
    out->success_time.ms = payment->success_ms;
    out->promotion_detail = coupon_of(payment, coupon);
    out->promotion_detail_count = 1;
}

void fz_order_describe(const struct fz_payment *payment, struct fz_order_coupon *coupon,
                       struct fz_order_answer *out)
{
    bool common = payment->sub_mchid[0] == '\0';
    const char *caller = payment->caller, *appid = fz_given(payment->appid);
    enum trade_state state = trade_state_of(payment);
    *out = (struct fz_order_answer){
        .mchid = common ? caller : NULL,
        .appid = common ? appid : NULL,
        .sp_mchid = common ? NULL : caller,
        .sub_mchid = common ? NULL : payment->sub_mchid,
        .sp_appid = common ? NULL : appid,
        .sub_appid = fz_given(payment->sub_appid),
        .out_trade_no = payment->out_trade_no,
        .attach = fz_given(payment->attach),
        .trade_type = payment->trade_type,
        .trade_state = fz_trade_state_words[state],
        .trade_state_desc = state_texts[state],
        .amount = {.total = payment->amount, .currency = payment->currency},
    };
    if (payment->success_ms != 0)
        add_payment(payment, coupon, out);
}

void fz_order_answer(struct fz_order_out *out)
{
    fz_order_describe(&out->payment, &out->coupon, &out->answer);
}
