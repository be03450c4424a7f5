/* The URL of a bill (S-RBILL): when a day's bill is out, how long it is kept, and a link of 30 seconds. */
#include "api/bill/url.h"

#include <stdio.h>

#include "api/bill/day.h"

#define LINK_VALID_MS (30 * FZ_SECOND_MS) /* of book time */

/* The declaration has made sure that it is one. */
static int day_of(const struct fz_bill_url_request *in)
{
    int day = FZ_NO_DAY;
    return fz_parse_day(in->bill_date, &day) == FZ_OK ? day : FZ_NO_DAY;
}

/* Client libraries take an unsigned file from /v3/billdownload/file and from nowhere else. */
static enum fz_result write_url(const struct fz_call *call, const struct fz_bill_link *link,
                                struct fz_bill_url_out *out)
{
    char token[FZ_TOKEN_SIZE];
    enum fz_result result = fz_token_write(link, call->token_key, token);
    if (result != FZ_OK)
        return result;
    snprintf(out->url, sizeof out->url, "%s%s?token=%s", call->origin, fz_spec_bill_file.paths[0], token);
    out->answer.download_url = out->url;
    return FZ_OK;
}

enum fz_result fz_bill_url_work(struct fz_tx *tx, const struct fz_call *call,
                                const struct fz_bill_url_request *in, enum fz_bill_sort kind,
                                fz_bill_exists exists, struct fz_bill_url_out *out)
{
    struct fz_party party;
    struct fz_bill_link link = {
        .kind = kind, .day = day_of(in), .expires_ms = tx->now_ms + LINK_VALID_MS};
    bool any = false;
    enum fz_result result = fz_bill_day_has_come(tx, "bill_date", in->bill_date, link.day);
    if (result == FZ_OK)
        result = fz_party_of_sharing(tx, call, in->sub_mchid, &party);
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
    return write_url(call, &link, out);
}
