/* What is written to a WAL goes to the system in one piece before each sync. */
#ifndef FZ_STORE_SQLITE_WAL_WRITES_H
#define FZ_STORE_SQLITE_WAL_WRITES_H

/* The name of a VFS that is as the one called `below` (NULL: the default) but for that. For all stores of the process;
 * NULL when memory is short, or if there is none called so. */
const char *fz_wal_writes(const char *below);

#endif
