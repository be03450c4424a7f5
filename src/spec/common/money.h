/* The rows of fenzhang/money.h. */
#ifndef FZ_SPEC_COMMON_MONEY_H
#define FZ_SPEC_COMMON_MONEY_H

#include "fenzhang/money.h"
#include "spec/row/member.h"

extern const struct fz_member fz_exchange_rate_members[];
extern const char *const fz_rate_type_words[];    /* SETTLEMENT_RATE, USERPAYMENT_RATE */
extern const char *const fz_coupon_type_words[];  /* COUPON, DISCOUNT */
extern const char *const fz_coupon_scope_words[]; /* GLOBAL, SINGLE */
/* Amounts that are in fen whatever the order's currency. */
extern const char *const fz_cny_words[]; /* CNY */

#endif
