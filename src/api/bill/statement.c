/* The transaction statement: a day's trades, as the file itself. */
#include <string.h>

#include "api/bill/day.h"
#include "api/merchant/identity.h"
#include "base/calendar.h"
#include "book/bill/trade_bill.h"

struct params {
    struct fz_identity identity;
    const char *date;
};

static const struct fz_member parameters[] = {
    {.name = "date",
     .place = FZ_IN_QUERY,
     .kind = FZ_STRING,
     .required = FZ_BOTH,
     .min = 8,
     .max = 8,
     .letters = FZ_COMPACT_DATE,
     .offset = offsetof(struct params, date),
     .meaning = "Beijing day of the trades, YYYYMMDD, at most 180 days back"},
    FZ_MERCHANT_NUMBER("mchid", FZ_MCHID, FZ_IN_QUERY, FZ_COMMON, FZ_COMMON, offsetof(struct params, identity.mchid),
                       "Merchant ID"),
    FZ_MERCHANT_NUMBER("sp_mchid", FZ_SP_MCHID, FZ_IN_QUERY, FZ_INSTITUTIONAL, FZ_INSTITUTIONAL,
                       offsetof(struct params, identity.sp_mchid), "Institution's merchant ID"),
    FZ_MERCHANT_NUMBER("sub_mchid", FZ_SUB_MCHID, FZ_IN_QUERY, FZ_INSTITUTIONAL, FZ_NEVER,
                       offsetof(struct params, identity.sub_mchid),
                       "Sub-merchant ID; without it all sub-merchants are in the file"),
    {0},
};

/* The declaration has made sure that it is one. */
static int day_of(const struct params *params)
{
    int day = FZ_NO_DAY;
    return fz_parse_compact_day(params->date, &day) == FZ_OK ? day : FZ_NO_DAY;
}

static enum fz_result check(struct fz_call *call, void *params)
{
    const struct params *in = params;
    return fz_bill_day_has_come(call, "date", in->date, day_of(in));
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct params *in = params;
    struct fz_party party;
    struct fz_bill_link link = {.kind = FZ_BILL_TRADES, .day = day_of(in)};
    bool any = false;
    enum fz_result result = fz_party_of_trade(tx, call, &in->identity, &party);
    if (result == FZ_OK && in->identity.sp_mchid != NULL && party.kind != FZ_MERCHANT_INSTITUTION)
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

const struct fz_spec fz_spec_statement = {
    .name = "statement",
    .method = "GET",
    .paths = {"/v3/global/statements", "/hk/v3/statements"},
    .request = parameters,
    .request_size = sizeof(struct params),
    .status = 200,
    .answers_file = FZ_FILE_WITH_SHA1,
    .example = {
        .parameters = FZ_JSON({"date": "20260104", "sp_mchid": "1900000100", "sub_mchid": "1900000109"}),
        .answer = FZ_JSON("Transaction time,Official Account ID,Vendor ID,Sub vendor ID"),
    },
    .title = "Download the transaction statement",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter3_1_6.shtml",
};

const struct fz_endpoint fz_endpoint_statement = {
    .spec = &fz_spec_statement,
    .out_size = sizeof(struct fz_bill_link),
    .check = check,
    .work = work,
};
