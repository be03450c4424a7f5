/* An order as it is answered to its two queries, and to paying by code. */
#ifndef FZ_API_ORDER_JSON_H
#define FZ_API_ORDER_JSON_H

#include "api/endpoint.h"

extern const struct fz_field fz_order_fields[];

/* The answer function of all three; `out` is a struct fz_payment. */
json_t *fz_order_answer(const struct fz_call *call, const void *params, const void *out);
/* The order as it stands. New; NULL when memory is short. */
json_t *fz_order_json(const struct fz_payment *payment);

#endif
