/* What an audit found, as JSON: for POST /audit and `fenzhang audit --json`. */
#ifndef FZ_SERVER_CONTROL_CALLS_AUDIT_JSON_H
#define FZ_SERVER_CONTROL_CALLS_AUDIT_JSON_H

#include <jansson.h>

#include "book/audit/audit.h"

/* The totals and, where there are findings, the first of them in words. New; NULL: memory is short. */
json_t *fz_audit_json(const struct fz_audit *audit);

#endif
