/* Place an app order: the answer is the number with which the merchant's app opens WeChat. */
#include "api/order/prepaid.h"

const struct fz_endpoint fz_endpoint_order_app = {
    .spec = &fz_spec_order_app,
    .out_size = sizeof(struct fz_order_prepaid_out),
    .check = fz_order_check,
    .work = fz_order_prepaid_work,
};
