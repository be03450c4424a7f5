/* The rows of callbacks. */
#include "spec/callback/callback.h"

#include "spec/order/order.h"
#include "spec/refund/refund.h"

static const struct fz_member fz_callback_resource_members[] = {
    FZ_TEXT(fz_callback_resource, original_type, 32, .required = FZ_BOTH, .meaning = "What is in it"),
    FZ_TEXT(fz_callback_resource, algorithm, 32, .required = FZ_BOTH, .meaning = "AEAD_AES_256_GCM"),
    FZ_TEXT(fz_callback_resource, ciphertext, 1048576, .required = FZ_BOTH, .meaning = "Base64 of the sealed text"),
    FZ_TEXT(fz_callback_resource, associated_data, 16, .meaning = "What the seal covers beside"),
    FZ_TEXT(fz_callback_resource, nonce, 16, .required = FZ_BOTH, .meaning = "The seal's nonce"),
    {0},
};

const struct fz_member fz_callback_body_members[] = {
    FZ_TEXT(fz_callback_body, id, 36, .required = FZ_BOTH, .meaning = "The event's number"),
    FZ_MOMENT(fz_callback_body, create_time, .required = FZ_BOTH, .meaning = "When it happened"),
    FZ_TEXT(fz_callback_body, event_type, 32, .required = FZ_BOTH, .meaning = "What happened"),
    FZ_TEXT(fz_callback_body, resource_type, 32, .required = FZ_BOTH, .meaning = "encrypt-resource"),
    FZ_TEXT(fz_callback_body, summary, 64, .meaning = "For people"),
    FZ_STRUCT(fz_callback_body, resource, fz_callback_resource, .required = FZ_BOTH, .meaning = "The sealed part"),
    {0},
};

static const struct fz_member fz_callback_refund_amount_members[] = {
    FZ_NUMBER(fz_callback_refund_amount, total, .required = FZ_BOTH, .meaning = "Order amount, in the price currency"),
    FZ_TEXT(fz_callback_refund_amount, currency, 16, .required = FZ_BOTH, .meaning = "Price currency"),
    FZ_NUMBER(fz_callback_refund_amount, refund, .required = FZ_BOTH, .meaning = "What is refunded, in the price currency"),
    FZ_NUMBER(fz_callback_refund_amount, payer_total, .required = FZ_BOTH,
              .meaning = "What the payer paid, without vouchers"),
    FZ_NUMBER(fz_callback_refund_amount, payer_refund, .required = FZ_BOTH,
              .meaning = "What the payer gets, without vouchers"),
    FZ_TEXT(fz_callback_refund_amount, payer_currency, 16, .required = FZ_BOTH, .meaning = "Payment currency"),
    FZ_STRUCT(fz_callback_refund_amount, exchange_rate, fz_exchange_rate, .required = FZ_BOTH,
              .meaning = "Exchange rate"),
    {0},
};

static const struct fz_member fz_callback_refund_members[] = {
    FZ_TEXT(fz_callback_refund, mchid, 32, .meaning = "Merchant ID; in Common mode"),
    FZ_TEXT(fz_callback_refund, sp_mchid, 32, .meaning = "Institution's merchant ID; in Institutional mode"),
    FZ_TEXT(fz_callback_refund, sub_mchid, 32, .meaning = "Sub-merchant ID; in Institutional mode"),
    FZ_TEXT(fz_callback_refund, transaction_id, 32, .required = FZ_BOTH, .meaning = "WeChat Pay transaction ID"),
    FZ_TEXT(fz_callback_refund, out_trade_no, 64, .required = FZ_BOTH, .meaning = "Merchant order number"),
    FZ_TEXT(fz_callback_refund, refund_id, 32, .required = FZ_BOTH, .meaning = "WeChat Pay refund number"),
    FZ_TEXT(fz_callback_refund, out_refund_no, 64, .required = FZ_BOTH, .meaning = "Merchant refund number"),
    FZ_TEXT(fz_callback_refund, refund_status, 16, .required = FZ_BOTH, .meaning = "What became of the refund"),
    FZ_MOMENT(fz_callback_refund, success_time, .meaning = "When the refund arrived; only with SUCCESS"),
    FZ_TEXT(fz_callback_refund, recv_account, 64, .meaning = "Where the money went"),
    FZ_TEXT(fz_callback_refund, fund_source, 30, .words = fz_fund_source_words, .meaning = "Refund source"),
    FZ_STRUCT(fz_callback_refund, amount, fz_callback_refund_amount, .required = FZ_BOTH, .meaning = "Amounts"),
    {0},
};

#define REFUND(the_event, the_summary, the_status)                                                           \
    {                                                                                                        \
        .event_type = the_event, .summary = the_summary, .original_type = "refund",                          \
        .refund_status = the_status, .resource = fz_callback_refund_members,                                 \
        .resource_size = sizeof(struct fz_callback_refund)                                                   \
    }

const struct fz_callback_spec fz_callback_specs[FZ_CALLBACK_EVENTS] = {
    [FZ_CALLBACK_PAID] = {.event_type = "TRANSACTION.SUCCESS",
                          .summary = "支付成功",
                          .original_type = "transaction",
                          .resource = fz_order_told_members,
                          .resource_size = sizeof(struct fz_order_answer)},
    [FZ_CALLBACK_REFUND_SUCCESS] = REFUND("REFUND.SUCCESS", "退款成功", "SUCCESS"),
    [FZ_CALLBACK_REFUND_CLOSED] = REFUND("REFUND.CLOSED", "退款关闭", "CLOSED"),
    [FZ_CALLBACK_REFUND_ABNORMAL] = REFUND("REFUND.ABNORMAL", "退款异常", "ABNORMAL"),
};
