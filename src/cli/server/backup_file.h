/* A backup: the book's own file, with two tables more. `backup` says what it is and has a digest over every row of the book;
 * `backup_file` has the secret and the CA, if they were asked for. So it can be looked into with sqlite3. */
#ifndef FZ_CLI_SERVER_BACKUP_FILE_H
#define FZ_CLI_SERVER_BACKUP_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/private_file.h"

#define FZ_BACKUP_MEMBER_MAX 65536

/* Files of a data directory that go along with the secret, the secret first; NULL-ended. */
extern const char *const fz_backup_members[];

/* Makes a backup of the copy of a book at `path`, which is closed: its digest, and files of `data` if `secret` (the secret's own
 * path) is not NULL. In the end it is one file, without a WAL, on the disk. */
FZ_MUST_CHECK enum fz_result fz_backup_complete(const char *path, const char *data, const char *secret, char *why, size_t why_size);

struct fz_backup {
    int64_t schema;     /* the number of its book's tables */
    char made[32];      /* when, as RFC 3339 */
    char program[32];   /* by which version */
};
/* That `path` is one, and every row as it was: FZ_MALFORMED if not. Nothing is made beside it. */
FZ_MUST_CHECK enum fz_result fz_backup_check(const char *path, struct fz_backup *out, char *why, size_t why_size);
/* A file in it, as a text. FZ_ABSENT: it has none. */
FZ_MUST_CHECK enum fz_result fz_backup_member(const char *path, const char *name, char out[FZ_BACKUP_MEMBER_MAX]);
/* Makes a book of a copy of it again. */
FZ_MUST_CHECK enum fz_result fz_backup_strip(const char *path, char *why, size_t why_size);

#endif
