/* Place an order of an official account or a mini program: it knows its payer, and the answer is the number
 * with which the page opens the payment. */
#include "api/order/prepaid.h"

/* An openid means something only beside the appid that it was given for. */
static enum fz_result check_payer(const struct fz_call *call, const struct fz_order_place_request *in)
{
    const struct fz_order_payer *payer = &in->payer;
    if (in->mchid != NULL && payer->openid == NULL)
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/payer/openid", NULL,
                            FZ_ISSUE_REQUIRED_IN_COMMON);
    if (in->mchid == NULL && payer->sp_openid == NULL && payer->sub_openid == NULL)
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/payer/sp_openid", NULL,
                            FZ_ISSUE_REQUIRED_OR_SUB_OPENID);
    if (payer->sub_openid != NULL && in->sub_appid == NULL)
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/sub_appid", NULL,
                            FZ_ISSUE_REQUIRED_WITH_SUB_OPENID);
    return FZ_OK;
}

static enum fz_result check(struct fz_call *call, void *params)
{
    enum fz_result result = fz_order_check(call, params);
    return result == FZ_OK ? check_payer(call, params) : result;
}

const struct fz_endpoint fz_endpoint_order_jsapi = {
    .spec = &fz_spec_order_jsapi,
    .out_size = sizeof(struct fz_order_prepaid_out),
    .check = check,
    .work = fz_order_prepaid_work,
};
