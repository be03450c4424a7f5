/* Query an order by its WeChat Pay transaction ID: paid orders alone have one. */
#include "api/merchant/identity.h"
#include "api/order/json.h"

struct params {
    struct fz_identity identity;
    const char *transaction_id;
};

static const struct fz_member parameters[] = {
    FZ_TRANSACTION_ID_PARAMETER(FZ_IN_PATH, FZ_BOTH, offsetof(struct params, transaction_id)),
    FZ_IDENTITY_PARAMETERS(FZ_IN_QUERY, offsetof(struct params, identity)),
    {0},
};

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct params *in = params;
    struct fz_party party;
    enum fz_result result = fz_party_of_trade(tx, call, &in->identity, &party);
    if (result == FZ_OK)
        result = fz_payment_of_party(tx, &party, in->transaction_id, NULL, out);
    return result == FZ_ABSENT ? fz_refuse(tx->error, FZ_ORDER_UNKNOWN) : result;
}

const struct fz_spec fz_spec_order_query_by_id = {
    .name = "order-query-by-id",
    .method = "GET",
    .paths = {"/v3/global/transactions/id/{transaction_id}", "/hk/v3/transactions/id/{transaction_id}"},
    .request = parameters,
    .fields = fz_order_fields,
    .request_size = sizeof(struct params),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"transaction_id": "4208450740201411110007820472", "sp_mchid": "1900000100",
                              "sub_mchid": "1900000109"}),
        .answer = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109", "out_trade_no": "20150806125346",
                          "trade_type": "NATIVE", "trade_state": "REFUND",
                          "trade_state_desc": "Paid, and refunded in part or in whole", "amount": {"total": 5000,
                          "payer_total": 5000, "currency": "CNY", "payer_currency": "CNY",
                          "exchange_rate": {"type": "SETTLEMENT_RATE", "rate": 650000000}},
                          "id": "4208450740201411110007820472", "bank_type": "OTHERS",
                          "success_time": "2026-01-02T14:00:00+08:00"}),
    },
    .title = "Query an order by its WeChat Pay transaction ID",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/ch/apis/chapter3_1_2.shtml",
};

const struct fz_endpoint fz_endpoint_order_query_by_id = {
    .spec = &fz_spec_order_query_by_id,
    .out_size = sizeof(struct fz_payment),
    .work = work,
    .answer = fz_order_answer,
};
