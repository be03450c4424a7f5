/* Distributions: what becomes of each slice, by receiver and merchant as they are when it is worked off. */
#include "base/text.h"
#include "book/distribution/receipts.h"
#include "book/distribution/row.h"
#include "book/receiver/receiver.h"

/* Whether a slice would bring its person above what one may be paid in a month. Distributions are worked
 * off one after another and none has a person twice, so no two slices can both have found room for
 * themselves. */
static enum fz_result is_above_limit(struct fz_tx *tx, const struct fz_slice *slice, bool *out)
{
    int64_t paid;
    enum fz_result result = fz_receipts_find(tx, slice, &paid);
    *out = result == FZ_OK && fz_receipts_count(slice) && paid > FZ_RECEIPTS_A_MONTH - slice->amount;
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
    bool above = false;
    if (result == FZ_OK)
        result = is_above_limit(tx, slice, &above);
    if (result != FZ_OK)
        return result;
    if (receiver.penalised)
        fz_copy(slice->fail_reason, sizeof slice->fail_reason, "RECEIVER_HIGH_RISK");
    else if (receiver.fails_with[0] != '\0')
        fz_copy(slice->fail_reason, sizeof slice->fail_reason, receiver.fails_with);
    else if (slice->fail_reason[0] == '\0' && above)
        fz_copy(slice->fail_reason, sizeof slice->fail_reason, "RECEIVER_RECEIPT_LIMIT");
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

enum fz_result fz_distribution_decide(struct fz_tx *tx, struct fz_distribution *distribution)
{
    bool without_right;
    enum fz_result result = is_without_right(tx, distribution, &without_right);
    for (size_t i = 0; result == FZ_OK && i < distribution->count; i++) {
        struct fz_slice *slice = &distribution->slices[i];
        if (slice->to_sponsor)
            continue;
        if (without_right)
            fz_copy(slice->fail_reason, sizeof slice->fail_reason, "NO_AUTH");
        else
            result = decide_slice(tx, distribution, slice);
    }
    return result;
}
