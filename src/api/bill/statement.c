/* The transaction statement: a day's trades, as the file itself. */
#include <string.h>

#include "api/bill/day.h"
#include "api/merchant/identity.h"
#include "base/calendar.h"
#include "book/bill/trade_bill.h"
#include "spec/bill/bill.h"

/* The declaration has made sure that it is one. */
static int day_of(const struct fz_statement_request *in)
{
    int day = FZ_NO_DAY;
    return fz_parse_compact_day(in->date, &day) == FZ_OK ? day : FZ_NO_DAY;
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct fz_statement_request *in = params;
    struct fz_party party;
    struct fz_bill_link link = {.kind = FZ_SORT_TRADES, .day = day_of(in)};
    bool any = false;
    enum fz_result result = fz_bill_day_has_come(tx, "date", in->date, link.day);
    if (result == FZ_OK)
        result = fz_party_of_trade(tx, call, FZ_IDENTITY_OF(in), &party);
    if (result == FZ_OK && in->sp_mchid != NULL && party.kind != FZ_MERCHANT_INSTITUTION)
        return fz_refuse(tx->error, FZ_NO_AUTH_CHILD);
    if (result == FZ_OK)
        result = fz_bill_day_can_be_had(tx, link.kind, link.day);
    if (result == FZ_OK)
        result = fz_trade_bill_exists(tx, party.caller, party.sub_mchid, link.day, &any);
    if (result != FZ_OK)
        return result;
    if (!any)
        return fz_refuse(tx->error, FZ_STATEMENT_NONE);
    fz_copy(link.caller, sizeof link.caller, party.caller);
    fz_copy(link.sub_mchid, sizeof link.sub_mchid, party.sub_mchid);
    memcpy(out, &link, sizeof link);
    return FZ_OK;
}

const struct fz_endpoint fz_endpoint_statement = {
    .spec = &fz_spec_statement,
    .out_size = sizeof(struct fz_bill_link),
    .work = work,
};
