/* The URL of a bill (S-RBILL): when a day's bill is out, how long it is kept, and a link of 30 seconds. */
#include "api/bill_url.h"

#define OUT_AT_MS     (10 * FZ_HOUR_MS)   /* of the day after, Beijing */
#define KEPT_DAYS     90                  /* today less this many is the last day that can be had */
#define LINK_VALID_MS (30 * FZ_SECOND_MS) /* of book time */

const struct fz_field fz_bill_url_fields[] = {
    {"download_url", FZ_STRING, 2048, true, NULL, "Where the file is, for 30 seconds"},
    {0},
};

/* The declaration has made sure that it is one. */
static int day_of(const struct fz_bill_url_params *params)
{
    int day = FZ_NO_DAY;
    return fz_parse_day(params->bill_date, &day) == FZ_OK ? day : FZ_NO_DAY;
}

enum fz_result fz_bill_url_check(struct fz_call *call, void *params)
{
    const struct fz_bill_url_params *in = params;
    if (day_of(in) > fz_day_of(call->now_ms))
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "query", "bill_date", in->bill_date,
                            "is a day that has not come yet");
    return FZ_OK;
}

static enum fz_result check_day(const struct fz_tx *tx, int day)
{
    if (tx->now_ms < fz_day_start_ms(day + 1) + OUT_AT_MS)
        return fz_refuse(tx->error, FZ_BILL_CREATING);
    if (day < fz_day_of(tx->now_ms) - KEPT_DAYS)
        return fz_refuse(tx->error, FZ_BILL_TOO_OLD);
    return FZ_OK;
}

enum fz_result fz_bill_url_work(struct fz_tx *tx, const struct fz_call *call,
                                const struct fz_bill_url_params *params, enum fz_bill_kind kind,
                                fz_bill_exists exists, struct fz_bill_url_out *out)
{
    struct fz_party party;
    struct fz_bill_link link = {
        .kind = kind, .day = day_of(params), .expires_ms = tx->now_ms + LINK_VALID_MS};
    bool any = false;
    enum fz_result result = fz_party_of_sharing(tx, call, params->sub_mchid, &party);
    if (result == FZ_OK)
        result = check_day(tx, link.day);
    if (result == FZ_OK)
        result = exists(tx, party.caller, party.sub_mchid, link.day, &any);
    if (result != FZ_OK)
        return result;
    if (!any)
        return fz_refuse(tx->error, FZ_BILL_NONE);
    fz_copy(link.caller, sizeof link.caller, party.caller);
    fz_copy(link.sub_mchid, sizeof link.sub_mchid, party.sub_mchid);
    return fz_token_write(&link, call->token_key, out->token);
}

/* Client libraries take an unsigned file from /v3/billdownload/file and from nowhere else. */
json_t *fz_bill_url_answer(const struct fz_call *call, const void *params, const void *out)
{
    (void)params;
    json_t *url = json_sprintf("%s/v3/billdownload/file?token=%s", call->origin,
                               ((const struct fz_bill_url_out *)out)->token);
    return json_pack("{s:o}", "download_url", url);
}
