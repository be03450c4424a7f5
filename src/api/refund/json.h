/* A refund as it is answered: in full to queries (S-RQ), in a list, in short to its submission. */
#ifndef FZ_API_REFUND_JSON_H
#define FZ_API_REFUND_JSON_H

#include "api/call/endpoint.h"
#include "book/refund/refund.h"

extern const struct fz_field fz_refund_fields[];
extern const struct fz_field fz_refund_accepted_fields[];
extern const struct fz_field fz_refund_list_fields[];

/* S-RQ: so long after the order was paid; then refunds are found by merchant refund number alone. */
#define FZ_REFUND_BY_ID_MS (365 * FZ_DAY_MS)

/* The words of fund_source, in the order of enum fz_fund_source, NULL-ended. */
extern const char *const fz_fund_source_words[];

/* An object of its own. The states' words depend on the prefix that was called. `detail_name`: how
 * the block of the voucher is called, "detail" of a single refund and "refund_detail" in a list. */
void fz_refund_json(struct fz_json *json, const struct fz_refund *refund, bool old_spelling, const char *detail_name);
void fz_refund_accepted_json(struct fz_json *json, const struct fz_refund *refund);

#endif
