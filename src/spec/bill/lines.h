/* The columns of the files whose lines are the structs of fenzhang/bill_file.h. */
#ifndef FZ_SPEC_BILL_LINES_H
#define FZ_SPEC_BILL_LINES_H

#include "fenzhang/bill_file.h"
#include "spec/bill/column.h"

extern const char *const fz_refund_part_words[];   /* PACKAGE */
extern const char *const fz_business_type_words[]; /* PROFITSHARING, UNFREEZE, AUTO_UNFREEZE */
extern const char *const fz_slice_status_words[];  /* SUCCESS */

#define FZ_BY_ITSELF "system" /* the initiator of what nobody asked for */

extern const struct fz_bill fz_refund_bill, fz_distribution_bill, fz_trade_bill;

#endif
