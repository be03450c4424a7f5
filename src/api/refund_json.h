/* A refund as it is answered: in full to queries (S-RQ), in short to its submission. */
#ifndef FZ_API_REFUND_JSON_H
#define FZ_API_REFUND_JSON_H

#include "api/endpoint.h"
#include "book/refund.h"

extern const struct fz_field fz_refund_fields[];
extern const struct fz_field fz_refund_accepted_fields[];

/* The words of fund_source, in the order of enum fz_fund_source, NULL-ended. */
extern const char *const fz_fund_source_words[];

/* New; NULL when memory is short. The states' words depend on the prefix that was called. */
json_t *fz_refund_json(const struct fz_refund *refund, bool old_spelling);
json_t *fz_refund_accepted_json(const struct fz_refund *refund);

#endif
