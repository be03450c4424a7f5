/* SQLite's sides of a copy, for the files of this folder alone. */
#ifndef FZ_STORE_SQLITE_SIDE_H
#define FZ_STORE_SQLITE_SIDE_H

#include "store/side.h"
#include "store/sqlite/engine.h"

/* Either a store that is open, of which rows are read, or a file that is filled. */
struct fz_sqlite_side {
    struct fz_side side;
    struct fz_world *world;
    struct fz_store *store;
    struct fz_connection reading;
    struct fz_book_file file;
    sqlite3 *handle;              /* by which all is done */
    const struct fz_table *table; /* of `rows`, or of `puts` */
    sqlite3_stmt *rows;           /* while a table is read */
    sqlite3_stmt *puts;           /* while a piece is put */
};

/* Notes the engine's words for what failed. */
enum fz_result fz_sqlite_side_fail(struct fz_sqlite_side *side, const char *what);
/* Runs a script. */
FZ_MUST_CHECK enum fz_result fz_sqlite_side_run(struct fz_sqlite_side *side, const char *what, const char *sql);

enum fz_result fz_sqlite_side_catalogue(struct fz_side *side, struct fz_catalogue *out);
enum fz_result fz_sqlite_side_count(struct fz_side *side, const struct fz_table *table, int64_t *out);
enum fz_result fz_sqlite_side_read(struct fz_side *side, const struct fz_table *table, enum fz_reach reach, const struct fz_value *after);
enum fz_result fz_sqlite_side_next(struct fz_side *side, struct fz_value *out);
void fz_sqlite_side_read_end(struct fz_side *side);
enum fz_result fz_sqlite_side_begin(struct fz_side *side, const struct fz_table *table);
enum fz_result fz_sqlite_side_put(struct fz_side *side, const struct fz_value *values);
enum fz_result fz_sqlite_side_commit(struct fz_side *side);
enum fz_result fz_sqlite_side_empty(struct fz_side *side, const struct fz_table *table);

#endif
