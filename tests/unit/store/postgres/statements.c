/* Every statement of the program, on the program's own schema in PostgreSQL: the migrations run, and each statement prepares and has the
 * columns that it declares, of the types it declares. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libpq-fe.h>

#include "store/dialect.h"
#include "store/store.h"

#define TYPE_BYTEA 17 /* PostgreSQL's numbers of its types, which never change */
#define TYPE_INT8  20
#define TYPE_INT4  23
#define TYPE_TEXT  25

static PGconn *book;
static int faults;

static void fault(const struct fz_statement *statement, const char *what, const char *detail)
{
    print_error("%s: %s: %s\n    %s\n", statement->name, what, detail, statement->sql);
    faults++;
}

static Oid type_of(char letter)
{
    return letter == 'i' ? TYPE_INT8 : letter == 't' ? TYPE_TEXT : TYPE_BYTEA;
}

/* A number that stands in the statement itself, as in SELECT 1, is a narrower one; the store reads it as well. */
static bool is_constant(const PGresult *described, int column, char letter)
{
    return letter == 'i' && PQftype(described, column) == TYPE_INT4;
}

static void check_columns(const struct fz_statement *statement)
{
    PGresult *described = PQdescribePrepared(book, "");
    size_t columns = strlen(statement->columns);
    if ((size_t)PQnfields(described) != columns)
        fault(statement, "other number of columns", statement->columns);
    else
        for (int i = 0; i < (int)columns; i++)
            if (PQftype(described, i) != type_of(statement->columns[i]) && !is_constant(described, i, statement->columns[i]))
                fault(statement, "other type of column", PQfname(described, i));
    PQclear(described);
}

static void check(const struct fz_statement *statement)
{
    Oid types[100];
    size_t count = strlen(statement->binds);
    assert_true(count <= 100);
    for (size_t i = 0; i < count; i++)
        types[i] = type_of(statement->binds[i]);
    char *sql = fz_dialect_text(&fz_dialect_postgres, statement->sql);
    PGresult *prepared = PQprepare(book, "", sql, (int)count, types);
    if (PQresultStatus(prepared) != PGRES_COMMAND_OK)
        fault(statement, "does not prepare", PQresultErrorMessage(prepared));
    else
        check_columns(statement);
    PQclear(prepared);
    free(sql);
}

static void every_statement_is_as_declared(void **state)
{
    (void)state;
    size_t count = 0;
    const struct fz_statement *statements = fz_statements(&count);
    assert_true(count > 100);
    for (size_t i = 0; i < count; i++)
        check(&statements[i]);
    assert_int_equal(faults, 0);
}

static int run(const char *sql)
{
    PGresult *done = PQexec(book, sql);
    bool well = PQresultStatus(done) == PGRES_COMMAND_OK;
    if (!well)
        print_error("%s\n%s\n", PQresultErrorMessage(done), sql);
    PQclear(done);
    return well ? 0 : -1;
}

static int make_book(void **state)
{
    (void)state;
    char address[200];
    const char *server = getenv("FENZHANG_POSTGRES");
    if (server == NULL) {
        print_error("No PostgreSQL: run this by tests/postgres/with.\n");
        return -1;
    }
    snprintf(address, sizeof address, "%s&dbname=postgres", server);
    book = PQconnectdb(address);
    if (run("DROP DATABASE IF EXISTS statements") != 0 || run("CREATE DATABASE statements") != 0)
        return -1;
    PQfinish(book);
    snprintf(address, sizeof address, "%s&dbname=statements", server);
    book = PQconnectdb(address);
    int code = 0;
    for (size_t i = 0; code == 0 && i < fz_migration_count; i++) {
        char *sql = fz_dialect_text(&fz_dialect_postgres_schema, fz_migrations[i]);
        code = run(sql);
        free(sql);
    }
    return code;
}

static int close_book(void **state)
{
    (void)state;
    PQfinish(book);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_statement_is_as_declared)};
    return cmocka_run_group_tests_name("store/postgres/statements", tests, make_book, close_book);
}
