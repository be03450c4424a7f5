/* The JSON of a refund (S-RQ), and of its acceptance. */
#include "api/refund/json.h"

#include "api/call/money_json.h"
#include "base/calendar.h"

static const char *const channel_words[] = {"ORIGINAL", "BALANCE", "OTHER_BALANCE", "OTHER_BANKCARD", NULL};
static const char *const status_words[] = {"PROCESSING", "SUCCESS", "REFUNDCLOSE", "ABNORMAL", NULL};
const char *const fz_fund_source_words[] = {"REFUND_SOURCE_UNSETTLED_FUNDS", "REFUND_SOURCE_RECHARGE_FUNDS",
                                            NULL};

#define AMOUNT_FIELDS(in, currency_always)                                                                   \
    {in "amount", FZ_OBJECT, 0, true, NULL, "Refund amount"},                                                \
        {in "amount.refund",                                                                                 \
         FZ_INTEGER,                                                                                         \
         0,                                                                                                  \
         true,                                                                                               \
         NULL,                                                                                               \
         "What is refunded of the order, in its price currency"},                                            \
        {in "amount.currency", FZ_STRING, 16, currency_always, NULL, "Price currency"},                      \
        {in "amount.payer_refund", FZ_INTEGER, 0, true, NULL, "What the payer gets, without vouchers"},      \
        {in "amount.payer_currency", FZ_STRING, 16, true, NULL, "Payment currency"},                         \
        {in "amount.exchange_rate", FZ_OBJECT, 0, true, NULL, "Exchange rate"},                              \
        {in "amount.exchange_rate.type", FZ_STRING, 16, true, fz_rate_type_words, "Which rate"},             \
    {                                                                                                        \
        in "amount.exchange_rate.rate", FZ_INTEGER, 0, true, NULL, "The rate x 10^8"                         \
    }

/* `detail` is the block's whole name. */
#define DETAIL_FIELDS(detail)                                                                                 \
    {detail, FZ_ARRAY, 1, false, NULL, "The voucher's share; absent without a voucher"},                      \
        {detail "[].promotion_id", FZ_STRING, 32, true, NULL, "Voucher ID"},                                  \
        {detail "[].scope", FZ_STRING, 32, false, fz_coupon_scope_words, "What the voucher is for"},          \
        {detail "[].type",                                                                                    \
         FZ_STRING,                                                                                           \
         32,                                                                                                  \
         false,                                                                                               \
         fz_coupon_type_words,                                                                                \
         "Whether the voucher is settled (COUPON) or not (DISCOUNT)"},                                        \
        {detail "[].amount", FZ_INTEGER, 0, false, NULL, "The voucher's worth"},                              \
        {detail "[].refund_amount", FZ_INTEGER, 0, false, NULL, "What of it is given back with this refund"}, \
    {                                                                                                         \
        detail "[].currency", FZ_STRING, 16, true, NULL, "The voucher's currency"                             \
    }

#define REFUND_FIELDS(in, detail)                                                                            \
    {in "id", FZ_STRING, 32, true, NULL, "WeChat Pay refund number"},                                        \
        {in "out_refund_no", FZ_STRING, 64, true, NULL, "Merchant refund number"},                           \
        {in "transaction_id", FZ_STRING, 32, true, NULL, "WeChat Pay transaction ID"},                       \
        {in "out_trade_no", FZ_STRING, 64, true, NULL, "Merchant order number"}, AMOUNT_FIELDS(in, false),   \
        DETAIL_FIELDS(in detail), {in "channel", FZ_STRING, 16, false, channel_words, "Refund channel"},     \
        {in "recv_account", FZ_STRING, 64, false, NULL, "Where the money goes"},                             \
        {in "fund_source", FZ_STRING, 30, false, fz_fund_source_words, "Refund source"},                     \
        {in "success_time", FZ_STRING, 64, false, NULL, "When the refund arrived; only with SUCCESS"},       \
        {in "create_time", FZ_STRING, 64, true, NULL, "When the refund was accepted"},                       \
    {                                                                                                        \
        in "status", FZ_STRING, 16, true, status_words,                                                      \
            "Refund status; ABNORMAL is told under /v3/global alone"                                         \
    }

const struct fz_field fz_refund_fields[] = {
    REFUND_FIELDS("", "detail"),
    {0},
};

const struct fz_field fz_refund_list_fields[] = {
    {"id", FZ_STRING, 32, true, NULL, "WeChat Pay transaction ID"},
    {"mchid", FZ_STRING, 32, false, NULL, "Merchant ID; in Common mode"},
    {"sp_mchid", FZ_STRING, 32, false, NULL, "Institution's merchant ID; in Institutional mode"},
    {"sub_mchid", FZ_STRING, 32, false, NULL, "Sub-merchant ID; in Institutional mode"},
    {"out_trade_no", FZ_STRING, 64, true, NULL, "Merchant order number"},
    {"amount", FZ_OBJECT, 0, true, NULL, "Order amount"},
    {"amount.total", FZ_INTEGER, 0, true, NULL, "Order amount, in the price currency"},
    {"amount.currency", FZ_STRING, 16, true, NULL, "Price currency"},
    {"amount.payer_total", FZ_INTEGER, 0, true, NULL, "What the payer paid, without vouchers"},
    {"amount.payer_currency", FZ_STRING, 16, true, NULL, "Payment currency"},
    {"data", FZ_ARRAY, FZ_REFUND_PAGE_MAX, true, NULL, "The refunds of this page, oldest first"},
    REFUND_FIELDS("data[].", "refund_detail"),
    {"total_num", FZ_INTEGER, 0, true, NULL, "How many refunds the order has"},
    {"current_total_num", FZ_INTEGER, 0, true, NULL, "How many are on this page"},
    {0},
};

const struct fz_field fz_refund_accepted_fields[] = {
    {"id", FZ_STRING, 32, true, NULL, "WeChat Pay refund number"},
    {"out_refund_no", FZ_STRING, 64, true, NULL, "Merchant refund number"},
    {"create_time", FZ_STRING, 64, true, NULL, "When the refund was accepted"},
    AMOUNT_FIELDS("", true),
    DETAIL_FIELDS("detail"),
    {0},
};

/* S-RQ, of 2021, knows no ABNORMAL: there such a refund is still in process. */
static const char *status_word(enum fz_refund_state state, bool old_spelling)
{
    if (old_spelling && state == FZ_REFUND_ABNORMAL)
        state = FZ_REFUND_PROCESSING;
    return status_words[state - FZ_REFUND_PROCESSING];
}

static void add_amount(struct fz_json *json, const struct fz_refund *refund)
{
    fz_json_object(json, "amount");
    fz_json_integer(json, "refund", refund->amount);
    fz_json_string(json, "currency", refund->currency);
    fz_json_integer(json, "payer_refund", refund->payer_refund);
    fz_json_string(json, "payer_currency", refund->payer_currency);
    fz_exchange_rate_json(json, refund->rate_type, refund->rate);
    fz_json_end_object(json);
}

/* The block of the voucher, called `name`, where there is one. */
static void add_detail(struct fz_json *json, const struct fz_refund *refund, const char *name)
{
    if (refund->coupon.type != FZ_COUPON_NONE)
        fz_coupon_json(json, name, &refund->coupon, refund->currency, refund->payer_currency, &refund->coupon_refund);
}

void fz_refund_json(struct fz_json *json, const struct fz_refund *refund, bool old_spelling, const char *detail_name)
{
    char create_time[FZ_TIME_SIZE], success_time[FZ_TIME_SIZE];
    fz_format_time(create_time, refund->created_ms);
    fz_format_time(success_time, refund->success_ms);
    fz_json_object(json, NULL);
    fz_json_string(json, "id", refund->refund_id);
    fz_json_string(json, "out_refund_no", refund->out_refund_no);
    fz_json_string(json, "transaction_id", refund->transaction_id);
    fz_json_string(json, "out_trade_no", refund->out_trade_no);
    add_amount(json, refund);
    fz_json_string(json, "channel", channel_words[refund->channel - FZ_CHANNEL_ORIGINAL]);
    fz_json_string(json, "recv_account", refund->recv_account);
    fz_json_string(json, "fund_source", fz_fund_source_words[refund->fund_source - FZ_SOURCE_UNSETTLED]);
    fz_json_given(json, "success_time", refund->state == FZ_REFUND_SUCCESS ? success_time : NULL);
    fz_json_string(json, "create_time", create_time);
    fz_json_string(json, "status", status_word(refund->state, old_spelling));
    add_detail(json, refund, detail_name);
    fz_json_end_object(json);
}

void fz_refund_accepted_json(struct fz_json *json, const struct fz_refund *refund)
{
    char create_time[FZ_TIME_SIZE];
    fz_format_time(create_time, refund->created_ms);
    fz_json_object(json, NULL);
    fz_json_string(json, "id", refund->refund_id);
    fz_json_string(json, "out_refund_no", refund->out_refund_no);
    fz_json_string(json, "create_time", create_time);
    add_amount(json, refund);
    add_detail(json, refund, "detail");
    fz_json_end_object(json);
}
