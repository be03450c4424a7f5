/* Records from a database: what a query gives, its columns by their names. */
#ifndef FZ_RECONCILE_RECORDS_DATABASE_H
#define FZ_RECONCILE_RECORDS_DATABASE_H

#include "reconcile/records/row.h"

/* "sqlite:FILE", "sqlite:FILE?QUERY", "postgresql://…" or "postgres://…". */
bool fz_database_is(const char *name);
/* `query` NULL: it stands in the name. */
FZ_MUST_CHECK enum fz_result fz_database_piece(struct fz_record_reading *records, size_t piece, const char *query,
                                               struct fz_pen *pen);

#endif
