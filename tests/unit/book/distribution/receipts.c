/* What a person may be paid in a calendar month: to the fen, and found without adding up what was paid. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "book/distribution/rail.h"
#include "store/sqlite/connection.h"
#include "unit/book/sandbox.h"

#define SHOP "1900003001"

FZ_STATEMENT(totals, "SELECT COUNT(*) FROM receipts", "", "i");
FZ_STATEMENT(months, "SELECT SUM(amount) FROM receipts", "", "i");
/* The first slice once more, a thousand times. */
FZ_STATEMENT(thousand,
             "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
             " INSERT INTO slice SELECT 1000 + i, distribution, detail_id || '-' || i, caller, sub_mchid, to_sponsor,"
             " type, account, 1, description, result, fail_reason, settlement_currency, settlement_rate,"
             " settlement_amount, created_ms, finished_ms, bill_day FROM slice, n WHERE id = 1",
             "", "");

static struct fz_party party;
static struct fz_distribution out;

static int story(void **state)
{
    int failed = sandbox_new(state);
    if (failed != 0)
        return failed;
    party = institution();
    effective(&party, SHOP);
    return 0;
}

static struct fz_payment order;

/* What becomes of `amount` to a person under `number`: "" = it was paid. */
static const char *given(const struct fz_party *from, const char *number, const char *openid, int64_t amount)
{
    struct fz_distribution_request asked = request(&order, number, false);
    add_slice(&asked, openid, amount);
    asked.appid = "wx1";
    asked.slices[0].type = "PERSONAL_OPENID";
    assert_booked(fz_distribution_submit(tx, from, &asked, &out));
    pass(now_ms + FZ_MINUTE_MS);
    assert_booked(fz_distribution_find(tx, from, number, order.transaction_id, &out));
    assert_int_equal(out.slices[0].result,
                     out.slices[0].fail_reason[0] == '\0' ? FZ_SLICE_SUCCESS : FZ_SLICE_CLOSED);
    return out.slices[0].fail_reason;
}

static void person(const struct fz_party *of, const char *openid)
{
    struct fz_receiver receiver = {.type = "PERSONAL_OPENID", .appid = "wx1", .relation_type = "SUPPLIER"};
    strcpy(receiver.caller, of->caller);
    strcpy(receiver.sub_mchid, of->sub_mchid);
    strcpy(receiver.account, openid);
    assert_booked(fz_receiver_add(tx, &receiver));
    assert_booked(fz_rail_receiver_audited(tx, receiver.id, PASSED));
}

/* 200 000.00 CNY a person and calendar month, whoever pays. */
static void a_person_s_month(void **state)
{
    (void)state;
    const char *limit = "RECEIVER_RECEIPT_LIMIT";
    struct fz_party other = direct();
    person(&party, "oA");
    person(&party, "oB");
    person(&other, "oA");
    order = frozen(&party, "A2", 300000000); /* 90 000 000 of it to others */
    int64_t before = payment_now(order.id).distributable;
    assert_string_equal(given(&party, "P1", "oA", 20000001), limit);
    assert_int_equal(payment_now(order.id).distributable, before);
    assert_string_equal(given(&party, "P2", "oA", 19999999), "");
    assert_string_equal(given(&party, "P3", "oA", 2), limit);
    assert_string_equal(given(&party, "P4", "oA", 1), "");
    assert_string_equal(given(&party, "P5", "oA", 1), limit);
    assert_string_equal(given(&party, "P6", "oB", 20000000), "");
    assert_int_equal(payment_now(order.id).distributable, before - 40000000);
    assert_int_equal(payment_now(order.id).to_receivers, 40000000);
    struct fz_payment ours = order;
    order = frozen(&other, "A1", 10000);
    assert_string_equal(given(&other, "P1", "oA", 1), limit);
    order = ours;
    struct fz_distribution_request asked = request(&order, "P0", false);
    add_slice(&asked, SHOP, 20000001); /* a merchant may be paid more */
    assert_booked(fz_distribution_submit(tx, &party, &asked, &out));
    pass(now_ms + FZ_MINUTE_MS);
    assert_booked(fz_distribution_find(tx, &party, "P0", order.transaction_id, &out));
    assert_int_equal(out.slices[0].result, FZ_SLICE_SUCCESS);

    int64_t february_ms = fz_day_start_ms(20485); /* 2026-02-01 */
    pass(february_ms - 61 * FZ_SECOND_MS);
    assert_string_equal(given(&party, "P7", "oA", 1), limit);
    assert_true(out.slices[0].finished_ms < february_ms);
    pass(february_ms);
    assert_string_equal(given(&party, "P8", "oA", 20000000), "");
    assert_string_equal(given(&party, "P9", "oA", 1), limit);
    assert_int_equal(number(&totals), 3); /* oA's two months and oB's one; nothing of what failed, and no merchant's */
    assert_int_equal(number(&months), 60000000);
}

/* ---- what a decision costs ---- */

/* What SQLite's machine did for the statements of the transaction since this was last asked. */
static int64_t steps(struct fz_tx *transaction)
{
    int64_t sum = 0;
    for (sqlite3_stmt *one = NULL; (one = sqlite3_next_stmt(transaction->connection->handle, one)) != NULL;)
        sum += sqlite3_stmt_status(one, SQLITE_STMTSTATUS_VM_STEP, true);
    return sum;
}

/* Submits a slice of 1 fen to oA and works it off; returns the steps that this took. */
static int64_t steps_of_one_more(const char *number)
{
    struct fz_distribution_request asked = request(&order, number, false);
    add_slice(&asked, "oA", 1);
    asked.appid = "wx1";
    asked.slices[0].type = "PERSONAL_OPENID";
    assert_booked(fz_distribution_submit(tx, &party, &asked, &out));
    struct fz_tx *open = sandbox_begin();
    (void)steps(open);
    enum fz_result result = fz_rail_distributed(open, out.id);
    int64_t took = steps(open);
    assert_int_equal(sandbox_end(result), FZ_OK);
    assert_booked(fz_distribution_find(tx, &party, number, order.transaction_id, &out));
    assert_int_equal(out.slices[0].result, FZ_SLICE_SUCCESS);
    return took;
}

/* A thousand slices before make a decision no dearer: not by one step. */
static void a_decision_reads_one_row(void **state)
{
    (void)state;
    person(&party, "oA");
    order = frozen(&party, "A1", 100000);
    (void)steps_of_one_more("P1"); /* the person's first of the month, which makes the row */
    int64_t before = steps_of_one_more("P2");
    assert_booked(fz_run(tx, &thousand, NULL, 0, NULL));
    assert_true(before > 0);
    assert_int_equal(steps_of_one_more("P3"), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_person_s_month, story, sandbox_audit_and_remove),
        cmocka_unit_test_setup_teardown(a_decision_reads_one_row, story, sandbox_remove),
    };
    return cmocka_run_group_tests_name("book/receipts", tests, NULL, NULL);
}
