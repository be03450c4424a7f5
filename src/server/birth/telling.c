/* What those who tell a world share: faults with their places, who acts. */
#include "server/birth/telling.h"

#include <string.h>

#include "base/server/refusal.h"
#include "book/order/payment.h"

/* The rule that says no, and what it says no to. */
static enum fz_result tell_refusal(const struct fz_telling *telling, const struct fz_node *node, const char *what)
{
    const struct fz_error *error = telling->tx->error;
    const struct fz_row_text *row = fz_row_text(error->row);
    return fz_world_fault(telling->fault, node->line, node->column, "%s: %s (%s%s%s%s%s). `fenzhang errors %s` tells how it comes to that.",
                          what, row->english, row->name, error->field[0] == '\0' ? "" : ", ", error->field,
                          error->issue[0] == '\0' ? "" : " ", error->issue, row->name);
}

enum fz_result fz_telling_end(const struct fz_telling *telling, const struct fz_node *node, const char *what, enum fz_result result)
{
    switch (result) {
    case FZ_REFUSED:
        return tell_refusal(telling, node, what);
    case FZ_CONFLICT:
        return fz_world_fault(telling->fault, node->line, node->column,
                              "%s: its number is taken, or its state does not allow it any more. Give another number, or look at "
                              "the steps above.",
                              what);
    case FZ_ABSENT:
        return fz_world_fault(telling->fault, node->line, node->column, "%s: what it names is not there. Look at the numbers, and at "
                                                                        "what stands above.",
                              what);
    case FZ_MALFORMED:
        return fz_world_fault(telling->fault, node->line, node->column, "%s: its values do not fit together.", what);
    default:
        return result;
    }
}

/* ---- who acts ---- */

static const char *first_of(const struct fz_telling *telling, const char *parent)
{
    const struct fz_node *merchants = fz_tree_member(telling->root, "merchants");
    for (size_t i = 0; i < merchants->count; i++) {
        const struct fz_node *merchant = merchants->entries[i].value;
        const char *its_parent = fz_world_text(merchant, "parent");
        bool is_sub = strcmp(fz_world_text(merchant, "kind"), "sub") == 0;
        if (parent == NULL ? !is_sub : is_sub && its_parent != NULL && strcmp(its_parent, parent) == 0)
            return fz_world_text(merchant, "mchid");
    }
    return NULL;
}

enum fz_result fz_telling_party(const struct fz_telling *telling, const struct fz_node *map, struct fz_party *out)
{
    const char *mchid = fz_world_text(map, "mchid"), *sub_mchid = fz_world_text(map, "sub_mchid");
    if (mchid == NULL)
        mchid = first_of(telling, NULL);
    if (mchid == NULL)
        return fz_telling_end(telling, map, "Nobody acts here", FZ_ABSENT);
    if (sub_mchid == NULL)
        sub_mchid = first_of(telling, mchid);
    enum fz_result result = fz_party_find(telling->tx, mchid, sub_mchid, out);
    if (result == FZ_OK && out->kind == FZ_MERCHANT_INSTITUTION && out->sub_mchid[0] == '\0')
        result = fz_refuse(telling->tx->error, FZ_PARAM_NO_SUB_MCHID);
    return fz_telling_end(telling, map, "Who acts here cannot", result);
}

static enum fz_result find_order(const struct fz_telling *telling, const struct fz_node *map, struct fz_payment *out)
{
    const char *transaction_id = fz_world_text(map, "transaction_id"), *out_trade_no = fz_world_text(map, "out_trade_no");
    if (transaction_id != NULL)
        return fz_payment_by_transaction_id(telling->tx, transaction_id, out);
    return out_trade_no == NULL ? FZ_ABSENT : fz_payment_by_number_alone(telling->tx, out_trade_no, out);
}

enum fz_result fz_telling_order(const struct fz_telling *telling, const struct fz_node *map, struct fz_payment *payment,
                                struct fz_party *party)
{
    enum fz_result result = find_order(telling, map, payment);
    if (result == FZ_OK)
        result = fz_party_find(telling->tx, payment->caller, payment->sub_mchid, party);
    return fz_telling_end(telling, map, "The order cannot be told: transaction_id, or out_trade_no, has to name one that stands above",
                          result);
}
