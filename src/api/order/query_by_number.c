/* Query an order by the merchant's own number: also one that is not paid yet. */
#include "api/merchant/identity.h"
#include "api/order/json.h"

struct params {
    struct fz_identity identity;
    const char *out_trade_no;
};

static const struct fz_member parameters[] = {
    FZ_OUT_TRADE_NO_PARAMETER(FZ_IN_PATH, FZ_BOTH, 1, offsetof(struct params, out_trade_no)),
    FZ_IDENTITY_PARAMETERS(FZ_IN_QUERY, offsetof(struct params, identity)),
    {0},
};

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct params *in = params;
    struct fz_party party;
    enum fz_result result = fz_party_of_trade(tx, call, &in->identity, &party);
    if (result == FZ_OK)
        result = fz_payment_by_out_trade_no(tx, party.caller, party.sub_mchid, in->out_trade_no, out);
    return result == FZ_ABSENT ? fz_refuse(tx->error, FZ_ORDER_UNKNOWN) : result;
}

const struct fz_spec fz_spec_order_query_by_number = {
    .name = "order-query-by-number",
    .method = "GET",
    .paths = {"/v3/global/transactions/out-trade-no/{out_trade_no}",
              "/hk/v3/transactions/out-trade-no/{out_trade_no}"},
    .request = parameters,
    .fields = fz_order_fields,
    .request_size = sizeof(struct params),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"out_trade_no": "20150806125346", "sp_mchid": "1900000100", "sub_mchid": "1900000109"}),
        .answer = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109", "out_trade_no": "20150806125346",
                          "trade_type": "NATIVE", "trade_state": "REFUND",
                          "trade_state_desc": "Paid, and refunded in part or in whole", "amount": {"total": 5000,
                          "payer_total": 5000, "currency": "CNY", "payer_currency": "CNY",
                          "exchange_rate": {"type": "SETTLEMENT_RATE", "rate": 650000000}},
                          "id": "4208450740201411110007820472", "bank_type": "OTHERS",
                          "success_time": "2026-01-02T14:00:00+08:00"}),
    },
    .title = "Query an order by the merchant order number",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/ch/apis/chapter3_1_2.shtml",
};

const struct fz_endpoint fz_endpoint_order_query_by_number = {
    .spec = &fz_spec_order_query_by_number,
    .out_size = sizeof(struct fz_payment),
    .work = work,
    .answer = fz_order_answer,
};
