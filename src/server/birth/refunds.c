/* Refunds in a story, what becomes of them, and the balance that is recharged. */
#include <string.h>

#include "book/refund/rail.h"
#include "book/refund/refund.h"
#include "server/birth/telling.h"
#include "spec/refund/refund.h"
#include "world/step_rows.h"

/* A file says nothing of a request that had a digest, so the number may be used once. */
static enum fz_result is_new(struct fz_tx *tx, const struct fz_party *party, const char *out_refund_no)
{
    struct fz_refund refund;
    enum fz_result result = fz_refund_by_out_refund_no(tx, party, out_refund_no, &refund);
    return result == FZ_OK ? FZ_CONFLICT : result == FZ_ABSENT ? FZ_OK : result;
}

static void read_request(const struct fz_node *map, const struct fz_payment *payment, struct fz_refund_request *out)
{
    const char *reason = fz_world_text(map, "reason");
    int source = fz_world_word(map, "funds_account", fz_fund_source_words, 0);
    *out = (struct fz_refund_request){.transaction_id = payment->transaction_id,
                                      .out_refund_no = fz_world_text(map, "out_refund_no"),
                                      .refund_id = fz_world_text(map, "refund_id"),
                                      .reason = reason == NULL ? "Sent back" : reason,
                                      .source = (enum fz_fund_source)(source + FZ_SOURCE_UNSETTLED),
                                      .refund = fz_world_integer(map, "amount", 0),
                                      .total = payment->amount,
                                      .currency = payment->currency,
                                      .has_from = fz_world_has(map, "from_order") || fz_world_has(map, "from_funds"),
                                      .from_order = fz_world_integer(map, "from_order", 0),
                                      .from_funds = fz_world_integer(map, "from_funds", 0)};
}

enum fz_result fz_telling_refund(const struct fz_telling *telling, const struct fz_node *map)
{
    struct fz_payment payment;
    struct fz_party party;
    struct fz_refund_request request;
    struct fz_refund accepted;
    enum fz_result result = fz_telling_order(telling, map, &payment, &party);
    if (result != FZ_OK)
        return result;
    read_request(map, &payment, &request);
    if (request.has_from && request.from_order + request.from_funds != request.refund)
        return fz_world_fault(telling->fault, map->line, map->column, "`from_order` and `from_funds` do not add up to `amount`.");
    result = is_new(telling->tx, &party, request.out_refund_no);
    if (result == FZ_OK)
        result = fz_refund_submit(telling->tx, &party, &request, &accepted);
    return fz_telling_end(telling, map, "The refund is refused", result);
}

static enum fz_result find_refund(const struct fz_telling *telling, const struct fz_node *map, struct fz_refund *out)
{
    const char *refund_id = fz_world_text(map, "refund_id"), *out_refund_no = fz_world_text(map, "out_refund_no");
    struct fz_payment payment;
    struct fz_party party;
    if (refund_id != NULL)
        return fz_refund_find(telling->tx, refund_id, out);
    enum fz_result result = fz_telling_order(telling, map, &payment, &party);
    if (result != FZ_OK)
        return result;
    return out_refund_no == NULL ? FZ_ABSENT : fz_refund_by_out_refund_no(telling->tx, &party, out_refund_no, out);
}

enum fz_result fz_telling_outcome(const struct fz_telling *telling, const struct fz_node *map)
{
    static const enum fz_refund_state states[] = {FZ_REFUND_SUCCESS, FZ_REFUND_CLOSED, FZ_REFUND_ABNORMAL};
    struct fz_refund refund;
    const struct fz_refund_outcome outcome = {
        .state = states[fz_world_word(map, "status", fz_world_outcome_words, 0)],
        .channel = (enum fz_refund_channel)(fz_world_word(map, "channel", fz_refund_channel_words, -1) + FZ_CHANNEL_ORIGINAL),
        .recv_account = fz_world_text(map, "recv_account")};
    enum fz_result result = find_refund(telling, map, &refund);
    if (result == FZ_OK && refund.state != outcome.state)
        result = fz_rail_refunded(telling->tx, refund.id, &outcome);
    return fz_telling_end(telling, map, "Nothing of this can become of the refund", result);
}

enum fz_result fz_telling_recharge(const struct fz_telling *telling, const struct fz_node *map)
{
    struct fz_party party;
    struct fz_merchant merchant;
    int64_t balance;
    enum fz_result result = fz_telling_party(telling, map, &party);
    if (result == FZ_OK)
        result = fz_merchant_find(telling->tx, party.caller, &merchant);
    if (result == FZ_OK)
        result = fz_rail_recharged(telling->tx, &merchant, fz_world_integer(map, "amount", 0), &balance);
    return fz_telling_end(telling, map, "The balance cannot be recharged", result);
}
