/* What the two bill-URL endpoints share: the date's rule, and the link. */
#ifndef FZ_API_BILL_URL_H
#define FZ_API_BILL_URL_H

#include "api/merchant/identity.h"
#include "spec/bill/bill.h"

struct fz_bill_url_out {
    struct fz_bill_url_answer answer;
    char url[2049]; /* the documents: string[1, 2048] */
};


/* Whether there is a bill: fz_refund_bill_exists or fz_slice_bill_exists. */
typedef enum fz_result (*fz_bill_exists)(struct fz_tx *tx, const char *caller, const char *sub_mchid, int day,
                                         bool *out);

/* Relation, contract, then the day: still being made, too old, nothing on it. */
FZ_MUST_CHECK enum fz_result fz_bill_url_work(struct fz_tx *tx, const struct fz_call *call,
                                              const struct fz_bill_url_request *in, enum fz_bill_sort kind,
                                              fz_bill_exists exists, struct fz_bill_url_out *out);

#endif
