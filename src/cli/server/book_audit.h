/* A book's file audited by this process. */
#ifndef FZ_CLI_SERVER_BOOK_AUDIT_H
#define FZ_CLI_SERVER_BOOK_AUDIT_H

#include "book/audit/audit.h"
#include "server/keys/secrets.h"

/* Opens the book at `path` as a server would, and re-adds it. A file is migrated if need be, a database is not. `secrets` (NULL: none) has to open its keys.
 * FZ_OK, also with findings; FZ_CONFLICT: a server holds it; FZ_FAILED: it cannot be read; FZ_REFUSED: the keys do not open. `why`
 * says so. */
FZ_MUST_CHECK enum fz_result fz_book_audit(const char *path, const struct fz_secrets *secrets, struct fz_audit *out, char *why,
                                           size_t why_size);
/* The same of a copy that is being made (store/carry.h). */
FZ_MUST_CHECK enum fz_result fz_book_audit_copy(const char *path, const struct fz_secrets *secrets, struct fz_audit *out, char *why,
                                                size_t why_size);

#endif
