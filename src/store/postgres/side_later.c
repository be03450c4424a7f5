/* What is put off until all rows are there: indices, which are made faster at once than row by row, and references, which the order of the
 * tables would break. How each is made again is noted in the database itself, so that a run that is cut off leaves that behind, too. */
#include <stdio.h>

#include "store/postgres/side.h"

/* What takes it away, and what makes it again; indices first. Those of keys and unique constraints stay. */
static const char listed[] =
    "SELECT format('DROP INDEX %I', c.relname), pg_get_indexdef(i.indexrelid), 1, c.relname FROM pg_index i"
    " JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = current_schema()::regnamespace"
    " AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))"
    " UNION ALL "
    "SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', t.relname, k.conname),"
    " format('ALTER TABLE %I ADD CONSTRAINT %I %s', t.relname, k.conname, pg_get_constraintdef(k.oid)), 2, k.conname FROM pg_constraint k"
    " JOIN pg_class t ON t.oid = k.conrelid WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace ORDER BY 3, 4";

static enum fz_result put_off(struct fz_postgres_side *side, const char *drop, const char *make)
{
    PGresult *done = PQexecParams(side->connection.handle,
                                  "INSERT INTO copying_later (id, statement) SELECT COALESCE(MAX(id), 0) + 1, $1 FROM copying_later", 1,
                                  NULL, &make, NULL, NULL, 0);
    enum fz_result result =
        PQresultStatus(done) == PGRES_COMMAND_OK ? FZ_OK : fz_postgres_side_fail(side, "note what is put off", done);
    PQclear(done);
    return result == FZ_OK ? fz_postgres_side_run(side, "put off indices and references", drop) : result;
}

enum fz_result fz_postgres_side_put_off(struct fz_postgres_side *side)
{
    if (side->put_off)
        return FZ_OK;
    PGresult *rows = fz_postgres_side_ask(side, "look for indices and references", listed);
    enum fz_result result = rows == NULL ? FZ_FAILED : FZ_OK;
    for (int i = 0; result == FZ_OK && i < PQntuples(rows); i++)
        result = put_off(side, PQgetvalue(rows, i, 0), PQgetvalue(rows, i, 1));
    PQclear(rows);
    side->put_off = result == FZ_OK;
    return result;
}

/* One of them, and that it was done, together. */
static enum fz_result do_one(struct fz_postgres_side *side, const char *id, const char *statement)
{
    char done[80];
    snprintf(done, sizeof done, "DELETE FROM copying_later WHERE id = %s", id);
    enum fz_result result = fz_postgres_side_run(side, "begin", "BEGIN");
    if (result == FZ_OK)
        result = fz_postgres_side_owns(side);
    if (result == FZ_OK)
        result = fz_postgres_side_run(side, statement, statement);
    if (result == FZ_OK)
        result = fz_postgres_side_run(side, "note that it was done", done);
    return result == FZ_OK ? fz_postgres_side_run(side, "commit", "COMMIT") : result;
}

/* And what the server knows of each table, by which it chooses indices. Then it can be audited; it is a book once `copying` is gone. */
enum fz_result fz_postgres_side_complete(struct fz_side *base)
{
    struct fz_postgres_side *side = (struct fz_postgres_side *)base; /* its first member */
    char let_in[80];
    snprintf(let_in, sizeof let_in, "UPDATE schema_version SET needed = %zu", fz_migrations_needed);
    PGresult *rows = fz_postgres_side_ask(side, "look for what was put off", "SELECT id, statement FROM copying_later ORDER BY id");
    enum fz_result result = rows == NULL ? FZ_FAILED : FZ_OK;
    for (int i = 0; result == FZ_OK && i < PQntuples(rows); i++)
        result = do_one(side, PQgetvalue(rows, i, 0), PQgetvalue(rows, i, 1));
    PQclear(rows);
    if (result == FZ_OK)
        result = fz_postgres_side_run(side, "look at the tables' sizes", "ANALYZE");
    return result == FZ_OK ? fz_postgres_side_run(side, "let readers in", let_in) : result;
}
