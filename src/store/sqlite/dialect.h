/* From the SQL that all engines share to SQLite's. */
#ifndef FZ_STORE_SQLITE_DIALECT_H
#define FZ_STORE_SQLITE_DIALECT_H

/* `sql` with $1 as ?1 ($1 would be a name to SQLite, numbered by its place), FZ_INT, FZ_BLOB and FZ_STRICT as
 * INTEGER, BLOB and STRICT, and without FOR UPDATE. Quoted text and comments stay as they are. New (free),
 * NULL if memory is short. */
char *fz_dialect_sqlite(const char *sql);

#endif
