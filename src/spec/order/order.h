/* The rows of fenzhang/order.h. */
#ifndef FZ_SPEC_ORDER_ORDER_H
#define FZ_SPEC_ORDER_ORDER_H

#include "fenzhang/order.h"
#include "spec/common/money.h"
#include "spec/row/spec.h"

extern const struct fz_member fz_order_prepaid_answer_members[];
extern const struct fz_member fz_order_answer_members[];
extern const struct fz_member fz_order_told_members[]; /* the same, in a callback */
/* Of the same structs, by what the call does: who asks names merchants in the query, who closes or reverses
 * in the body. */
extern const struct fz_member fz_order_query_by_id_members[], fz_order_query_by_number_members[];
extern const struct fz_member fz_order_end_by_id_members[], fz_order_end_by_number_members[];
extern const char *const fz_trade_state_words[]; /* SUCCESS, REFUND, NOTPAY … */

extern const struct fz_spec fz_spec_order_query_by_number; /* by which lost writes are found out */

#endif
