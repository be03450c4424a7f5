/* Placing an order, which native, JSAPI, app and H5 orders have in common, and paying by code in part: the
 * check of a request, the order's way into the book, and the numbers that are drawn for it. */
#ifndef FZ_API_ORDER_PLACE_H
#define FZ_API_ORDER_PLACE_H

#include "api/merchant/identity.h"
#include "spec/order/order.h"

/* What the book is asked for by either request, a struct fz_order_place_request or a struct
 * fz_order_micropay_request; without what the first alone has. Texts borrowed from `in`. */
#define FZ_ORDER_REQUEST_OF(in)                                                                              \
    ((struct fz_order_request){                                                                              \
        .out_trade_no = (in)->out_trade_no,                                                                  \
        .trade_type = (in)->trade_type,                                                                      \
        .description = (in)->description,                                                                    \
        .attach = (in)->attach,                                                                              \
        .appid = (in)->appid != NULL ? (in)->appid : (in)->sp_appid,                                         \
        .sub_appid = (in)->sub_appid,                                                                        \
        .amount = (in)->amount.total,                                                                        \
        .currency = (in)->amount.currency,                                                                   \
    })

/* What a row cannot say; `params` is a struct fz_order_place_request. An endpoint's own check may go on from
 * it. */
FZ_MUST_CHECK enum fz_result fz_order_check(struct fz_call *call, void *params);
/* Places the order, or finds the same one placed before. */
FZ_MUST_CHECK enum fz_result fz_order_place(struct fz_tx *tx, const struct fz_call *call,
                                            const struct fz_order_place_request *in, struct fz_payment *out);

#define FZ_PREPAY_ID_SIZE 37
/* The order's prepay_id: drawn for its row and not kept, so a repeat gets the same. */
void fz_order_prepay_id(const struct fz_tx *tx, const struct fz_payment *payment,
                        char out[FZ_PREPAY_ID_SIZE]);

#endif
