/* An audit in slices while the book is written: nothing is found that is not there, and what is there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "book/audit/audit.h"
#include "book/settlement/pool.h"
#include "unit/book/refunds.h"

static struct fz_party child, other, merchant;

/* What happens before a snapshot, and how many there were. */
static struct {
    void (*act)(void);
    int snapshots;
    bool stands; /* the clock */
} beside;

static enum fz_result read_beside(void *by, fz_work work, void *argument)
{
    (void)by;
    beside.snapshots++;
    if (beside.act != NULL)
        beside.act();
    return BOOK(work(tx, argument));
}

/* One call after another: whatever was written is there. */
static enum fz_result pass_moment(void *by, int64_t *out)
{
    (void)by;
    *out = ++now_ms;
    return beside.stands ? FZ_ABSENT : FZ_OK;
}

static struct fz_audit audited(void (*act)(void))
{
    const struct fz_audit_reading reading = {.read = read_beside, .pass = pass_moment, .size = 4};
    struct fz_audit audit;
    beside.act = act;
    beside.snapshots = 0;
    assert_int_equal(fz_audit_in_slices(&reading, &audit), FZ_OK);
    return audit;
}

static void assert_found(const struct fz_audit *audit, int64_t count, const char *first)
{
    for (int64_t i = 0; i < audit->findings && i < FZ_AUDIT_FINDINGS_MAX; i++)
        if (audit->findings != count || strcmp(audit->list[0].what, first) != 0)
            print_error("found: %s\n", audit->list[i].what);
    assert_int_equal(audit->findings, count);
    assert_string_equal(count > 0 ? audit->list[0].what : "", first);
}

/* A bit of everything: marked and not, shared, refunded from the order, the pools and the recharged balance. */
static void trade(void)
{
    struct fz_payment marked = bought(&child, true, NULL), sale = bought(&other, false, NULL), own = bought(&merchant, false, NULL);
    (void)refunded(&other, &sale, 1000, 0);
    (void)refunded(&merchant, &own, 500, 0);
    wait_ms(5 * FZ_MINUTE_MS);
    distribute(&child, &marked, 2000, 3000, false);
    struct fz_refund closed = refunded(&child, &marked, 1500, 0);
    assert_int_equal(outcome(&closed, FZ_REFUND_CLOSED), FZ_OK);
    (void)refunded(&child, &marked, 1500, 0);
    recharge(INSTITUTION, 100);
}

static int begin(void **state)
{
    if (sandbox_new(state) != 0)
        return -1;
    memset(&beside, 0, sizeof beside);
    set_terms(INSTITUTION, "USD");
    child = institution();
    other = other_institution();
    merchant = direct();
    effective(&child, RECEIVER);
    outside("INSERT INTO book (id, seeded, seed, demo, created_ms, name) VALUES (1, 0, 0, 0, 0, 'first')");
    for (int i = 0; i < 5; i++) {
        trade();
        wait_ms(FZ_HOUR_MS);
    }
    return 0;
}

/* ---- writers ---- */

static void buy_and_give_back(void)
{
    struct fz_payment sale = bought(&child, false, NULL);
    now_ms += 7;
    (void)refunded(&child, &sale, 300, 0);
}

/* Every ten snapshots half a day: days end, are converted and paid out on the way, and new ones come as fast as they are read. */
static void trade_for_hours(void)
{
    if (beside.snapshots % 10 != 0)
        return;
    trade();
    wait_ms(12 * FZ_HOUR_MS);
}

/* Orders of before are refunded, as far as they can be, while what is under way is worked off. */
static void go_on_with_orders(void)
{
    static int64_t at;
    if (beside.snapshots % 4 != 0)
        return;
    struct fz_payment payment = payment_now(1 + at++ % 15);
    const struct fz_party *parties[] = {&child, &other, &merchant};
    struct fz_refund_request asked = refund_request(&payment, 10);
    (void)submit(parties[(payment.id - 1) % 3], &asked, NULL);
    wait_ms(20 * FZ_MINUTE_MS);
}

static void sound_beside_writers(void **state)
{
    (void)state;
    void (*const acts[])(void) = {NULL, buy_and_give_back, trade_for_hours, go_on_with_orders};
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        struct fz_audit audit = audited(acts[i]);
        assert_found(&audit, 0, "");
        assert_true(audit.held == audit.paid_in && audit.held > 0);
        assert_true(beside.snapshots > 40);
        if (acts[i] == buy_and_give_back || acts[i] == trade_for_hours) /* no snapshot at the end had all */
            assert_true(audit.payments < outside_number("SELECT COUNT(*) FROM payment"));
    }
    struct fz_audit audit = audited(NULL);
    assert_found(&audit, 0, "");
    assert_int_equal(audit.payments, outside_number("SELECT COUNT(*) FROM payment"));
    assert_int_equal(audit.refunds, outside_number("SELECT COUNT(*) FROM refund"));
    assert_int_equal(audit.postings, outside_number("SELECT COUNT(*) FROM posting"));
    assert_int_equal(audit.slices, outside_number("SELECT COUNT(*) FROM slice"));
    assert_int_equal(audit.pools, outside_number("SELECT COUNT(*) FROM pool"));
}

/* ---- faults ---- */

#define SPOIL "UPDATE payment SET refunded_fee = refunded_fee + 1 WHERE id = "
#define MEND  "UPDATE payment SET refunded_fee = refunded_fee - 1 WHERE id = "

static int when; /* before which snapshot */

/* The first order, at whatever time. */
static void spoil_first(void)
{
    if (beside.snapshots == when)
        outside(SPOIL "1");
}

static void spoil_last(void)
{
    if (beside.snapshots == when)
        outside(SPOIL "(SELECT MAX(id) FROM payment)");
}

/* The order's row, and the sum of all rows. */
static void assert_fee_found(const struct fz_audit *audit, int64_t row)
{
    char first[200];
    struct fz_payment payment = payment_now(row);
    snprintf(first, sizeof first, "payment %s: refunded_fee is %lld but its refunds come to %lld", payment.transaction_id,
             (long long)payment.refunded_fee, (long long)payment.refunded_fee - 1);
    assert_found(audit, 2, first);
}

static void a_fault_in_the_slice_that_comes_and_in_the_last(void **state)
{
    (void)state;
    when = 1;
    struct fz_audit audit = audited(spoil_first);
    assert_fee_found(&audit, 1);
    outside(MEND "1");
    when = 10; /* the entries are read */
    audit = audited(spoil_last);
    assert_fee_found(&audit, outside_number("SELECT MAX(id) FROM payment"));
}

/* An audit does not go back: what is spoilt behind it the next one finds. */
static void a_fault_in_what_was_read(void **state)
{
    (void)state;
    struct fz_audit audit = audited(NULL);
    when = beside.snapshots;
    audit = audited(spoil_first);
    assert_found(&audit, 0, "");
    audit = audited(NULL);
    assert_fee_found(&audit, 1);
}

/* ---- what is no fault ---- */

/* A row that is dated before a moment that has passed, as when the database's clock is put back. */
static void come_late(void)
{
    now_ms -= 10;
    (void)bought(&child, false, NULL);
    now_ms += 10;
}

static void rows_that_come_late(void **state)
{
    (void)state;
    struct fz_audit audit = audited(come_late);
    assert_found(&audit, 0, "");
    assert_int_equal(audit.payments, outside_number("SELECT COUNT(*) FROM payment"));
}

static void a_clock_that_stands_still(void **state)
{
    (void)state;
    beside.stands = true;
    struct fz_audit audit = audited(NULL);
    assert_found(&audit, 0, "");
    assert_int_equal(beside.snapshots, 1);
    assert_int_equal(audit.payments, 15);
    outside(SPOIL "1");
    audit = audited(NULL);
    assert_fee_found(&audit, 1);
}

/* ---- another book ---- */

static void reset_once(void)
{
    if (beside.snapshots == when)
        outside("UPDATE book SET name = 'second'; DELETE FROM event; DELETE FROM posting; DELETE FROM entry; DELETE FROM pool;"
                "DELETE FROM settlement_day; DELETE FROM settlement_pool; DELETE FROM slice; DELETE FROM distribution; DELETE FROM refund;"
                "DELETE FROM recharge; DELETE FROM recharged; DELETE FROM payment; DELETE FROM payout");
}

static void reset_always(void)
{
    outside("UPDATE book SET name = name || '+'");
}

/* Of two books nothing is mixed. */
static void a_reset_meanwhile(void **state)
{
    (void)state;
    struct fz_audit audit = audited(NULL);
    when = beside.snapshots / 2;
    audit = audited(reset_once);
    assert_found(&audit, 0, "");
    assert_int_equal(audit.payments + audit.entries + audit.refunds + audit.held, 0);
    assert_true(beside.snapshots > when);
}

static void resets_again_and_again(void **state)
{
    (void)state;
    const struct fz_audit_reading reading = {.read = read_beside, .pass = pass_moment, .size = 4};
    struct fz_audit audit;
    beside.act = reset_always;
    assert_int_equal(fz_audit_in_slices(&reading, &audit), FZ_CONFLICT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, sandbox_remove)
    const struct CMUnitTest tests[] = {
        TEST(sound_beside_writers),   TEST(a_fault_in_the_slice_that_comes_and_in_the_last),
        TEST(a_fault_in_what_was_read), TEST(rows_that_come_late),
        TEST(a_clock_that_stands_still), TEST(a_reset_meanwhile),
        TEST(resets_again_and_again),
    };
    return cmocka_run_group_tests_name("book/audit_slices", tests, NULL, NULL);
}
