/* Every statement of the program, on the program's own schema: it prepares, takes as many values as it
 * declares, has the columns it declares with the types it declares, and each value goes to the place of its
 * number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/dialect.h"
#include "store/store.h"

/* So that there is one in any case. */
FZ_STATEMENT(own_statement,
             "SELECT name, rootpage, type FROM sqlite_schema WHERE name = $2 AND rootpage > $1 AND type = $3 "
             "AND name = $2",
             "itt", "tit");

static sqlite3 *book;
static int faults;
static bool quiet;

static void fault(const struct fz_statement *statement, const char *what, const char *detail)
{
    if (!quiet)
        print_error("%s: %s: %s\n    %s\n", statement->name, what, detail, statement->sql);
    faults++;
}

/* The value for the parameter at `place`, as SQLite writes it in an expanded statement; all differ. */
static void bind_distinct(sqlite3_stmt *handle, int place, char letter, char *expanded, size_t size)
{
    char text[24];
    snprintf(text, sizeof text, "value%03d", place);
    if (letter == 'i') {
        sqlite3_bind_int64(handle, place, 700100 + place);
        snprintf(expanded, size, "%d", 700100 + place);
    } else if (letter == 't') {
        sqlite3_bind_text(handle, place, text, -1, SQLITE_TRANSIENT);
        snprintf(expanded, size, "'%s'", text);
    } else {
        unsigned char bytes[2] = {0xAB, (unsigned char)place};
        sqlite3_bind_blob(handle, place, bytes, sizeof bytes, SQLITE_TRANSIENT);
        snprintf(expanded, size, "x'ab%02x'", (unsigned)place);
    }
}

/* The statement with $1 … replaced by the values: what SQLite has to make of it. Found by hand, without the
 * store's rewriting. */
static char *expected_text(const char *sql, char values[][32], size_t count)
{
    char *out = calloc(1, strlen(sql) + 32 * strlen(sql) + 1);
    size_t at = 0;
    while (*sql != '\0') {
        char *end = NULL;
        unsigned long place = *sql == '$' ? strtoul(sql + 1, &end, 10) : 0;
        if (place >= 1 && place <= count) {
            at += (size_t)sprintf(out + at, "%s", values[place - 1]);
            sql = end;
        } else {
            out[at++] = *sql++;
        }
    }
    return out;
}

static void check_values(const struct fz_statement *statement, sqlite3_stmt *handle)
{
    size_t count = strlen(statement->binds);
    char(*values)[32] = calloc(count + 1, sizeof *values);
    for (size_t i = 0; i < count; i++)
        bind_distinct(handle, (int)i + 1, statement->binds[i], values[i], sizeof values[i]);
    /* Only the values are to be compared, so the words for types and locks are put in as the engine has them.
     */
    char *text = expected_text(statement->sql, values, count);
    char *expected = fz_dialect_text(&fz_dialect_sqlite, text);
    char *expanded = sqlite3_expanded_sql(handle);
    if (expanded == NULL || expected == NULL || strcmp(expanded, expected) != 0)
        fault(statement, "values go to the wrong places", expanded == NULL ? "" : expanded);
    sqlite3_free(expanded);
    free(expected);
    free(text);
    free(values);
}

static void check_columns(const struct fz_statement *statement, sqlite3_stmt *handle)
{
    for (int i = 0; i < (int)strlen(statement->columns); i++) {
        const char *type = sqlite3_column_decltype(handle, i); /* NULL for an expression */
        char letter = statement->columns[i];
        const char *declared = letter == 'i' ? "INT" : letter == 't' ? "TEXT" : letter == 'b' ? "BLOB" : "?";
        if (type != NULL && strncmp(type, declared, strlen(declared)) != 0)
            fault(statement, sqlite3_column_name(handle, i), type);
        if (declared[0] == '?')
            fault(statement, "unknown letter", statement->columns);
    }
}

static void check(const struct fz_statement *statement)
{
    char *sql = fz_dialect_text(&fz_dialect_sqlite, statement->sql);
    sqlite3_stmt *handle = NULL;
    const char *rest = "";
    if (strspn(statement->binds, "itb") != strlen(statement->binds))
        fault(statement, "unknown letter", statement->binds);
    else if (sqlite3_prepare_v2(book, sql, -1, &handle, &rest) != SQLITE_OK)
        fault(statement, "does not prepare", sqlite3_errmsg(book));
    else if (rest[strspn(rest, " \n;")] != '\0')
        fault(statement, "more than one statement", rest);
    else if ((size_t)sqlite3_bind_parameter_count(handle) != strlen(statement->binds))
        fault(statement, "other number of values", statement->binds);
    else if ((size_t)sqlite3_column_count(handle) != strlen(statement->columns))
        fault(statement, "other number of columns", statement->columns);
    else {
        check_values(statement, handle);
        check_columns(statement, handle);
    }
    sqlite3_finalize(handle);
    free(sql);
}

static void every_statement_is_as_declared(void **state)
{
    (void)state;
    size_t count = 0;
    const struct fz_statement *statements = fz_statements(&count);
    bool own_found = false;
    for (size_t i = 0; i < count; i++) {
        check(&statements[i]);
        own_found = own_found || &statements[i] == &own_statement;
    }
    print_message("%zu statements\n", count);
    assert_true(own_found);
    assert_int_equal(faults, 0);
}

/* The check itself finds what is wrong. */
static void wrong_declarations_are_found(void **state)
{
    (void)state;
    static const struct fz_statement wrong[] = {
        {.name = "columns", .sql = "SELECT name, type FROM sqlite_schema", .binds = "", .columns = "t"},
        {.name = "values",
         .sql = "SELECT name FROM sqlite_schema WHERE name = $1",
         .binds = "tt",
         .columns = "t"},
        {.name = "type", .sql = "SELECT rootpage FROM sqlite_schema", .binds = "", .columns = "t"},
        {.name = "gap",
         .sql = "SELECT name FROM sqlite_schema WHERE name = $2",
         .binds = "t",
         .columns = "t"},
        {.name = "two", .sql = "SELECT 1; SELECT 2", .binds = "", .columns = "i"},
        {.name = "letter", .sql = "SELECT $1", .binds = "x", .columns = "i"},
        {.name = "sql", .sql = "SELECT FROM", .binds = "", .columns = "i"},
    };
    quiet = true;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        faults = 0;
        check(&wrong[i]);
        assert_int_equal(faults, 1);
    }
}

static char directory[] = "/tmp/fenzhang-statements-XXXXXX";
static char path[64];

/* A book as the program makes it. */
static int make_book(void **state)
{
    (void)state;
    char why[512] = "";
    struct fz_store *store = NULL;
    if (mkdtemp(directory) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/book.db", directory);
    struct fz_world *world = fz_world_new(true, 1, NULL);
    struct fz_store_options options = {.path = path, .world = world};
    if (fz_store_open(&options, &store, why, sizeof why) != FZ_OK) {
        print_error("%s\n", why);
        return -1;
    }
    fz_store_close(store);
    fz_world_free(world);
    return sqlite3_open(path, &book);
}

static int remove_book(void **state)
{
    (void)state;
    char lock[96];
    sqlite3_close(book);
    snprintf(lock, sizeof lock, "%s-lock", path);
    (void)unlink(lock);
    snprintf(lock, sizeof lock, "%s-acknowledged", path);
    (void)unlink(lock);
    (void)unlink(path);
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_statement_is_as_declared),
        cmocka_unit_test(wrong_declarations_are_found),
    };
    return cmocka_run_group_tests_name("store/statements", tests, make_book, remove_book);
}
