/* PostgreSQL's sides of a copy, for the files of this folder alone. */
#ifndef FZ_STORE_POSTGRES_SIDE_H
#define FZ_STORE_POSTGRES_SIDE_H

#include "store/postgres/engine.h"
#include "store/side.h"

/* As a schema that takes programs of the far future alone: transaction.c reads that each time. */
#define FZ_SHUT_OUT "UPDATE schema_version SET needed = 1000000000"

#define FZ_OWNER_SIZE 33 /* a run's own number, as digits */

struct fz_postgres_side {
    struct fz_side side;
    struct fz_store store; /* for the connection: its address and its gate alone */
    struct fz_connection connection;
    char owner[FZ_OWNER_SIZE];
    bool put_off;                 /* what slows the filling down is put off (side_later.c) */
    const struct fz_table *table; /* that is read, or put */
    bool reading;                 /* rows are on their way */
    PGresult *row;                /* the one at hand */
    struct fz_text sends;         /* rows put that are not sent yet, as COPY's binary form has them */
};

/* Takes down the engine's words for what failed. `result` is not freed; NULL: the connection's. */
enum fz_result fz_postgres_side_fail(struct fz_postgres_side *side, const char *what, const PGresult *result);
/* Runs a script. */
FZ_MUST_CHECK enum fz_result fz_postgres_side_run(struct fz_postgres_side *side, const char *what, const char *sql);
/* Asks for rows of text: new, PQclear. NULL: it failed. */
PGresult *fz_postgres_side_ask(struct fz_postgres_side *side, const char *what, const char *sql);
/* Sees, in the transaction under way, that no other run has taken over what this one does. */
FZ_MUST_CHECK enum fz_result fz_postgres_side_owns(struct fz_postgres_side *side);

/* ---- side_later.c ---- */
/* In the transaction under way: takes away indices and references, and notes how they are made again. */
FZ_MUST_CHECK enum fz_result fz_postgres_side_put_off(struct fz_postgres_side *side);
enum fz_result fz_postgres_side_complete(struct fz_side *side);

/* ---- side_rows.c ---- */
enum fz_result fz_postgres_side_catalogue(struct fz_side *side, struct fz_catalogue *out);
enum fz_result fz_postgres_side_count(struct fz_side *side, const struct fz_table *table, int64_t *out);
enum fz_result fz_postgres_side_read(struct fz_side *side, const struct fz_table *table, enum fz_reach reach, const struct fz_value *after);
enum fz_result fz_postgres_side_next(struct fz_side *side, struct fz_value *out);
void fz_postgres_side_read_end(struct fz_side *side);
enum fz_result fz_postgres_side_begin(struct fz_side *side, const struct fz_table *table);
enum fz_result fz_postgres_side_put(struct fz_side *side, const struct fz_value *values);
enum fz_result fz_postgres_side_commit(struct fz_side *side);
enum fz_result fz_postgres_side_empty(struct fz_side *side, const struct fz_table *table);

#endif
