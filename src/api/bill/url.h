/* What the two bill-URL endpoints share: the date's rule, and the link. */
#ifndef FZ_API_BILL_URL_H
#define FZ_API_BILL_URL_H

#include "api/merchant/identity.h"

struct fz_bill_url_params {
    const char *sub_mchid, *bill_date;
};
struct fz_bill_url_out {
    char token[FZ_TOKEN_SIZE];
};

#define FZ_BILL_URL_PARAMETERS(sub_mchid_required_in)                                                        \
    FZ_SUB_MCHID_PARAMETER(FZ_IN_QUERY, sub_mchid_required_in,                                               \
                           offsetof(struct fz_bill_url_params, sub_mchid)),                                  \
    {                                                                                                        \
        .name = "bill_date", .place = FZ_IN_QUERY, .kind = FZ_STRING, .required = FZ_BOTH, \
        .min = 10, .max = 10, .letters = FZ_DATE, .offset = offsetof(struct fz_bill_url_params, bill_date),  \
        .meaning = "Beijing day of the bill, YYYY-MM-DD, at most 90 days back"                               \
    }

extern const struct fz_field fz_bill_url_fields[];

/* A day that has not come is a fault of the parameter. */
FZ_MUST_CHECK enum fz_result fz_bill_url_check(struct fz_call *call, void *params);

/* Whether there is a bill: fz_refund_bill_exists or fz_slice_bill_exists. */
typedef enum fz_result (*fz_bill_exists)(struct fz_tx *tx, const char *caller, const char *sub_mchid, int day,
                                         bool *out);

/* Relation, contract, then the day: still being made, too old, nothing on it. */
FZ_MUST_CHECK enum fz_result fz_bill_url_work(struct fz_tx *tx, const struct fz_call *call,
                                              const struct fz_bill_url_params *params, enum fz_bill_kind kind,
                                              fz_bill_exists exists, struct fz_bill_url_out *out);
void fz_bill_url_answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json);

#endif
