/* A book of an earlier schema gets what it misses, keeps what it has, and is then as one made today. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/dialect.h"
#include "store/store.h"

static char directory[64], old_path[80], new_path[80];

static int begin(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/fenzhang-schema-XXXXXX");
    if (mkdtemp(directory) == NULL)
        return -1;
    snprintf(old_path, sizeof old_path, "%s/old.db", directory);
    snprintf(new_path, sizeof new_path, "%s/new.db", directory);
    return 0;
}

static int end(void **state)
{
    (void)state;
    static const char *const endings[] = {"", "-lock", "-wal", "-shm", "-acknowledged"};
    const char *paths[] = {old_path, new_path};
    for (size_t i = 0; i < 10; i++) {
        char path[100];
        snprintf(path, sizeof path, "%s%s", paths[i / 5], endings[i % 5]);
        (void)unlink(path);
    }
    return rmdir(directory);
}

static void run(const char *path, const char *sql)
{
    sqlite3 *handle;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    char *fault = NULL;
    if (sqlite3_exec(handle, sql, NULL, NULL, &fault) != SQLITE_OK)
        fail_msg("%s", fault);
    sqlite3_close(handle);
}

/* All rows of a query, one after another. */
static void read_rows(const char *path, const char *sql, char *out, size_t size)
{
    sqlite3 *handle;
    sqlite3_stmt *query;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &query, NULL), SQLITE_OK);
    size_t used = 0;
    while (sqlite3_step(query) == SQLITE_ROW && used < size)
        used += (size_t)snprintf(out + used, size - used, "%s;", sqlite3_column_text(query, 0));
    assert_true(used < size);
    sqlite3_finalize(query);
    sqlite3_close(handle);
}

static void open_and_close(const char *path)
{
    static const unsigned char secret[32];
    struct fz_world *world = fz_world_new(true, 7, secret);
    struct fz_store_options options = {.path = path, .world = world};
    struct fz_store *store;
    char why[400] = "";
    if (fz_store_open(&options, &store, why, sizeof why) != FZ_OK)
        fail_msg("%s", why);
    fz_store_close(store);
    fz_world_free(world);
}

static void a_book_of_the_first_schema(void **state)
{
    (void)state;
    char *first = fz_dialect_text(&fz_dialect_sqlite, fz_migrations[0]);
    run(old_path, first);
    free(first);
    run(old_path, "INSERT INTO merchant VALUES ('1900000200', 1, NULL, NULL, 60, 'USD', 3000, 0, NULL);"
                  "INSERT INTO payment VALUES (1, '42', '1900000200', '', 'T1', x'00', 'NATIVE', 2, 'tea', "
                  "NULL, 'http://shop/n', NULL, NULL, 100,"
                  " 'CNY', 1, 100, 'CNY', 100000000, 'USD', 650000000, 0, 1, NULL, 0, 60, 100, 1, 0, 0, 0, "
                  "0, 0, 40, 40, 0, 0, 40, 1, 5,"
                  " 1, 9, 2);"
                  "INSERT INTO refund VALUES (1, '50', '1900000200', '', 'R1', x'00', 1, '42', 'T1', NULL, "
                  "NULL, 1, 0, 40, 'CNY', 40,"
                  " 'CNY', 1, 650000000, 0, 1, NULL, 0, 0, 40, 0, 40, 0, 40, 0, 0, 0, 60, 'USD', 650000000, "
                  "1, 1, 'account', 2, 5, NULL,"
                  " NULL);"
                  "INSERT INTO refund SELECT 2, '51', caller, sub_mchid, 'R2', digest, payment, "
                  "transaction_id, out_trade_no, reason,"
                  " notify_url, fund_source, marked, amount, currency, payer_refund, payer_currency, "
                  "rate_type, rate, coupon_type,"
                  " coupon_scope, promotion_id, coupon_amount, coupon_refund, settled, coupon_settled, "
                  "own_gross, own_fee, own_net,"
                  " funds_gross, funds_fee, funds_net, fee_rate, settlement_currency, settlement_rate, 3, "
                  "channel, recv_account,"
                  " order_success_ms, 6, NULL, NULL FROM refund;"
                  "INSERT INTO distribution VALUES (1, 'D', 1, '1900000200', '', 'D1', x'00', 1, 2, 5, 9);"
                  /* 20453 is 2025-12-31, 20454 the first and 20484 the last of January, 20512 and 20513 of February and March. */
                  "INSERT INTO slice SELECT v.column1, 1, 'S' || v.column1, '1900000200', '', 0, v.column2, v.column3, v.column4, 'd',"
                  " v.column6, NULL, 'USD', 650000000, 1, 5, 9, v.column5 FROM (VALUES"
                  " (1, 'PERSONAL_OPENID', 'oA', 1, 20453, 2), (2, 'PERSONAL_OPENID', 'oA', 20, 20454, 2),"
                  " (3, 'PERSONAL_OPENID', 'oA', 300, 20484, 2), (4, 'PERSONAL_OPENID', 'oA', 4000, 20512, 2),"
                  " (5, 'PERSONAL_OPENID', 'oA', 50000, 20513, 2), (6, 'PERSONAL_OPENID', 'oB', 6, 20484, 2),"
                  " (7, 'PERSONAL_SUB_OPENID', 'oA', 7, 20484, 2), (8, 'MERCHANT_ID', 'oA', 8, 20484, 2),"
                  " (9, 'PERSONAL_OPENID', 'oA', 9, NULL, 3), (10, 'PERSONAL_OPENID', 'oA', 10, 0, 2),"
                  " (11, 'PERSONAL_OPENID', 'oA', 11, 19782, 2), (12, 'PERSONAL_OPENID', 'oA', 12, 2932896, 2)) v;"
                  "INSERT INTO entry VALUES (1, 4, 2, 6); INSERT INTO entry VALUES (2, 6, 2, 77);"
                  "PRAGMA user_version=1; PRAGMA application_id=1719296619"); /* "fzbk" */
    assert_int_equal(chmod(old_path, 0600), 0); /* what others can read is refused */
    open_and_close(old_path);
    open_and_close(new_path);
    static char migrated[20000], fresh[20000], receipts[600], told[80], wanted[16];
    static const char
        schema[] =
            "SELECT type || ' ' || name || ' ' || (SELECT group_concat(p.name || ' ' || p.type, ',')"
            " FROM pragma_table_info(s.name) p) FROM sqlite_schema s WHERE type = 'table' ORDER BY name",
        indexes[] =
            "SELECT name || sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name";
    read_rows(old_path, schema, migrated, sizeof migrated);
    read_rows(new_path, schema, fresh, sizeof fresh);
    assert_true(strlen(fresh) > 1000);
    assert_string_equal(migrated, fresh);
    read_rows(old_path, indexes, migrated, sizeof migrated);
    read_rows(new_path, indexes, fresh, sizeof fresh);
    assert_string_equal(migrated, fresh);
    read_rows(old_path, "SELECT refund_id || ' ' || amount || ' ' || recharged FROM refund", told,
              sizeof told);
    assert_string_equal(told, "50 40 0;51 40 0;");
    read_rows(old_path, "SELECT refund_id || ' ' || COALESCE(closed_ms, 'none') FROM refund ORDER BY id",
              told, sizeof told);
    assert_string_equal(told, "50 none;51 77;"); /* when it was closed the journal says */
    read_rows(old_path, "SELECT out_trade_no || ' ' || state || ' ' || revoked_ms FROM payment", told,
              sizeof told);
    assert_string_equal(told, "T1 2 0;");
    /* It was paid before anybody was told of that: nobody is told now, unless asked for. */
    read_rows(old_path,
              "SELECT event_id || ' ' || kind || ' ' || subject || ' ' || url || ' ' || state || ' ' || attempts FROM notification",
              told, sizeof told);
    assert_string_equal(told, "EV-1-1 1 1 http://shop/n 3 0;");
    /* What persons were paid is added up by the months of 1970-01, 2024-02 (a 29th), 2025-12, 2026-01 to 03 and 9999-12. */
    read_rows(old_path, "SELECT account || ' ' || type || ' ' || month || ' ' || amount FROM receipts ORDER BY account, type, month",
              receipts, sizeof receipts);
    assert_string_equal(receipts, "oA PERSONAL_OPENID 0 10;oA PERSONAL_OPENID 19754 11;oA PERSONAL_OPENID 20423 1;"
                                  "oA PERSONAL_OPENID 20454 320;oA PERSONAL_OPENID 20485 4000;oA PERSONAL_OPENID 20513 50000;"
                                  "oA PERSONAL_OPENID 2932866 12;oA PERSONAL_SUB_OPENID 20454 7;oB PERSONAL_OPENID 20454 6;");
    snprintf(wanted, sizeof wanted, "%zu;", fz_migration_count);
    read_rows(old_path, "PRAGMA user_version", told, sizeof told);
    assert_string_equal(told, wanted);
    /* As it was, it lies beside it. */
    char kept_path[100];
    snprintf(kept_path, sizeof kept_path, "%s-schema-1", old_path);
    read_rows(kept_path, "PRAGMA user_version", told, sizeof told);
    assert_string_equal(told, "1;");
    read_rows(kept_path, "SELECT refund_id FROM refund", told, sizeof told);
    assert_string_equal(told, "50;51;");
    assert_int_equal(unlink(kept_path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_book_of_the_first_schema, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
