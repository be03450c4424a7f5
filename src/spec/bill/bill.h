/* The rows of fenzhang/bill.h. */
#ifndef FZ_SPEC_BILL_BILL_H
#define FZ_SPEC_BILL_BILL_H

#include "fenzhang/bill.h"
#include "spec/row/spec.h"

extern const struct fz_member fz_bill_url_answer_members[];
extern const char *const fz_settle_state_words[];  /* SETTLED, UNSETTLE */
extern const char *const fz_wallet_region_words[]; /* CHINA_MAINLAND, CHINA_HONGKONG */

#endif
