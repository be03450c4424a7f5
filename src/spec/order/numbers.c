/* The rows by which an order is named, when it is queried, closed or reversed: by one of its two numbers. */
#include "spec/common/merchants.h"
#include "spec/order/order.h"

#define BY_ID_ROWS(where)                                                                                    \
    FZ_TRANSACTION_ID_ROW(fz_order_by_id_request, FZ_IN_PATH, FZ_BOTH),                                      \
        FZ_TRADE_ROWS(fz_order_by_id_request, where)
#define BY_NUMBER_ROWS(where)                                                                                \
    FZ_OUT_TRADE_NO_ROW(fz_order_by_number_request, FZ_IN_PATH, FZ_BOTH, 1),                                 \
        FZ_TRADE_ROWS(fz_order_by_number_request, where)

const struct fz_member fz_order_query_by_id_members[] = {BY_ID_ROWS(FZ_IN_QUERY), {0}};
const struct fz_member fz_order_query_by_number_members[] = {BY_NUMBER_ROWS(FZ_IN_QUERY), {0}};
const struct fz_member fz_order_end_by_id_members[] = {BY_ID_ROWS(FZ_IN_BODY), {0}};
const struct fz_member fz_order_end_by_number_members[] = {BY_NUMBER_ROWS(FZ_IN_BODY), {0}};
