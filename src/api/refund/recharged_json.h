/* The recharged refund balance as its two queries answer it. */
#ifndef FZ_API_REFUND_RECHARGED_JSON_H
#define FZ_API_REFUND_RECHARGED_JSON_H

#include "api/call/endpoint.h"

struct fz_recharged {
    int64_t remaining_amount; /* in the smallest unit of `currency` */
    char currency[FZ_CURRENCY_SIZE];
};

extern const struct fz_field fz_recharged_fields[];

/* The balance of `party`'s caller, in its settlement currency. */
FZ_MUST_CHECK enum fz_result fz_recharged_read(struct fz_tx *tx, const struct fz_party *party,
                                               struct fz_recharged *out);
/* The answer function of both; `out` is a struct fz_recharged. */
void fz_recharged_answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json);

#endif
