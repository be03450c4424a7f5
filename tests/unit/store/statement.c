/* Statements: values in, values out, conflicts, numbers, and what a failure does to the work around it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/store/ledger.h"

FZ_STATEMENT(bulk_add, "INSERT INTO bulk (id, data, note) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING", "ibt", "");
FZ_STATEMENT(account_add_again, "INSERT INTO account (id, balance) VALUES ($1, 0)", "i", "");
FZ_STATEMENT(bulk_get, "SELECT data, note, id FROM bulk WHERE id = $1", "i", "bti");
FZ_STATEMENT(bulk_all, "SELECT id FROM bulk ORDER BY id", "", "i");
FZ_STATEMENT(bulk_change, "UPDATE bulk SET note = $1 WHERE id >= $2", "ti", "");
FZ_STATEMENT(eleven, "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $1", "iiiiiiiiiii",
             "iiiiiiiiiiii");
FZ_STATEMENT(account_break, "UPDATE account SET balance = -1 WHERE id = $1", "i", "");
FZ_STATEMENT(transfer_stray,
             "INSERT INTO transfer (id, number, source, target, amount) VALUES (1, 1, 77, 78, 1)", "", "");
FZ_STATEMENT(wrong_sql, "SELECT id FROM nowhere", "", "i");

static struct ledger ledger;

static int open_ledger(void **state)
{
    (void)state;
    ledger_new(&ledger, NULL);
    return 0;
}

static int close_ledger(void **state)
{
    (void)state;
    ledger_remove(&ledger);
    return 0;
}

static enum fz_result write(fz_work work, void *argument)
{
    return fz_store_write(ledger.store, work, argument, NULL);
}

static enum fz_result values_go_in_and_out_work(struct fz_tx *tx, void *seen)
{
    static const char bytes[] = {0, 'a', 0};
    if (fz_run(tx, &bulk_add, FZ_VALUES(FZ_I(INT64_MIN), FZ_B(bytes, 3), FZ_T("分账")), NULL) != FZ_OK ||
        fz_run(tx, &bulk_add, FZ_VALUES(FZ_I(INT64_MAX), FZ_B(NULL, 0), FZ_T(NULL)), NULL) != FZ_OK)
        return FZ_FAILED;
    struct fz_cursor row = {0};
    if (fz_query_one(tx, &bulk_get, FZ_VALUES(FZ_I(INT64_MIN)), &row) != FZ_OK)
        return FZ_FAILED;
    size_t size = 0;
    char copy[16];
    FZ_COPY_COLUMN(copy, &row, 1);
    bool good = memcmp(fz_bytes(&row, 0, &size), bytes, 3) == 0 && size == 3 && strcmp(copy, "分账") == 0 &&
                fz_int(&row, 2) == INT64_MIN && !fz_is_null(&row, 1);
    fz_cursor_done(&row);
    if (fz_query_one(tx, &bulk_get, FZ_VALUES(FZ_I(INT64_MAX)), &row) != FZ_OK)
        return FZ_FAILED;
    size = 7;
    good = good && fz_bytes(&row, 0, &size) != NULL && size == 0 && !fz_is_null(&row, 0) &&
           fz_is_null(&row, 1) && strcmp(fz_string(&row, 1), "") == 0 && fz_int(&row, 2) == INT64_MAX;
    fz_cursor_done(&row);
    *(bool *)seen = good;
    return FZ_OK;
}

static void values_go_in_and_out(void **state)
{
    (void)state;
    bool good = false;
    assert_int_equal(write(values_go_in_and_out_work, &good), FZ_OK);
    assert_true(good);
}

static enum fz_result eleven_work(struct fz_tx *tx, void *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result =
        fz_query_one(tx, &eleven,
                     FZ_VALUES(FZ_I(101), FZ_I(102), FZ_I(103), FZ_I(104), FZ_I(105), FZ_I(106), FZ_I(107),
                               FZ_I(108), FZ_I(109), FZ_I(110), FZ_I(111)),
                     &row);
    for (int i = 0; result == FZ_OK && i < 12; i++)
        ((int64_t *)out)[i] = fz_int(&row, i);
    return result;
}

static void the_tenth_value_is_not_the_first(void **state)
{
    (void)state;
    int64_t values[12] = {0};
    assert_int_equal(write(eleven_work, values), FZ_OK);
    for (int i = 0; i < 11; i++)
        assert_int_equal(values[i], 101 + i);
    assert_int_equal(values[11], 101);
}

/* A key that the statement names is told, and the work goes on with what it did before and after. */
static enum fz_result conflict_work(struct fz_tx *tx, void *seen)
{
    const struct fz_value blob = FZ_B("x", 1);
    enum fz_result *results = seen;
    results[0] = fz_insert(tx, &bulk_add, FZ_VALUES(FZ_I(1), blob, FZ_NIL));
    results[1] = fz_insert(tx, &bulk_add, FZ_VALUES(FZ_I(1), blob, FZ_NIL));
    results[2] = fz_insert(tx, &bulk_add, FZ_VALUES(FZ_I(2), blob, FZ_NIL));
    return FZ_OK;
}

static enum fz_result list_work(struct fz_tx *tx, void *sum)
{
    FZ_CURSOR rows = {0};
    enum fz_result result = fz_query(tx, &bulk_all, NULL, 0, &rows);
    int64_t total = 0;
    while (result == FZ_OK && (result = fz_next(&rows)) == FZ_OK)
        total += fz_int(&rows, 0);
    if (result != FZ_ABSENT)
        return FZ_FAILED;
    *(int64_t *)sum = total;
    /* Past the end there is nothing, rather than the first row once more. */
    return fz_next(&rows) == FZ_ABSENT ? FZ_OK : FZ_FAILED;
}

static void a_taken_number_is_a_conflict(void **state)
{
    (void)state;
    enum fz_result results[3];
    int64_t sum = 0;
    assert_int_equal(write(conflict_work, results), FZ_OK);
    assert_int_equal(results[0], FZ_OK);
    assert_int_equal(results[1], FZ_CONFLICT);
    assert_int_equal(results[2], FZ_OK);
    assert_int_equal(write(list_work, &sum), FZ_OK);
    assert_int_equal(sum, 1 + 2);
}

static enum fz_result change_work(struct fz_tx *tx, void *changed)
{
    for (int64_t id = 1; id <= 5; id++)
        if (fz_run(tx, &bulk_add, FZ_VALUES(FZ_I(id), FZ_B("x", 1), FZ_NIL), NULL) != FZ_OK)
            return FZ_FAILED;
    return fz_run(tx, &bulk_change, FZ_VALUES(FZ_T("n"), FZ_I(3)), changed);
}

static void changed_rows_are_counted(void **state)
{
    (void)state;
    int64_t changed = -1;
    assert_int_equal(write(change_work, &changed), FZ_OK);
    assert_int_equal(changed, 3);
}

static enum fz_result absent_work(struct fz_tx *tx, void *argument)
{
    (void)argument;
    FZ_CURSOR row = {0};
    return fz_query_one(tx, &bulk_get, FZ_VALUES(FZ_I(99)), &row);
}

static void no_row_is_absent(void **state)
{
    (void)state;
    assert_int_equal(write(absent_work, NULL), FZ_ABSENT);
    assert_int_equal(write(absent_work, NULL), FZ_ABSENT);
}

/* Ignores that a statement failed, does more, and says that all is well: nothing of it may be kept. */
static enum fz_result careless_work(struct fz_tx *tx, void *statement)
{
    const struct fz_value one = FZ_I(1);
    const struct fz_statement *broken = statement;
    (void)!fz_run(tx, &bulk_add, FZ_VALUES(FZ_I(1), FZ_B("x", 1), FZ_NIL), NULL);
    (void)!fz_run(tx, broken, &one, strlen(broken->binds), NULL);
    (void)!fz_run(tx, &bulk_add, FZ_VALUES(FZ_I(2), FZ_B("x", 1), FZ_NIL), NULL);
    return FZ_OK;
}

static void nothing_is_kept_after_a_failed_statement(void **state)
{
    (void)state;
    struct fz_error error;
    int64_t sum = -1;
    assert_int_equal(fz_store_write(ledger.store, careless_work, (void *)&account_break, &error), FZ_FAILED);
    assert_int_equal(error.row, FZ_ROW_NONE);
    assert_non_null(strstr(error.issue, "account_break: CHECK constraint failed"));
    assert_int_equal(fz_store_write(ledger.store, careless_work, (void *)&transfer_stray, &error), FZ_FAILED);
    assert_non_null(strstr(error.issue, "FOREIGN KEY"));
    /* A key that is taken, which the statement does not name. */
    assert_int_equal(fz_store_write(ledger.store, careless_work, (void *)&account_add_again, &error), FZ_FAILED);
    assert_non_null(strstr(error.issue, "account_add_again: UNIQUE constraint failed"));
    assert_int_equal(write(list_work, &sum), FZ_OK);
    assert_int_equal(sum, 0);
    assert_int_equal(ledger_balance(&ledger, 1), LEDGER_START);
}

static enum fz_result wrong_work(struct fz_tx *tx, void *argument)
{
    (void)argument;
    FZ_CURSOR row = {0};
    return fz_query_one(tx, &wrong_sql, NULL, 0, &row);
}

static void a_statement_that_does_not_prepare_fails(void **state)
{
    (void)state;
    struct fz_error error;
    assert_int_equal(fz_store_write(ledger.store, wrong_work, NULL, &error), FZ_FAILED);
    assert_string_equal(error.issue, "wrong_sql: no such table: nowhere (SQLite code 1)");
}

/* Draws a number, writes the row, draws the next one; then gives up, or not. */
static enum fz_result number_work(struct fz_tx *tx, void *argument)
{
    int64_t *numbers = argument;
    bool keep = numbers[0] != 0;
    if (fz_next_id(tx, "bulk", &numbers[0]) != FZ_OK ||
        fz_run(tx, &bulk_add, FZ_VALUES(FZ_I(numbers[0]), FZ_B("x", 1), FZ_NIL), NULL) != FZ_OK ||
        fz_next_id(tx, "bulk", &numbers[1]) != FZ_OK)
        return FZ_FAILED;
    return keep ? FZ_OK : fz_refuse(tx->error, FZ_SYSTEM_ERROR);
}

static void numbers_follow_what_is_kept(void **state)
{
    (void)state;
    int64_t numbers[2] = {1, 0};
    assert_int_equal(write(number_work, numbers), FZ_OK);
    assert_int_equal(numbers[0], 1);
    assert_int_equal(numbers[1], 2);
    numbers[0] = 0;
    assert_int_equal(write(number_work, numbers), FZ_REFUSED);
    assert_int_equal(numbers[0], 2);
    assert_int_equal(numbers[1], 3);
    numbers[0] = 1;
    assert_int_equal(write(number_work, numbers), FZ_OK);
    assert_int_equal(numbers[0], 2);
}

static enum fz_result no_such_table_work(struct fz_tx *tx, void *argument)
{
    return fz_next_id(tx, "no_such_table", argument);
}

static void numbers_of_no_table_fail(void **state)
{
    (void)state;
    int64_t number = 5;
    assert_int_equal(write(no_such_table_work, &number), FZ_FAILED);
    assert_int_equal(number, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_go_in_and_out, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(the_tenth_value_is_not_the_first, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(a_taken_number_is_a_conflict, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(changed_rows_are_counted, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(no_row_is_absent, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(nothing_is_kept_after_a_failed_statement, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(a_statement_that_does_not_prepare_fails, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(numbers_follow_what_is_kept, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(numbers_of_no_table_fail, open_ledger, close_ledger),
    };
    return cmocka_run_group_tests_name("store/statement", tests, NULL, NULL);
}
