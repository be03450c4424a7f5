/* The queries, and an order, a refund and a distribution for them to find. */
#include "unit/client/queries.h"

#include <stdio.h>
#include <string.h>

#define RECEIVER "1900000334" /* scene_open adds it */

static char order_number[24], transaction_id[33], refund_id[33], refund_number[24], shared_id[33], shared_number[24];
static char *bill_date;

/* ---- what is there ---- */

static const struct deed *deed_of(const char *call)
{
    const struct deed *deed = deeds;
    while (strcmp(deed->call, call) != 0)
        deed++;
    return deed;
}

/* Made, done, and what was answered. */
static void *done(struct wish *wish, struct scene *scene, const char *call)
{
    void *answer = NULL;
    fz_error *error = NULL;
    wish_make(wish, scene, deed_of(call));
    shop_good(fz_call(scene->shop->client, call, &wish->request, &wish->options, &answer, &error), error);
    return answer;
}

void queries_prepare(struct scene *scene)
{
    struct wish wish;
    fz_answer_free(done(&wish, scene, "order-native"));
    memcpy(order_number, wish.number, sizeof order_number);
    struct fz_refund_submit_answer *refund = done(&wish, scene, "refund-submit");
    memcpy(transaction_id, wish.transaction_id, sizeof transaction_id);
    memcpy(refund_number, wish.number, sizeof refund_number);
    snprintf(refund_id, sizeof refund_id, "%s", refund->id);
    fz_answer_free(refund);
    fz_answer_free(done(&wish, scene, "distribution-submit"));
    memcpy(shared_id, wish.transaction_id, sizeof shared_id);
    memcpy(shared_number, wish.number, sizeof shared_number);
    fz_sandbox_text_free(bill_date);
    shop_must(fz_sandbox_demo_value(scene->shop->sandbox, "BILL_DATE", &bill_date));
}

/* ---- asking ---- */

/* A function that fills a request of `type` and calls: the rest of it is given. */
#define ASK(name, type, ...)                                                                                                    \
    static int name(fz_client *client, const struct mode *mode, const char *call, void **answer, fz_error **error)              \
    {                                                                                                                           \
        struct type request = FZ_INIT(type);                                                                                    \
        (void)mode;                                                                                                             \
        __VA_ARGS__;                                                                                                            \
        return fz_call(client, call, &request, NULL, answer, error);                                                            \
    }

ASK(balance, fz_refundable_balance_request, (void)0)
ASK(amounts, fz_transaction_amounts_request, request.sub_mchid = mode->sub; request.transaction_id = shared_id)
ASK(bill, fz_bill_url_request, request.sub_mchid = mode->sub; request.bill_date = bill_date)
ASK(refund_by_id, fz_refund_by_id_request, SET_MODE(mode, request); request.id = refund_id)
ASK(refund_by_number, fz_refund_by_out_refund_no_request, SET_MODE(mode, request); request.out_refund_no = refund_number)
ASK(refunds_of_order, fz_refunds_of_order_request, SET_MODE(mode, request); request.transaction_id = transaction_id;
    request.count = FZ_REFUNDS_A_PAGE)
ASK(distribution, fz_distribution_query_request, request.sub_mchid = mode->sub; request.transaction_id = shared_id;
    request.out_order_no = shared_number)
ASK(receiver, fz_receiver_query_request, request.sub_mchid = mode->sub; request.type = "MERCHANT_ID"; request.account = RECEIVER)
ASK(refundable, fz_refundable_amounts_request, request.sub_mchid = mode->sub; request.transaction_id = shared_id)
ASK(order_by_id, fz_order_by_id_request, SET_MODE(mode, request); request.transaction_id = transaction_id)
ASK(order_by_number, fz_order_by_number_request, SET_MODE(mode, request); request.out_trade_no = order_number)
ASK(recharged, fz_recharge_balance_request, (void)0)
ASK(recharged_of_sub, fz_recharge_balance_partner_request, request.sub_mchid = mode->sub)
ASK(settlements, fz_settlements_request, request.sub_mchid = mode->sub; request.settle_state = "UNSETTLE"; request.limit = 10)
ASK(certificates, fz_certificates_request, (void)0)

const struct query queries[] = {
    {"refundable-balance", QUERY_BOTH, balance},
    {"transaction-amounts", QUERY_BOTH, amounts},
    {"refund-bill-url", QUERY_BOTH, bill},
    {"refund-by-id", QUERY_BOTH, refund_by_id},
    {"refund-by-out-refund-no", QUERY_BOTH, refund_by_number},
    {"refunds-of-order", QUERY_BOTH, refunds_of_order},
    {"distribution-query", QUERY_BOTH, distribution},
    {"distribution-bill-url", QUERY_BOTH, bill},
    {"receiver-query", QUERY_BOTH, receiver},
    {"refundable-amounts", QUERY_BOTH, refundable},
    {"order-query-by-id", QUERY_BOTH, order_by_id},
    {"order-query-by-number", QUERY_BOTH, order_by_number},
    {"recharge-balance", QUERY_DIRECT, recharged},
    {"recharge-balance-partner", QUERY_INSTITUTION, recharged_of_sub},
    {"settlements", QUERY_BOTH, settlements},
    {"certificates", QUERY_BOTH, certificates},
    {0},
};

bool query_is_of(const struct query *query, const struct mode *mode)
{
    return query->mode == QUERY_BOTH || (query->mode == QUERY_DIRECT) == (mode->sub == NULL);
}

int query_make(const struct query *query, const struct scene *scene, void **answer, fz_error **error)
{
    return query->ask(scene->shop->client, scene->mode, query->call, answer, error);
}
