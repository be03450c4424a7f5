/* The rows of fenzhang/refund.h. */
#ifndef FZ_SPEC_REFUND_REFUND_H
#define FZ_SPEC_REFUND_REFUND_H

#include "fenzhang/refund.h"
#include "spec/common/money.h"
#include "spec/row/spec.h"

extern const struct fz_member fz_refund_submit_answer_members[];
extern const struct fz_member fz_refund_answer_members[];
extern const struct fz_member fz_refund_listed_members[]; /* the same struct, in a list */
extern const struct fz_member fz_recharge_balance_answer_members[];
extern const char *const fz_refund_source_words[];  /* ORDER_REFUNDABLE_BALANCE, FUNDS_REFUNDABLE_BALANCE */
extern const char *const fz_fund_source_words[];    /* REFUND_SOURCE_UNSETTLED_FUNDS, REFUND_SOURCE_RECHARGE_FUNDS */
extern const char *const fz_refund_channel_words[]; /* ORIGINAL … */
extern const char *const fz_refund_status_words[];  /* PROCESSING, SUCCESS, REFUNDCLOSE, ABNORMAL */

extern const struct fz_spec fz_spec_refund_by_out_refund_no; /* by which lost writes are found out */

#endif
