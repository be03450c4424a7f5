/* Distributions in a story: slices, and the release of the rest. */
#include <string.h>

#include "book/distribution/distribution.h"
#include "book/distribution/rail.h"
#include "book/event.h"
#include "server/birth/telling.h"
#include "world/step_rows.h"

static const char told_with_the_receiver[] = "its"; /* for which app a person's openid is: a request says it again */
static const unsigned char no_digest[FZ_DIGEST_SIZE]; /* no request of a client has this content */

/* A file says nothing of a request that had a digest, so the number may be used once. */
static enum fz_result is_new(struct fz_tx *tx, const struct fz_party *party, const struct fz_payment *payment, const char *out_order_no)
{
    struct fz_distribution distribution;
    enum fz_result result = fz_distribution_find(tx, party, out_order_no, payment->transaction_id, &distribution);
    bool is_unknown = result == FZ_REFUSED && tx->error->row == FZ_DISTRIBUTION_UNKNOWN;
    return result == FZ_OK ? FZ_CONFLICT : is_unknown ? FZ_OK : result;
}

/* Not within a minute, as usual, but now: a story may end here. */
static enum fz_result settle(const struct fz_telling *telling, const struct fz_node *map, const struct fz_distribution *distribution)
{
    bool at_once = fz_world_word(map, "settles", fz_world_settles_words, 0) == 1;
    if (!at_once || distribution->state == FZ_DISTRIBUTION_FINISHED)
        return FZ_OK;
    enum fz_result result = fz_event_cancel(telling->tx, FZ_EVENT_DISTRIBUTED, distribution->id);
    return result == FZ_OK ? fz_rail_distributed(telling->tx, distribution->id) : result;
}

static void read_slices(const struct fz_node *list, struct fz_distribution_request *out)
{
    out->count = list == NULL ? 0 : list->count;
    for (size_t i = 0; i < out->count; i++) {
        const struct fz_node *map = list->entries[i].value;
        const char *type = fz_world_text(map, "type"), *description = fz_world_text(map, "description");
        out->slices[i] = (struct fz_slice_request){.type = type == NULL ? "MERCHANT_ID" : type,
                                                   .account = fz_world_text(map, "account"),
                                                   .description = description == NULL ? "A share" : description,
                                                   .name = fz_world_text(map, "name"),
                                                   .amount = fz_world_integer(map, "amount", 0)};
    }
}

enum fz_result fz_telling_distribute(const struct fz_telling *telling, const struct fz_node *map)
{
    struct fz_payment payment;
    struct fz_party party;
    struct fz_distribution distribution;
    enum fz_result result = fz_telling_order(telling, map, &payment, &party);
    if (result != FZ_OK)
        return result;
    struct fz_distribution_request request = {.transaction_id = payment.transaction_id,
                                              .out_order_no = fz_world_text(map, "out_order_no"),
                                              .appid = told_with_the_receiver,
                                              .sub_appid = told_with_the_receiver,
                                              .unfreeze_unsplit = fz_world_boolean(map, "unfreeze_unsplit", false)};
    read_slices(fz_tree_member(map, "receivers"), &request);
    if (request.count == 0 && !request.unfreeze_unsplit)
        return fz_world_fault(telling->fault, map->line, map->column, "Nobody gets anything: add `receivers`, or `unfreeze_unsplit: true`.");
    result = fz_party_check_contract(telling->tx, &party);
    if (result == FZ_OK)
        result = is_new(telling->tx, &party, &payment, request.out_order_no);
    if (result == FZ_OK)
        result = fz_distribution_submit(telling->tx, &party, &request, &distribution);
    if (result == FZ_OK)
        result = settle(telling, map, &distribution);
    return fz_telling_end(telling, map, "The order cannot be distributed", result);
}

enum fz_result fz_telling_unfreeze(const struct fz_telling *telling, const struct fz_node *map)
{
    struct fz_payment payment;
    struct fz_party party;
    struct fz_distribution distribution;
    const char *description = fz_world_text(map, "description"), *out_order_no = fz_world_text(map, "out_order_no");
    enum fz_result result = fz_telling_order(telling, map, &payment, &party);
    if (result != FZ_OK)
        return result;
    result = fz_party_check_contract(telling->tx, &party);
    if (result == FZ_OK)
        result = is_new(telling->tx, &party, &payment, out_order_no);
    if (result == FZ_OK)
        result = fz_distribution_unfreeze(telling->tx, &party, payment.transaction_id, out_order_no,
                                          description == NULL ? "Released" : description, no_digest, &distribution);
    if (result == FZ_OK)
        result = settle(telling, map, &distribution);
    return fz_telling_end(telling, map, "The order cannot be released", result);
}
