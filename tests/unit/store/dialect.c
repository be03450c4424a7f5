/* From the shared SQL to SQLite's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "store/dialect.h"

static void becomes(const char *sql, const char *expected)
{
    char *text = fz_dialect_text(&fz_dialect_sqlite, sql);
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static void values_are_numbered(void **state)
{
    (void)state;
    becomes("SELECT $1, $10, $2 + $11", "SELECT ?1, ?10, ?2 + ?11");
    becomes("$9$1", "?9?1");
    becomes("a$ $b", "a$ $b");
}

static void locks_are_dropped(void **state)
{
    (void)state;
    becomes("SELECT a FROM t WHERE id = $1 FOR UPDATE", "SELECT a FROM t WHERE id = ?1 ");
    becomes("SELECT a FROM t FOR\n UPDATE;", "SELECT a FROM t ;");
    becomes("SELECT a FROM t FOR UPDATE SKIP LOCKED", "SELECT a FROM t  ");
    becomes("SKIP LOCKEDNESS XSKIP LOCKED", "SKIP LOCKEDNESS XSKIP LOCKED");
    becomes("CREATE TRIGGER x BEFORE UPDATE ON t FOR EACH ROW",
            "CREATE TRIGGER x BEFORE UPDATE ON t FOR EACH ROW");
    becomes("FOR UPDATED WAITFOR UPDATE FOR", "FOR UPDATED WAITFOR UPDATE FOR");
}

static void types_are_sqlites(void **state)
{
    (void)state;
    becomes("CREATE TABLE t (a FZ_INT PRIMARY KEY, b FZ_BLOB) FZ_STRICT;",
            "CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB) STRICT;");
    becomes("CAST(sum(a)AS FZ_INT)", "CAST(sum(a)AS INTEGER)");
    becomes("FZ_INTEGER XFZ_INT FZ_BLOB2 fz_int", "FZ_INTEGER XFZ_INT FZ_BLOB2 fz_int");
    becomes("FZ_INT FZ_INT FZ_INT", "INTEGER INTEGER INTEGER");
}

static void quoted_text_stays(void **state)
{
    (void)state;
    becomes("'$1 FOR UPDATE' || $1", "'$1 FOR UPDATE' || ?1");
    becomes("'it''s $1' $2", "'it''s $1' ?2");
    becomes("\"FZ_INT\" FZ_INT", "\"FZ_INT\" INTEGER");
    becomes("a -- $1 isn't\n$1", "a -- $1 isn't\n?1");
    becomes("/* $1 ' */ $1", "/* $1 ' */ ?1");
    becomes("'never closed $1", "'never closed $1");
    becomes("", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_numbered),
        cmocka_unit_test(locks_are_dropped),
        cmocka_unit_test(types_are_sqlites),
        cmocka_unit_test(quoted_text_stays),
    };
    return cmocka_run_group_tests_name("store/dialect", tests, NULL, NULL);
}
