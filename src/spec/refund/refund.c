/* The rows of a refund, as queries, lists and its submission answer it. */
#include "spec/refund/refund.h"

const char *const fz_fund_source_words[] = {FZ_UNSETTLED_FUNDS, "REFUND_SOURCE_RECHARGE_FUNDS", NULL};
const char *const fz_refund_channel_words[] = {"ORIGINAL", "BALANCE", "OTHER_BALANCE", "OTHER_BANKCARD", NULL};
const char *const fz_refund_status_words[] = {"PROCESSING", "SUCCESS", "REFUNDCLOSE", "ABNORMAL", NULL};

/* In a query `currency` may be absent (S-RQ); the answer to a submission always has it. */
#define AMOUNT_ROWS(currency_required)                                                                       \
    FZ_NUMBER(fz_refund_amount, refund, .required = FZ_BOTH,                                                 \
              .meaning = "What is refunded of the order, in its price currency"),                            \
        FZ_TEXT(fz_refund_amount, currency, 16, .required = currency_required, .meaning = "Price currency"), \
        FZ_NUMBER(fz_refund_amount, payer_refund, .required = FZ_BOTH,                                       \
                  .meaning = "What the payer gets, without vouchers"),                                       \
        FZ_TEXT(fz_refund_amount, payer_currency, 16, .required = FZ_BOTH, .meaning = "Payment currency"),   \
        FZ_STRUCT(fz_refund_amount, exchange_rate, fz_exchange_rate, .required = FZ_BOTH,                    \
                  .meaning = "Exchange rate")

static const struct fz_member fz_refund_amount_members[] = {AMOUNT_ROWS(FZ_NEVER), {0}};
static const struct fz_member accepted_amount[] = {AMOUNT_ROWS(FZ_BOTH), {0}};

static const struct fz_member fz_refund_coupon_members[] = {
    FZ_TEXT(fz_refund_coupon, promotion_id, 32, .required = FZ_BOTH, .meaning = "Voucher ID"),
    FZ_TEXT(fz_refund_coupon, scope, 32, .words = fz_coupon_scope_words, .meaning = "What the voucher is for"),
    FZ_TEXT(fz_refund_coupon, type, 32, .words = fz_coupon_type_words,
            .meaning = "Whether the voucher is settled (COUPON) or not (DISCOUNT)"),
    FZ_NUMBER_IF(fz_refund_coupon, amount, .meaning = "The voucher's worth"),
    FZ_NUMBER_IF(fz_refund_coupon, refund_amount, .meaning = "What of it is given back with this refund"),
    FZ_TEXT(fz_refund_coupon, currency, 16, .required = FZ_BOTH, .meaning = "The voucher's currency"),
    {0},
};

/* A list calls the voucher's share otherwise. */
#define ROWS(detail_name)                                                                                    \
    FZ_TEXT(fz_refund_answer, id, 32, .required = FZ_BOTH, .meaning = "WeChat Pay refund number"),           \
        FZ_TEXT(fz_refund_answer, out_refund_no, 64, .required = FZ_BOTH,                                    \
                .meaning = "Merchant refund number"),                                                        \
        FZ_TEXT(fz_refund_answer, transaction_id, 32, .required = FZ_BOTH,                                   \
                .meaning = "WeChat Pay transaction ID"),                                                     \
        FZ_TEXT(fz_refund_answer, out_trade_no, 64, .required = FZ_BOTH, .meaning = "Merchant order number"), \
        FZ_STRUCT(fz_refund_answer, amount, fz_refund_amount, .required = FZ_BOTH,                           \
                  .meaning = "Refund amount"),                                                               \
        FZ_LIST_AS(detail_name, fz_refund_answer, detail, fz_refund_coupon, fz_refund_coupon_members, 0, 1,  \
                   .meaning = "The voucher's share; absent without a voucher"),                              \
        FZ_TEXT(fz_refund_answer, channel, 16, .words = fz_refund_channel_words,                             \
                .meaning = "Refund channel"),                                                                \
        FZ_TEXT(fz_refund_answer, recv_account, 64, .meaning = "Where the money goes"),                      \
        FZ_TEXT(fz_refund_answer, fund_source, 30, .words = fz_fund_source_words,                            \
                .meaning = "Refund source"),                                                                 \
        FZ_MOMENT(fz_refund_answer, success_time, .meaning = "When the refund arrived; only with SUCCESS"),  \
        FZ_MOMENT(fz_refund_answer, create_time, .required = FZ_BOTH,                                        \
                  .meaning = "When the refund was accepted"),                                                \
        FZ_TEXT(fz_refund_answer, status, 16, .required = FZ_BOTH, .words = fz_refund_status_words,          \
                .meaning = "Refund status; ABNORMAL is told under /v3/global alone")

const struct fz_member fz_refund_answer_members[] = {ROWS("detail"), {0}};
const struct fz_member fz_refund_listed_members[] = {ROWS("refund_detail"), {0}};

const struct fz_member fz_refund_submit_answer_members[] = {
    FZ_TEXT(fz_refund_submit_answer, id, 32, .required = FZ_BOTH, .meaning = "WeChat Pay refund number"),
    FZ_TEXT(fz_refund_submit_answer, out_refund_no, 64, .required = FZ_BOTH, .meaning = "Merchant refund number"),
    FZ_MOMENT(fz_refund_submit_answer, create_time, .required = FZ_BOTH, .meaning = "When the refund was accepted"),
    FZ_STRUCT_BY(fz_refund_submit_answer, amount, fz_refund_amount, accepted_amount, .required = FZ_BOTH,
                 .meaning = "Refund amount"),
    FZ_LIST(fz_refund_submit_answer, detail, fz_refund_coupon, 0, 1,
            .meaning = "The voucher's share; absent without a voucher"),
    {0},
};
