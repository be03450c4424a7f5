/* How SQLite finds the rows of each statement of the program: by an index, wherever a request or an event waits
 * for it. A table that grows with the trade must not be read from end to end on the writer's thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "store/dialect.h"
#include "store/store.h"

static sqlite3 *book;

/* The schema alone: a plan asks for no rows. */
static int make_schema(void **state)
{
    (void)state;
    if (sqlite3_open(":memory:", &book) != SQLITE_OK)
        return -1;
    for (size_t i = 0; i < fz_migration_count; i++) {
        char *script = fz_dialect_text(&fz_dialect_sqlite, fz_migrations[i]);
        int code = sqlite3_exec(book, script, NULL, NULL, NULL);
        free(script);
        if (code != SQLITE_OK)
            return -1;
    }
    return 0;
}


/* Needs no index: the engine reads the first rows of an order, or the statement is asked for all there is, or it
 * stops by itself. Each with the one step of its plan that is allowed. */
static const struct allowed {
    const char *name, *step, *reason;
} allowed[] = {
    {"event_first", "SCAN event USING COVERING INDEX event_due", "the first row of an index"},
    {"event_next", "SEARCH event USING COVERING INDEX event_due (due_ms>?)", "$2 rows at most"},
    {"event_due", "SEARCH event USING INDEX event_due (due_ms<?)", "the first row of an index"},
    {"event_claim", "SEARCH e USING INDEX event_due (due_ms>? AND due_ms<?)", "the first row of an index"},
    {"event_claim", "SCAN clock_move", "one row at most"},
    {"flight_take", "SCAN clock_move", "one row at most"},
    {"event_count", "SEARCH event USING COVERING INDEX event_due (due_ms<?)", "$2 at most"},
    {"event_count", "SCAN e", "the count of those"},
    {"event_list_aside", "SCAN event USING INDEX event_set_aside", "those set aside, which are few"},
    {"event_take_up", "SCAN event USING INDEX event_set_aside", "those set aside, which are few"},
    {"notification_waiting", "SCAN notification USING INDEX notification_due", "$1 at most"},
    {"notification_waiting", "SCAN n", "the count of those"},
    {"notification_next_due", "SEARCH notification USING INDEX notification_due (due_ms>?)", "the next row"},
    {"notification_next_host", "SEARCH notification USING INDEX notification_host (host>?)", "the next row"},
    {"notification_list", "SEARCH notification USING INDEX notification_time (created_ms<?)",
     "a page of all, on the control interface's own connection"},
    {"notification_list_of_order", "USE TEMP B-TREE FOR ORDER BY", "those of orders that have one number, by their time"},
    {"notification_list_of_refund", "USE TEMP B-TREE FOR ORDER BY", "those of refunds that have one number, by their time"},
    {"refund_of_payment", "USE TEMP B-TREE FOR ORDER BY", "the refunds of one order, which are 50 at most"},
    {"settlement_batches", "USE TEMP B-TREE FOR ORDER BY", "the batches of one merchant in a span of days"},
    {"payout_pool", "SEARCH settlement_pool USING INTEGER PRIMARY KEY (rowid>?)", "the next row"},
    {"merchant_all", "SCAN m USING INDEX sqlite_autoindex_merchant_1", "the list of all merchants"},
    {"directory_callers", "SCAN merchant USING INDEX sqlite_autoindex_merchant_1", "all, at the start"},
    {"directory_keys", "SCAN merchant_key USING INDEX sqlite_autoindex_merchant_key_1", "all, at the start"},
    /* The platform has few keys: one more with each rotation. */
    {"directory_platform", "SCAN platform_key", "few rows"},
    {"export_holders", "SCAN merchant USING INDEX sqlite_autoindex_merchant_1", "all, at the start"},
    {"export_platform", "SCAN platform_key", "few rows"},
    {"export_public_key_of", "SCAN k", "few rows"},
    {"platform_all", "SCAN platform_key", "few rows"},
    {"platform_certificates", "SCAN k", "few rows"},
    {"platform_certificates", "SEARCH n USING INTEGER PRIMARY KEY (rowid>?)", "few rows"},
    {"platform_last", "SCAN platform_key", "few rows"},
    {"export_entries", "SEARCH entry USING INDEX entry_time (time_ms>?)", "500 at a time"},
    {"export_receivers", "SCAN receiver", "all, for a world file"},
    {"export_unpaid", "SCAN payment", "all, for a world file"},
    {"rate_all", "SCAN rate USING INDEX sqlite_autoindex_rate_1", "a row a currency"},
    {"platform_first", "SCAN platform_key", "few rows"},
    {"platform_public", "SCAN platform_key", "few rows"},
    {"platform_signing", "SCAN platform_key", "few rows"},
    {"platform_waiting", "SCAN platform_key", "few rows"},
    {"pool_open_all", "SCAN slots", "as many as a pool has"},
};
#define ALLOWED (sizeof allowed / sizeof allowed[0])

static bool met[ALLOWED];

static bool is_allowed(const char *name, const char *step)
{
    for (size_t i = 0; i < ALLOWED; i++)
        if (strcmp(allowed[i].name, name) == 0 && strcmp(allowed[i].step, step) == 0)
            return met[i] = true;
    return false;
}

/* A step that begins at one value of an index reads what belongs to that value; one that only has a bound, or
 * none, reads as much as there is. */
static bool begins_at_a_value(const char *step)
{
    const char *first = strchr(step, '(');
    if (strncmp(step, "SEARCH ", 7) == 0)
        return strstr(step, "AUTOMATIC") == NULL &&
               (first == NULL || strcspn(first, "=") < strcspn(first, "<>"));
    bool reads = strncmp(step, "SCAN ", 5) == 0 || strncmp(step, "USE TEMP", 8) == 0;
    return !reads || strcmp(step, "SCAN CONSTANT ROW") == 0; /* others are headings */
}

/* How many steps of its plan read more than they may. */
static int faults_of(const char *name, const char *sql, bool tell)
{
    char *text = fz_dialect_text(&fz_dialect_sqlite, sql), *question = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", text);
    sqlite3_stmt *steps;
    int faults = 0;
    if (sqlite3_prepare_v2(book, question, -1, &steps, NULL) != SQLITE_OK)
        fail_msg("%s: %s", name, sqlite3_errmsg(book));
    while (sqlite3_step(steps) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(steps, 3);
        if (begins_at_a_value(step) || is_allowed(name, step))
            continue;
        faults++;
        if (tell)
            print_error("%s: %s\n", name, step);
    }
    sqlite3_finalize(steps);
    sqlite3_free(question);
    free(text);
    return faults;
}

/* An audit goes through the whole book, on a connection of its own. */
static bool is_of_the_audit(const char *name)
{
    return strncmp(name, "audit_", 6) == 0;
}

static void no_statement_reads_a_table_through(void **state)
{
    (void)state;
    size_t count, faults = 0;
    const struct fz_statement *statements = fz_statements(&count);
    assert_true(count > 150);
    for (size_t i = 0; i < count; i++)
        if (!is_of_the_audit(statements[i].name))
            faults += (size_t)faults_of(statements[i].name, statements[i].sql, true);
    for (size_t i = 0; i < ALLOWED; i++)
        if (!met[i]) {
            print_error("%s needs no exception any more: %s\n", allowed[i].name, allowed[i].step);
            faults++;
        }
    assert_int_equal(faults, 0);
}

/* fz_next_id's own, one for each table that has an id. */
static void the_highest_number_is_one_look(void **state)
{
    (void)state;
    sqlite3_stmt *tables;
    int seen = 0;
    assert_int_equal(sqlite3_prepare_v2(book,
                                        "SELECT 'SELECT max(id) FROM \"' || t.name || '\"' FROM sqlite_schema t"
                                        " JOIN pragma_table_info(t.name) c ON c.name = 'id' AND t.type = 'table'",
                                        -1, &tables, NULL),
                     SQLITE_OK);
    for (; sqlite3_step(tables) == SQLITE_ROW; seen++)
        assert_int_equal(faults_of("max(id)", (const char *)sqlite3_column_text(tables, 0), true), 0);
    sqlite3_finalize(tables);
    assert_true(seen > 10);
}

/* The test itself finds what is wrong. */
static void what_reads_through_is_found(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "SELECT id FROM payment WHERE out_trade_no = $1 || 'x' OR description = $1",
        "SELECT id FROM payment WHERE description = $1 ORDER BY id LIMIT 1",
        "SELECT id FROM receiver WHERE account > $1",
        "SELECT id FROM refund WHERE id > $1 AND reason = $2",
        "UPDATE receiver SET penalised = 1 WHERE name = $1",
        "SELECT caller FROM notification WHERE caller = $1 ORDER BY url",
        "SELECT p.id FROM payment p JOIN refund r ON r.reason = p.description WHERE p.id = $1",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (faults_of("own", wrong[i], false) == 0)
            fail_msg("%s", wrong[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_statement_reads_a_table_through),
        cmocka_unit_test(the_highest_number_is_one_look),
        cmocka_unit_test(what_reads_through_is_found),
    };
    return cmocka_run_group_tests_name("store/plans", tests, make_schema, NULL);
}
