/* The URL of a bill (S-RBILL): when a day's bill is out, how long it is kept, and a link of 30 seconds. */
#include "api/bill/url.h"

#include <stdio.h>

#include "api/bill/day.h"

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
    return fz_bill_day_has_come(call, "bill_date", in->bill_date, day_of(in));
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
        result = fz_bill_day_can_be_had(tx, kind, link.day);
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
void fz_bill_url_answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json)
{
    char url[2049]; /* the documents: string[1, 2048] */
    (void)params;
    snprintf(url, sizeof url, "%s/v3/billdownload/file?token=%s", call->origin,
             ((const struct fz_bill_url_out *)out)->token);
    fz_json_object(json, NULL);
    fz_json_string(json, "download_url", url);
    fz_json_end_object(json);
}
