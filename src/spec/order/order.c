/* The rows of what orders are answered with. */
#include "spec/order/order.h"

const char *const fz_trade_state_words[] = {"SUCCESS",    "REFUND",  "NOTPAY",   "CLOSED",
                                            "USERPAYING", "REVOKED", "PAYERROR", NULL};

static const struct fz_member fz_order_amount_members[] = {
    FZ_NUMBER(fz_order_amount, total, .required = FZ_BOTH, .meaning = "Order amount, in the price currency"),
    FZ_TEXT(fz_order_amount, currency, 16, .required = FZ_BOTH, .meaning = "Price currency"),
    FZ_NUMBER_IF(fz_order_amount, payer_total, .meaning = "What the payer paid, without vouchers"),
    FZ_TEXT(fz_order_amount, payer_currency, 16, .meaning = "Payment currency"),
    FZ_STRUCT_IF(fz_order_amount, exchange_rate, fz_exchange_rate, .meaning = "Exchange rate"),
    {0},
};

static const struct fz_member fz_order_coupon_members[] = {
    FZ_TEXT(fz_order_coupon, promotion_id, 32, .required = FZ_BOTH, .meaning = "Voucher ID"),
    FZ_TEXT(fz_order_coupon, scope, 32, .words = fz_coupon_scope_words, .meaning = "What the voucher is for"),
    FZ_TEXT(fz_order_coupon, type, 32, .words = fz_coupon_type_words,
            .meaning = "Whether the voucher is settled (COUPON) or not (DISCOUNT)"),
    FZ_NUMBER(fz_order_coupon, amount, .required = FZ_BOTH, .meaning = "The voucher's worth"),
    FZ_TEXT(fz_order_coupon, currency, 16, .required = FZ_BOTH, .meaning = "The voucher's currency"),
    {0},
};

#define ROWS                                                                                                 \
    FZ_TEXT(fz_order_answer, mchid, 32, .meaning = "Merchant ID; in Common mode"),                           \
    FZ_TEXT(fz_order_answer, appid, 32, .meaning = "Merchant's appid; in Common mode"),                      \
    FZ_TEXT(fz_order_answer, sp_mchid, 32, .meaning = "Institution's merchant ID; in Institutional mode"),   \
    FZ_TEXT(fz_order_answer, sub_mchid, 32, .meaning = "Sub-merchant ID; in Institutional mode"),            \
    FZ_TEXT(fz_order_answer, sp_appid, 32, .meaning = "Institution's appid; in Institutional mode"),         \
    FZ_TEXT(fz_order_answer, sub_appid, 32, .meaning = "Sub-merchant's appid"),                              \
    FZ_TEXT(fz_order_answer, out_trade_no, 64, .required = FZ_BOTH, .meaning = "Merchant order number"),     \
    FZ_TEXT(fz_order_answer, id, 32, .meaning = "WeChat Pay transaction ID; once paid"),                     \
    FZ_TEXT(fz_order_answer, attach, 128, .meaning = "Merchant's own data"),                                 \
    FZ_TEXT(fz_order_answer, trade_type, 16, .required = FZ_BOTH, .meaning = "Trade type"),                  \
    FZ_TEXT(fz_order_answer, bank_type, 16, .meaning = "Payer's bank; once paid"),                           \
    FZ_MOMENT(fz_order_answer, success_time, .meaning = "When it was paid"),                                 \
    FZ_TEXT(fz_order_answer, trade_state, 32, .required = FZ_BOTH, .words = fz_trade_state_words,            \
            .meaning = "State of the order"),                                                                \
    FZ_TEXT(fz_order_answer, trade_state_desc, 256, .required = FZ_BOTH, .meaning = "The state in words"),   \
    FZ_STRUCT(fz_order_answer, amount, fz_order_amount, .required = FZ_BOTH, .meaning = "Order amount"),     \
    FZ_LIST(fz_order_answer, promotion_detail, fz_order_coupon, 0, 1,                                        \
            .meaning = "The voucher used; absent without one")

const struct fz_member fz_order_answer_members[] = {ROWS, {0}};
/* GSKILL's sample of a callback calls WeChat's number transaction_id, client libraries of the global API read it as `id`, as in
 * the query: both are there. */
const struct fz_member fz_order_told_members[] = {
    ROWS,
    FZ_TEXT(fz_order_answer, transaction_id, 32, .required = FZ_BOTH, .meaning = "WeChat Pay transaction ID"),
    {0},
};

const struct fz_member fz_order_prepaid_answer_members[] = {
    FZ_TEXT(fz_order_prepaid_answer, prepay_id, 64, .required = FZ_BOTH,
            .meaning = "With what the payer's client opens the payment; the same for a repeat"),
    {0},
};
