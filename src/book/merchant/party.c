/* Parties: who calls for whom, and the terms that hold between them. */
#include <string.h>

#include "base/text.h"
#include "book/merchant/merchant.h"

/* Whether `caller` may act for the sub-merchant that was found; `child` without a number: there is none. */
static enum fz_result check_child(const struct fz_merchant *caller, const struct fz_merchant *child,
                                  struct fz_error *error)
{
    if (caller->kind != FZ_MERCHANT_INSTITUTION)
        return fz_refuse(error, FZ_NO_AUTH_CHILD);
    if (child->mchid[0] == '\0')
        return fz_refuse(error, FZ_MERCHANT_UNKNOWN);
    return strcmp(child->parent, caller->mchid) == 0 ? FZ_OK : fz_refuse(error, FZ_NO_AUTH_CHILD);
}

/* The terms between the caller and `child` (NULL: none): the child's where it has its own. */
static struct fz_party party_of(const struct fz_merchant *caller, const struct fz_merchant *child)
{
    struct fz_party party = {.kind = caller->kind,
                             .contract_day = caller->contract_day,
                             .fee_rate = caller->fee_rate,
                             .distribution_ratio = caller->distribution_ratio,
                             .penalised = caller->penalised};
    fz_copy(party.caller, sizeof party.caller, caller->mchid);
    fz_copy(party.settlement_currency, sizeof party.settlement_currency, caller->settlement_currency);
    if (child == NULL)
        return party;
    fz_copy(party.sub_mchid, sizeof party.sub_mchid, child->mchid);
    party.penalised = child->penalised;
    if (child->contract_day != FZ_NO_DAY)
        party.contract_day = child->contract_day;
    if (child->fee_rate != FZ_INHERIT)
        party.fee_rate = child->fee_rate;
    if (child->distribution_ratio != FZ_INHERIT)
        party.distribution_ratio = child->distribution_ratio;
    return party;
}

static enum fz_result find(struct fz_tx *tx, const char *caller, const char *sub_mchid, struct fz_party *out)
{
    struct fz_merchant parent, child = {0};
    bool for_child = sub_mchid[0] != '\0';
    enum fz_result result = for_child ? fz_merchant_find_pair(tx, caller, sub_mchid, &parent, &child)
                                      : fz_merchant_find(tx, caller, &parent);
    if (result == FZ_ABSENT)
        return fz_refuse(tx->error, FZ_MERCHANT_UNKNOWN);
    if (result != FZ_OK)
        return result;
    /* A sub-merchant is the sponsor only in service-provider mode, which is not modelled. */
    if (parent.kind == FZ_MERCHANT_SUB)
        return fz_refuse(tx->error, FZ_NO_AUTH_CHILD);
    if (for_child)
        result = check_child(&parent, &child, tx->error);
    if (result == FZ_OK)
        *out = party_of(&parent, for_child ? &child : NULL);
    return result;
}

/* What this thread's last read found: most requests are of the caller before, and nothing was written in
 * between. */
static _Thread_local struct {
    uint64_t snapshot;
    struct fz_party party;
} last;

static bool is_last(const struct fz_tx *tx, const char *caller, const char *sub_mchid)
{
    return tx->snapshot != 0 && last.snapshot == tx->snapshot && strcmp(last.party.caller, caller) == 0 &&
           strcmp(last.party.sub_mchid, sub_mchid) == 0;
}

void fz_party_ask(struct fz_tx *tx, const char *caller, const char *sub_mchid)
{
    bool known = last.snapshot != 0 && strcmp(last.party.caller, caller) == 0 &&
                 strcmp(last.party.sub_mchid, sub_mchid == NULL ? "" : sub_mchid) == 0;
    if (!known)
        fz_merchant_ask(tx, caller, sub_mchid);
}

enum fz_result fz_party_find(struct fz_tx *tx, const char *caller, const char *sub_mchid,
                             struct fz_party *out)
{
    if (sub_mchid == NULL)
        sub_mchid = "";
    if (is_last(tx, caller, sub_mchid)) {
        *out = last.party;
        return FZ_OK;
    }
    enum fz_result result = find(tx, caller, sub_mchid, out);
    if (result == FZ_OK && tx->snapshot != 0) {
        last.snapshot = tx->snapshot;
        last.party = *out;
    }
    return result;
}

enum fz_result fz_party_check_contract(struct fz_tx *tx, const struct fz_party *party)
{
    if (party->contract_day == FZ_NO_DAY)
        return fz_refuse(tx->error, FZ_NO_AUTH_CONTRACT);
    if (fz_day_of(tx->now_ms) <= party->contract_day)
        return fz_refuse(tx->error, FZ_NO_AUTH_WAITING);
    return FZ_OK;
}
