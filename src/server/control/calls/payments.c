/* POST /payments: a paid transaction in one step. POST /payments/OUT_TRADE_NO/pay: the payer pays an order
 * that was placed through the API. POST /payments/OUT_TRADE_NO: what becomes of the payer's account. */
#include <stdio.h>
#include <string.h>

#include "api/call/notify_url.h"
#include "base/calendar.h"
#include "base/text.h"
#include "book/order/payer_account.h"
#include "book/order/rail.h"
#include "server/control/calls/routes.h"
#include "spec/common/money.h"

static enum fz_payer_kind read_payer(struct fz_control_call *call)
{
    return (enum fz_payer_kind)(fz_body_word(call, "payer", fz_payer_kind_words, 0) + FZ_PAYER_BALANCE);
}

static const char *read_currency(struct fz_control_call *call, const char *name)
{
    const char *code = fz_body_text(call, name, 3, 3);
    if (code != NULL && fz_currency_find(code) == NULL)
        fz_body_fault(
            call, "\"%s\" is not a currency of this book: send CNY or a settlement currency, like USD", name);
    return code;
}

static void answer_paid(struct fz_control_call *call, const struct fz_payment *payment,
                        const struct fz_control_await *await)
{
    char time[FZ_TIME_SIZE];
    fz_format_time(time, payment->success_ms);
    fz_control_answer(call, json_pack("{s:s, s:s, s:I, s:s, s:b, s:s}", "transaction_id",
                                      payment->transaction_id, "out_trade_no", payment->out_trade_no,
                                      "amount", (json_int_t)payment->amount, "currency", payment->currency,
                                      "marked", payment->marked, "success_time", time));
    fz_await_callback(call, await);
}

static enum fz_result pay_for(struct fz_tx *tx, struct fz_payment *payment, enum fz_payer_kind payer,
                              struct fz_control_await *await)
{
    enum fz_result result = fz_await_begin(tx, await);
    if (result == FZ_OK)
        result = fz_rail_paid(tx, payment, payer);
    return result == FZ_OK ? fz_await_end(tx, await) : result;
}

/* ---- a paid transaction in one step ---- */

struct sale {
    const char *mchid, *sub_mchid;
    bool marked;
    struct fz_order_request order;
    struct fz_control_await await;
    struct fz_payment payment; /* out */
};

/* A number for who gave none: drawn like everything that the platform gives, so that a seed gives the same
 * again. */
static enum fz_result draw_out_trade_no(struct fz_tx *tx, struct fz_order_request *order, char out[FZ_OUT_TRADE_NO_SIZE])
{
    enum fz_result result = fz_next_id(tx, "payment", &order->id);
    if (result != FZ_OK)
        return result;
    snprintf(out, FZ_OUT_TRADE_NO_SIZE, "P%06lld%016llx", (long long)order->id,
             (unsigned long long)fz_draw(tx->world, "control_out_trade_no", order->id, UINT64_MAX));
    order->out_trade_no = out;
    return FZ_OK;
}

static enum fz_result sell(struct fz_tx *tx, void *argument)
{
    struct sale *sale = argument;
    struct fz_order_request order = sale->order;
    struct fz_party party;
    char drawn[FZ_OUT_TRADE_NO_SIZE];
    enum fz_result result = fz_party_find(tx, sale->mchid, sale->sub_mchid, &party);
    if (result == FZ_OK && party.kind == FZ_MERCHANT_INSTITUTION && party.sub_mchid[0] == '\0')
        return fz_refuse(tx->error, FZ_PARAM_NO_SUB_MCHID);
    if (result == FZ_OK && order.out_trade_no == NULL)
        result = draw_out_trade_no(tx, &order, drawn);
    if (result == FZ_OK && sale->marked)
        result =
            fz_payment_mark(tx, &party, order.out_trade_no, order.currency == NULL ? "CNY" : order.currency);
    if (result == FZ_OK)
        result = fz_payment_place(tx, &party, &order, &sale->payment);
    return result == FZ_OK ? pay_for(tx, &sale->payment, order.payer_kind, &sale->await) : result;
}

/* Reads the voucher as a body of its own: its members are checked like those of the call. */
static void read_coupon(struct fz_control_call *call, struct fz_coupon *out)
{
    json_t *body = call->body, *coupon = json_object_get(body, "coupon");
    if (coupon == NULL)
        return;
    if (!json_is_object(coupon)) {
        fz_body_fault(
            call, "\"coupon\" is no object: send {\"type\":…,\"scope\":…,\"amount\":…,\"promotion_id\":…}");
        return;
    }
    call->body = coupon;
    fz_body_only(call, fz_control_member_named(call->members, "coupon")->members);
    fz_body_require(call, "type");
    fz_body_require(call, "amount");
    out->type = (enum fz_coupon_type)(fz_body_word(call, "type", fz_coupon_type_words, 0) + FZ_COUPON_COUPON);
    out->scope = (enum fz_coupon_scope)(fz_body_word(call, "scope", fz_coupon_scope_words, 0) + FZ_SCOPE_GLOBAL);
    out->amount = fz_body_integer(call, "amount", 1, FZ_AMOUNT_MAX, 1);
    const char *promotion_id = fz_body_letters(call, "promotion_id", 1, 32, FZ_PLAIN_LETTERS "_-");
    fz_copy(out->promotion_id, sizeof out->promotion_id, promotion_id == NULL ? "109519" : promotion_id);
    call->body = body;
}

static const char *read_notify_url(struct fz_control_call *call)
{
    const char *url = fz_body_text(call, "notify_url", 1, 256);
    enum fz_issue fault = url == NULL ? FZ_ISSUE_NONE : fz_notify_url_fault(url);
    if (fault != FZ_ISSUE_NONE)
        fz_body_fault(call, "\"notify_url\" %s: send one like http://127.0.0.1:8000/notify",
                      fz_issue_text(fault, false));
    return url;
}

static void read_sale(struct fz_control_call *call, struct sale *sale)
{
    fz_body_only(call, call->members);
    fz_body_require(call, "mchid");
    fz_body_require(call, "amount");
    *sale = (struct sale){
        .mchid = fz_body_letters(call, "mchid", 1, 32, FZ_DIGIT_LETTERS),
        .sub_mchid = fz_body_letters(call, "sub_mchid", 1, 32, FZ_DIGIT_LETTERS),
        .marked = fz_body_boolean(call, "marked", false),
        .await = fz_await_read(call),
        .order = {.out_trade_no = fz_body_letters(call, "out_trade_no", 6, 32, FZ_PLAIN_LETTERS "_-|*@"),
                  .transaction_id = fz_body_letters(call, "transaction_id", 1, 32, FZ_PLAIN_LETTERS),
                  .trade_type = "NATIVE",
                  .description = "Sandbox payment",
                  .amount = fz_body_integer(call, "amount", 1, FZ_AMOUNT_MAX, 1),
                  .currency = read_currency(call, "currency"),
                  .payer_currency = read_currency(call, "payer_currency"),
                  .payment_rate = fz_body_integer(call, "payment_rate", 1, FZ_RATE_MAX, 0),
                  .settlement_rate = fz_body_integer(call, "settlement_rate", 1, FZ_RATE_MAX, 0),
                  .payer_kind = read_payer(call),
                  .notify_url = read_notify_url(call)}};
    read_coupon(call, &sale->order.coupon);
}

void fz_control_make_payment(struct fz_control_call *call)
{
    struct sale sale;
    struct fz_error error = {0};
    read_sale(call, &sale);
    if (!fz_body_is_sound(call))
        return;
    enum fz_result result = fz_store_write(call->parts->store, sell, &sale, &error);
    if (result == FZ_OK)
        answer_paid(call, &sale.payment, &sale.await);
    else if (result == FZ_CONFLICT)
        fz_control_refuse(call, MHD_HTTP_CONFLICT,
                          "The payment was not made: its transaction_id is taken. Send another, or none.");
    else
        fz_control_refuse_result(call, "The payment was not made", result, &error);
}

/* ---- an order placed through the API ---- */

/* How a call names an order. */
struct order_name {
    const char *out_trade_no, *mchid, *sub_mchid;
};

struct paying {
    struct order_name order;
    enum fz_payer_kind payer;
    struct fz_control_await await;
    struct fz_payment payment; /* out */
};

/* The merchant may be named by the caller's number, the sub-merchant's, both or not at all. */
static enum fz_result find(struct fz_tx *tx, const struct order_name *name, struct fz_payment *out)
{
    struct fz_merchant merchant;
    const char *caller = name->mchid, *sub_mchid = name->sub_mchid == NULL ? "" : name->sub_mchid;
    if (caller == NULL)
        return fz_payment_by_number_alone(tx, name->out_trade_no, out);
    enum fz_result result = fz_merchant_find(tx, caller, &merchant);
    if (result != FZ_OK)
        return result;
    if (merchant.kind == FZ_MERCHANT_SUB)
        return fz_payment_by_out_trade_no(tx, merchant.parent, merchant.mchid, name->out_trade_no, out);
    if (merchant.kind == FZ_MERCHANT_DIRECT || sub_mchid[0] != '\0')
        return fz_payment_by_out_trade_no(tx, caller, sub_mchid, name->out_trade_no, out);
    struct fz_payment only;
    result = fz_payment_by_number_alone(tx, name->out_trade_no, &only);
    if (result == FZ_OK && strcmp(only.caller, caller) != 0)
        return FZ_ABSENT;
    if (result == FZ_OK)
        *out = only;
    return result;
}

static enum fz_result pay(struct fz_tx *tx, void *argument)
{
    struct paying *paying = argument;
    enum fz_result result = find(tx, &paying->order, &paying->payment);
    return result == FZ_OK ? pay_for(tx, &paying->payment, paying->payer, &paying->await) : result;
}

static struct order_name read_order(struct fz_control_call *call)
{
    return (struct order_name){.out_trade_no = call->argument,
                               .mchid = fz_body_letters(call, "mchid", 1, 32, FZ_DIGIT_LETTERS),
                               .sub_mchid = fz_body_letters(call, "sub_mchid", 1, 32, FZ_DIGIT_LETTERS)};
}

static void refuse_order(struct fz_control_call *call, const char *what, enum fz_result result,
                         const struct fz_error *error)
{
    if (result == FZ_ABSENT)
        fz_control_refuse(
            call, MHD_HTTP_NOT_FOUND,
            "%s: no order has this out_trade_no, or not of this merchant. Place it through the API "
            "first.",
            what);
    else if (result == FZ_CONFLICT)
        fz_control_refuse(call, MHD_HTTP_CONFLICT,
                          "%s: several merchants have an order with this out_trade_no. Send \"mchid\", and "
                          "\"sub_mchid\".",
                          what);
    else
        fz_control_refuse_result(call, what, result, error);
}

void fz_control_pay(struct fz_control_call *call)
{
    fz_body_only(call, call->members);
    struct paying paying = {.order = read_order(call), .payer = read_payer(call), .await = fz_await_read(call)};
    struct fz_error error = {0};
    if (!fz_body_is_sound(call))
        return;
    enum fz_result result = fz_store_write(call->parts->store, pay, &paying, &error);
    if (result == FZ_OK)
        answer_paid(call, &paying.payment, &paying.await);
    else
        refuse_order(call, "The order was not paid", result, &error);
}

/* ---- the payer's account ---- */

struct account_change {
    struct order_name order;
    enum fz_payer_account account;
};

static enum fz_result change_account(struct fz_tx *tx, void *argument)
{
    const struct account_change *change = argument;
    struct fz_payment payment;
    enum fz_result result = find(tx, &change->order, &payment);
    return result == FZ_OK ? fz_payer_account_set(tx, payment.id, change->account) : result;
}

void fz_control_change_payment(struct fz_control_call *call)
{
    fz_body_only(call, call->members);
    fz_body_require(call, "payer_account");
    int account = fz_body_word(call, "payer_account", fz_payer_account_words, FZ_PAYER_ACCOUNT_OPEN);
    struct account_change change = {.order = read_order(call), .account = (enum fz_payer_account)account};
    struct fz_error error = {0};
    if (!fz_body_is_sound(call))
        return;
    enum fz_result result = fz_store_write(call->parts->store, change_account, &change, &error);
    if (result == FZ_OK)
        fz_control_answer(call, json_pack("{s:s, s:s}", "out_trade_no", call->argument, "payer_account",
                                          fz_payer_account_words[account]));
    else
        refuse_order(call, "The order was not changed", result, &error);
}
