/* Records in JSON: an array, one value behind the other, or answers of the API that have a list in them. */
#ifndef FZ_RECONCILE_RECORDS_JSON_H
#define FZ_RECONCILE_RECORDS_JSON_H

#include "reconcile/records/row.h"

/* Whether the file begins as JSON does. */
bool fz_json_is(int file);
FZ_MUST_CHECK enum fz_result fz_json_piece(struct fz_record_reading *records, size_t piece, struct fz_pen *pen);

#endif
