/* From the SQL that all engines share to one engine's own. */
#ifndef FZ_STORE_DIALECT_H
#define FZ_STORE_DIALECT_H

/* What an engine says for our words. Where it has nothing to say: "". */
struct fz_dialect {
    char parameter; /* before a value's number: '$', or SQLite's '?', to which $1 would be a name */
    const char *lock; /* FOR UPDATE */
    const char *skip; /* SKIP LOCKED, behind it */
    const char *const (*words)[2]; /* ours and its; the last has NULL */
};
extern const struct fz_dialect fz_dialect_sqlite;
extern const struct fz_dialect fz_dialect_postgres;        /* of statements */
extern const struct fz_dialect fz_dialect_postgres_schema; /* of migrations: text is ordered by its bytes, as with SQLite */

/* `sql` in that dialect. Quoted text and comments stay as they are. New (free), NULL if memory is short. */
char *fz_dialect_text(const struct fz_dialect *dialect, const char *sql);

#endif
