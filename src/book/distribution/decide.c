/* Distributions: what becomes of each slice, by receiver and merchant as they are when it is worked off. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "book/distribution/receipts.h"
#include "book/distribution/row.h"
#include "book/receiver/receiver.h"

/* What a person was paid in a month has a limit. */
static enum fz_result take_room(struct fz_tx *tx, struct fz_slice *slice)
{
    bool room;
    enum fz_result result = fz_receipts_take(tx, slice, &room);
    if (result == FZ_OK && !room)
        fz_copy(slice->fail_reason, sizeof slice->fail_reason, "RECEIVER_RECEIPT_LIMIT");
    return result;
}

/* Of a slice to somebody else than the sponsor. What was found when it was accepted (a wrong name) stands
 * unless there is worse. */
static enum fz_result decide_slice(struct fz_tx *tx, const struct fz_distribution *distribution,
                                   struct fz_slice *slice)
{
    struct fz_receiver receiver;
    enum fz_result result = fz_receiver_find(tx, distribution->caller, distribution->sub_mchid, slice->type,
                                             slice->account, &receiver);
    if (result == FZ_ABSENT || (result == FZ_OK && receiver.state != FZ_RECEIVER_EFFECTIVE)) {
        fz_copy(slice->fail_reason, sizeof slice->fail_reason, "NO_RELATION");
        return FZ_OK;
    }
    if (result != FZ_OK)
        return result;
    if (receiver.penalised)
        fz_copy(slice->fail_reason, sizeof slice->fail_reason, "RECEIVER_HIGH_RISK");
    else if (receiver.fails_with[0] != '\0')
        fz_copy(slice->fail_reason, sizeof slice->fail_reason, receiver.fails_with);
    else if (slice->fail_reason[0] == '\0')
        return take_room(tx, slice);
    return FZ_OK;
}

/* Whether the merchant that distributes was penalised since: its right to distribute is gone. */
static enum fz_result is_without_right(struct fz_tx *tx, const struct fz_distribution *distribution,
                                       bool *out)
{
    struct fz_merchant merchant;
    bool for_child = distribution->sub_mchid[0] != '\0';
    enum fz_result result =
        fz_merchant_find(tx, for_child ? distribution->sub_mchid : distribution->caller, &merchant);
    if (result == FZ_OK)
        *out = merchant.penalised;
    return result;
}

static int compare(const void *left, const void *right)
{
    const struct fz_slice *a = *(const struct fz_slice *const *)left, *b = *(const struct fz_slice *const *)right;
    int by_account = strcmp(a->account, b->account);
    return by_account != 0 ? by_account : strcmp(a->type, b->type);
}

/* Persons in one order everywhere, as deciding locks what they were paid: so two distributions to the same two do not wait for each other. */
enum fz_result fz_distribution_decide(struct fz_tx *tx, struct fz_distribution *distribution)
{
    struct fz_slice *ordered[sizeof distribution->slices / sizeof distribution->slices[0]];
    bool without_right;
    enum fz_result result = is_without_right(tx, distribution, &without_right);
    for (size_t i = 0; i < distribution->count; i++)
        ordered[i] = &distribution->slices[i];
    qsort(ordered, distribution->count, sizeof ordered[0], compare);
    for (size_t i = 0; result == FZ_OK && i < distribution->count; i++) {
        struct fz_slice *slice = ordered[i];
        if (slice->to_sponsor)
            continue;
        if (without_right)
            fz_copy(slice->fail_reason, sizeof slice->fail_reason, "NO_AUTH");
        else
            result = decide_slice(tx, distribution, slice);
    }
    return result;
}
