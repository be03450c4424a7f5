/* An order as it is answered to its two queries, and to paying by code. */
#ifndef FZ_API_ORDER_JSON_H
#define FZ_API_ORDER_JSON_H

#include "api/call/endpoint.h"

extern const struct fz_field fz_order_fields[];

/* The answer function of all three; `out` is a struct fz_payment. */
void fz_order_answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json);
/* The members of the order as it stands, into an object that is open. */
void fz_order_json(struct fz_json *json, const struct fz_payment *payment);

#endif
