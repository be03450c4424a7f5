/* The file behind a bill's URL (S-RBILL). The token says which; only who asked for it may fetch it, as often
 * as wanted, until it expires. */
#include <string.h>

#include "api/call/endpoint.h"

struct params {
    const char *token;
};

static const struct fz_member parameters[] = {
    {.name = "token",
     .place = FZ_IN_QUERY,
     .kind = FZ_STRING,
     .required = FZ_BOTH,
     .min = 1,
     .max = 2048,
     .offset = offsetof(struct params, token),
     .meaning = "As download_url has it"},
    {0},
};

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    struct fz_bill_link link;
    enum fz_result result = fz_token_read(((const struct params *)params)->token, call->token_key, &link);
    if (result == FZ_MALFORMED)
        return fz_refuse(tx->error, FZ_LINK_INVALID);
    if (result != FZ_OK)
        return result;
    if (strcmp(link.caller, call->caller) != 0)
        return fz_refuse(tx->error, FZ_LINK_CALLER);
    if (tx->now_ms > link.expires_ms)
        return fz_refuse(tx->error, FZ_LINK_EXPIRED);
    memcpy(out, &link, sizeof link);
    return FZ_OK;
}

const struct fz_spec fz_spec_bill_file = {
    .name = "bill-file",
    .method = "GET",
    .paths = {"/v3/billdownload/file", "/v3/bill/downloadurl"},
    .request = parameters,
    .request_size = sizeof(struct params),
    .status = 200,
    .answers_file = FZ_FILE_OF_LINK,
    .example = {
        .parameters = FZ_JSON({"token": "AQEAAE_pAAABm4viajAKMTkw"}),
        .answer = FZ_JSON("Refund apply time,Refund success time,Wechat refund number(refund_id)"),
        .after = "refund-bill-url",
    },
    .title = "Download a bill",
    .document = "https://pay.weixin.qq.com/doc/global/v3/en/4012356941",
};

const struct fz_endpoint fz_endpoint_bill_file = {
    .spec = &fz_spec_bill_file,
    .out_size = sizeof(struct fz_bill_link),
    .work = work,
};
