/* Orders in a story: placed, paid, closed; the account that paid. */
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "book/event.h"
#include "book/merchant/hindrance.h"
#include "book/order/payer_account.h"
#include "book/order/rail.h"
#include "server/birth/telling.h"
#include "spec/common/money.h"
#include "world/step_rows.h"

static void read_coupon(const struct fz_node *map, struct fz_coupon *out)
{
    const char *promotion_id = fz_world_text(map, "promotion_id");
    *out = (struct fz_coupon){
        .type = (enum fz_coupon_type)(fz_world_word(map, "type", fz_coupon_type_words, 0) + FZ_COUPON_COUPON),
        .scope = (enum fz_coupon_scope)(fz_world_word(map, "scope", fz_coupon_scope_words, 0) + FZ_SCOPE_GLOBAL),
        .amount = fz_world_integer(map, "amount", 0)};
    fz_copy(out->promotion_id, sizeof out->promotion_id, promotion_id == NULL ? "109519" : promotion_id);
}

static void read_order(const struct fz_node *map, struct fz_order_request *out)
{
    const char *description = fz_world_text(map, "description"), *trade_type = fz_world_text(map, "trade_type");
    *out = (struct fz_order_request){
        .out_trade_no = fz_world_text(map, "out_trade_no"),
        .transaction_id = fz_world_text(map, "transaction_id"),
        .trade_type = trade_type == NULL ? "NATIVE" : trade_type,
        .description = description == NULL ? "Goods" : description,
        .attach = fz_world_text(map, "attach"),
        .amount = fz_world_integer(map, "amount", 0),
        .currency = fz_world_text(map, "currency"),
        .payer_currency = fz_world_text(map, "payer_currency"),
        .payment_rate = fz_world_integer(map, "payment_rate", 0),
        .settlement_rate = fz_world_integer(map, "settlement_rate", 0),
        .payer_kind = (enum fz_payer_kind)(fz_world_word(map, "payer", fz_payer_kind_words, 0) + FZ_PAYER_BALANCE)};
    if (fz_world_has(map, "coupon"))
        read_coupon(fz_tree_member(map, "coupon"), &out->coupon);
}

/* A file says nothing of a request that had a digest, so the number may be used once. */
static enum fz_result is_new(struct fz_tx *tx, const struct fz_party *party, const char *out_trade_no)
{
    struct fz_payment payment;
    enum fz_result result = fz_payment_by_out_trade_no(tx, party->caller, party->sub_mchid, out_trade_no, &payment);
    return result == FZ_OK ? FZ_CONFLICT : result == FZ_ABSENT ? FZ_OK : result;
}

static enum fz_result place(const struct fz_telling *telling, const struct fz_node *map, struct fz_payment *out)
{
    struct fz_party party;
    struct fz_order_request request;
    enum fz_result result = fz_telling_party(telling, map, &party);
    if (result != FZ_OK)
        return result;
    read_order(map, &request);
    const char *expires = fz_world_text(map, "expires");
    if (expires != NULL)
        result = fz_add_duration(telling->tx->now_ms, expires, &request.expires_ms);
    if (result == FZ_OK)
        result = fz_hindrance_check_sale(telling->tx, party.sub_mchid[0] == '\0' ? party.caller : party.sub_mchid, request.trade_type);
    if (result == FZ_OK)
        result = is_new(telling->tx, &party, request.out_trade_no);
    if (result == FZ_OK && fz_world_boolean(map, "marked", false))
        result = fz_payment_mark(telling->tx, &party, request.out_trade_no, request.currency == NULL ? "CNY" : request.currency);
    return result == FZ_OK ? fz_payment_place(telling->tx, &party, &request, out) : result;
}

enum fz_result fz_telling_place(const struct fz_telling *telling, const struct fz_node *map)
{
    struct fz_payment payment;
    return fz_telling_end(telling, map, "The order cannot be placed", place(telling, map, &payment));
}

/* Not within five minutes, as usual, but now. */
static enum fz_result freeze(const struct fz_telling *telling, const struct fz_node *map, const struct fz_payment *payment)
{
    if (!payment->marked || fz_world_word(map, "freezes", fz_world_settles_words, 0) == 0)
        return FZ_OK;
    enum fz_result result = fz_event_cancel(telling->tx, FZ_EVENT_FROZEN, payment->id);
    return result == FZ_OK ? fz_rail_frozen(telling->tx, payment->id) : result;
}

enum fz_result fz_telling_pay(const struct fz_telling *telling, const struct fz_node *map)
{
    struct fz_payment payment;
    enum fz_result result = place(telling, map, &payment);
    if (result == FZ_OK)
        result = fz_rail_paid(telling->tx, &payment, payment.payer_kind);
    if (result == FZ_OK)
        result = freeze(telling, map, &payment);
    return fz_telling_end(telling, map, "The order cannot be paid", result);
}

enum fz_result fz_telling_close(const struct fz_telling *telling, const struct fz_node *map)
{
    struct fz_party party;
    enum fz_result result = fz_telling_party(telling, map, &party);
    const char *out_trade_no = fz_world_text(map, "out_trade_no");
    if (result == FZ_OK)
        result = out_trade_no == NULL ? FZ_ABSENT : fz_payment_close(telling->tx, &party, NULL, out_trade_no);
    return fz_telling_end(telling, map, "The order cannot be closed", result);
}

enum fz_result fz_telling_payer_account(const struct fz_telling *telling, const struct fz_node *map)
{
    struct fz_payment payment;
    struct fz_party party;
    enum fz_payer_account account = (enum fz_payer_account)fz_world_word(map, "account", fz_payer_account_words, 0);
    enum fz_result result = fz_telling_order(telling, map, &payment, &party);
    return result == FZ_OK ? fz_payer_account_set(telling->tx, payment.id, account) : result;
}
