/* The rows of a story: what can happen, and when. */
#include "world/step_rows.h"

#include "base/amount.h"
#include "book/money.h"
#include "book/order/payer_account.h"
#include "book/order/payment.h"
#include "spec/common/money.h"
#include "spec/distribution/distribution.h"
#include "spec/distribution/receiver.h"
#include "spec/refund/refund.h"

#define SLICES_MAX 50

const char *const fz_world_verdict_words[] = {"EFFECTIVE", "FAILED", NULL};
const char *const fz_world_outcome_words[] = {"SUCCESS", "REFUNDCLOSE", "ABNORMAL", NULL};

#define MCHID(about)     {"mchid", FZ_WORLD_TEXT, about, .min = 8, .max = 32, .letters = FZ_WORLD_DIGITS}
#define SUB_MCHID        {"sub_mchid", FZ_WORLD_TEXT, "which sub-merchant of it", .min = 8, .max = 32, .letters = FZ_WORLD_DIGITS}
#define AMOUNT(about)    {"amount", FZ_WORLD_INTEGER, about, true, .min = 1, .max = FZ_AMOUNT_MAX}
#define TRANSACTION      {"transaction_id", FZ_WORLD_TEXT, "of the order", .min = 1, .max = 32, .letters = FZ_WORLD_PLAIN}
#define OUT_TRADE_NO     {"out_trade_no", FZ_WORLD_TEXT, "of the order, or by this", .min = 6, .max = 32, .letters = FZ_WORLD_NUMBERS}
#define OUT_ORDER_NO     {"out_order_no", FZ_WORLD_TEXT, "the merchant's number", true, .min = 1, .max = 64, .letters = FZ_WORLD_PLAIN "_-"}
#define CURRENCY(name, about) {name, FZ_WORLD_TEXT, about, .min = 3, .max = 3}
#define RATE(name, about)     {name, FZ_WORLD_INTEGER, about, .min = 1, .max = FZ_RATE_MAX}
#define ACCOUNT          {"account", FZ_WORLD_TEXT, "its number there", true, .min = 1, .max = 64}
#define RECEIVER_TYPE    {"type", FZ_WORLD_WORD, "MERCHANT_ID, unless it is a person", .words = fz_receiver_type_words}

/* Not by code: that has a life of its own, which the API begins. */
static const char *const trade_words[] = {"NATIVE", "JSAPI", "APP", "MWEB", NULL};

static const struct fz_world_row coupon_rows[] = {
    {"type", FZ_WORLD_WORD, "COUPON, which somebody pays for, or DISCOUNT", true, .words = fz_coupon_type_words},
    {"scope", FZ_WORLD_WORD, "GLOBAL or SINGLE", .words = fz_coupon_scope_words},
    AMOUNT("in the payer's currency, or of a discount in the price's"),
    {"promotion_id", FZ_WORLD_TEXT, "its number (109519)", .min = 1, .max = 32, .letters = FZ_WORLD_PLAIN "_-"},
    {0}};

#define ORDER_ROWS                                                                                                     \
    MCHID("who sells (the first of the file)"), SUB_MCHID, AMOUNT("the price, in the smallest unit"),                  \
        {"marked", FZ_WORLD_BOOLEAN, "whether it is to be distributed (false)"},                                       \
        {"transaction_id", FZ_WORLD_TEXT, "its number (drawn)", .min = 1, .max = 32, .letters = FZ_WORLD_PLAIN},       \
        {"out_trade_no", FZ_WORLD_TEXT, "the merchant's number", true, .min = 6, .max = 32, .letters = FZ_WORLD_NUMBERS}, \
        {"description", FZ_WORLD_LINES, "what is sold", .min = 1, .max = 127},                                         \
        {"attach", FZ_WORLD_LINES, "what goes with it", .min = 1, .max = 127},                                         \
        {"trade_type", FZ_WORLD_WORD, "how it is paid (NATIVE)", .words = trade_words},                             \
        {"coupon", FZ_WORLD_MAPPING, "a voucher", .rows = coupon_rows},                                                \
        {"payer", FZ_WORLD_WORD, "what it is paid from (balance)", .words = fz_payer_kind_words},                      \
        CURRENCY("currency", "of the price (CNY)"), CURRENCY("payer_currency", "of the payer (the price's)"),          \
        RATE("payment_rate", "between the two, x 10^8"), RATE("settlement_rate", "x 10^8")

static const struct fz_world_row pay_rows[] = {
    ORDER_ROWS, {"freezes", FZ_WORLD_WORD, "at_once: not within five minutes", .words = fz_world_settles_words}, {0}};
static const struct fz_world_row place_rows[] = {
    ORDER_ROWS, {"expires", FZ_WORLD_DURATION, "when it can be paid no more (PT2H)"}, {0}};

static const struct fz_world_row close_rows[] = {MCHID("whose order"), SUB_MCHID, OUT_TRADE_NO, {0}};

static const struct fz_world_row payer_account_rows[] = {
    TRANSACTION, OUT_TRADE_NO, {"account", FZ_WORLD_WORD, "what becomes of it", true, .words = fz_payer_account_words}, {0}};

const struct fz_world_row fz_world_receiver_rows[] = {
    MCHID("whose receiver (the first of the file)"),
    SUB_MCHID,
    RECEIVER_TYPE,
    ACCOUNT,
    {"name", FZ_WORLD_LINES, "of the merchant or person", .min = 1, .max = FZ_NAME_MAX},
    {"relation_type", FZ_WORLD_WORD, "what it is to the merchant", true, .words = fz_relation_type_words},
    {"custom_relation", FZ_WORLD_LINES, "the same in words, with CUSTOM", .min = 1, .max = 10},
    {"appid", FZ_WORLD_LINES, "of a person's openid", .min = 1, .max = 32},
    {"sub_appid", FZ_WORLD_LINES, "the same of the sub-merchant", .min = 1, .max = 32},
    {"audit", FZ_WORLD_WORD, "how its audit ends, at once", .words = fz_world_verdict_words},
    {"fail_reason", FZ_WORLD_TEXT, "why it failed", .min = 1, .max = 64},
    {"penalised", FZ_WORLD_BOOLEAN, "whether it may be given nothing"},
    {"fails_with", FZ_WORLD_WORD, "with which fail_reason every slice to it fails", .words = fz_slice_fail_words},
    {0}};

static const struct fz_world_row change_receiver_rows[] = {
    MCHID("whose receiver (everybody's)"),
    SUB_MCHID,
    ACCOUNT,
    {"audit", FZ_WORLD_WORD, "how the audits under way end", .words = fz_world_verdict_words},
    {"fail_reason", FZ_WORLD_TEXT, "why it failed", .min = 1, .max = 64},
    {"penalised", FZ_WORLD_BOOLEAN, "whether it may be given nothing"},
    {"fails_with", FZ_WORLD_WORD, "with which fail_reason every slice to it fails; null: none does", .or_null = true, .words = fz_slice_fail_words},
    {0}};

static const struct fz_world_row slice_rows[] = {RECEIVER_TYPE,
                                                 ACCOUNT,
                                                 AMOUNT("in fen"),
                                                 {"description", FZ_WORLD_LINES, "what for", .min = 1, .max = 80},
                                                 {"name", FZ_WORLD_LINES, "of a person, to be checked", .min = 1, .max = FZ_NAME_MAX},
                                                 {0}};
static const struct fz_world_row slice_item = {NULL, FZ_WORLD_MAPPING, NULL, .rows = slice_rows};

static const struct fz_world_row distribute_rows[] = {
    TRANSACTION,
    OUT_TRADE_NO,
    OUT_ORDER_NO,
    {"receivers", FZ_WORLD_LIST, "who gets what", .min = 0, .max = SLICES_MAX, .item = &slice_item},
    {"unfreeze_unsplit", FZ_WORLD_BOOLEAN, "whether the rest goes to the sponsor (false)"},
    {"settles", FZ_WORLD_WORD, "at_once: not within a minute", .words = fz_world_settles_words},
    {0}};

static const struct fz_world_row unfreeze_rows[] = {
    TRANSACTION,
    OUT_TRADE_NO,
    OUT_ORDER_NO,
    {"description", FZ_WORLD_LINES, "why", .min = 1, .max = 80},
    {"settles", FZ_WORLD_WORD, "at_once: not within a minute", .words = fz_world_settles_words},
    {0}};

static const struct fz_world_row refund_rows[] = {
    TRANSACTION,
    OUT_TRADE_NO,
    {"out_refund_no", FZ_WORLD_TEXT, "the merchant's number", true, .min = 1, .max = 64, .letters = FZ_WORLD_NUMBERS},
    {"refund_id", FZ_WORLD_TEXT, "its number (drawn)", .min = 1, .max = 32, .letters = FZ_WORLD_PLAIN},
    AMOUNT("in the price's currency"),
    {"reason", FZ_WORLD_LINES, "why", .min = 1, .max = 80},
    {"funds_account", FZ_WORLD_WORD, "what is drawn on", .words = fz_fund_source_words},
    {"from_order", FZ_WORLD_INTEGER, "of it from the order's own funds", .min = 0, .max = FZ_AMOUNT_MAX},
    {"from_funds", FZ_WORLD_INTEGER, "of it from the advance balance", .min = 0, .max = FZ_AMOUNT_MAX},
    {0}};

static const struct fz_world_row outcome_rows[] = {
    {"refund_id", FZ_WORLD_TEXT, "which refund", .min = 1, .max = 32, .letters = FZ_WORLD_PLAIN},
    {"out_refund_no", FZ_WORLD_TEXT, "or by this, and its order", .min = 1, .max = 64, .letters = FZ_WORLD_NUMBERS},
    TRANSACTION,
    OUT_TRADE_NO,
    {"status", FZ_WORLD_WORD, "what becomes of it", true, .words = fz_world_outcome_words},
    {"channel", FZ_WORLD_WORD, "where it arrived", .words = fz_refund_channel_words},
    {"recv_account", FZ_WORLD_TEXT, "the same in words", .min = 1, .max = 64},
    {0}};

static const struct fz_world_row recharge_rows[] = {MCHID("whose balance (the first of the file)"), AMOUNT("in its settlement currency"), {0}};

const char *const fz_world_settles_words[] = {"later", "at_once", NULL};

#define STEP(name, about, members) {name, FZ_WORLD_MAPPING, about, .rows = members}

const struct fz_world_row fz_world_step_rows[] = {
    {"at", FZ_WORLD_MOMENT, "when it happens (right after what stands above)"},
    {"after", FZ_WORLD_DURATION, "so long after what stands above: P3D"},
    {"note", FZ_WORLD_TEXT, "in words", .min = 0, .max = 400},
    STEP("pay", "an order is placed and paid", pay_rows),
    STEP("place", "an order is placed", place_rows),
    STEP("close", "an order that was not paid is closed", close_rows),
    STEP("payer_account", "what becomes of the account that paid", payer_account_rows),
    STEP("add_receiver", "a receiver is added; its audit takes a minute unless told otherwise", fz_world_receiver_rows),
    STEP("change_receiver", "what the world outside does to a receiver", change_receiver_rows),
    STEP("distribute", "slices of an order's money", distribute_rows),
    STEP("unfreeze", "the rest of an order goes to the sponsor", unfreeze_rows),
    STEP("refund", "a refund is accepted; it arrives after 20 minutes, or 3 business days", refund_rows),
    STEP("refund_outcome", "what becomes of a refund", outcome_rows),
    STEP("recharge", "the refund balance is paid into", recharge_rows),
    {0}};
