/* What the audit counts and adds up besides, in a small book worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "book/audit/audit.h"
#include "unit/book/refunds.h"

static struct fz_party child;

static struct fz_audit audited(void)
{
    struct fz_audit audit;
    assert_booked(fz_audit(tx, &audit));
    return audit;
}

static int begin(void **state)
{
    if (sandbox_new(state) != 0)
        return -1;
    set_terms(INSTITUTION, "USD");
    child = institution();
    return 0;
}

/* 100.00 paid at 0.6 %, 30.00 of it back. */
static void totals(void **state)
{
    (void)state;
    struct fz_audit audit = audited();
    assert_int_equal(audit.entries + audit.postings + audit.payments + audit.refunds + audit.pools, 0);
    assert_int_equal(audit.findings, 0);
    struct fz_payment payment = bought(&child, true, NULL), sale = bought(&child, false, NULL);
    (void)refunded(&child, &payment, 3000, 0);
    (void)refunded(&child, &sale, 1000, 0);
    audit = audited();
    assert_int_equal(audit.findings, 0);
    assert_int_equal(audit.payments, 2);
    assert_int_equal(audit.refunds, 2);
    assert_int_equal(audit.distributions, 0);
    assert_int_equal(audit.slices, 0);
    assert_int_equal(audit.pools, 1);
    assert_int_equal(audit.entries, 4);
    assert_int_equal(audit.postings, 12); /* payer, fee, order or sales; refunding, order or sales, fee */
    assert_int_equal(audit.held, 20000);
    assert_int_equal(audit.paid_in, 20000);
    wait_ms(5 * FZ_MINUTE_MS);
    distribute(&child, &payment, 0, 1000, false);
    wait_ms(FZ_HOUR_MS);
    audit = audited();
    assert_int_equal(audit.findings, 0);
    assert_int_equal(audit.distributions, 1);
    assert_int_equal(audit.slices, 1);
    assert_int_equal(audit.pools, 2);
    assert_int_equal(audit.held, 16000);
    assert_int_equal(audit.paid_in, 16000);
}

/* More than it can tell one by one are counted all the same. */
static void more_findings_than_are_told(void **state)
{
    (void)state;
    for (int i = 0; i < FZ_AUDIT_FINDINGS_MAX + 2; i++)
        (void)bought(&child, false, NULL);
    outside("UPDATE payment SET payer_total = payer_total + 1 WHERE id <= 20");
    assert_int_equal(audited().findings, FZ_AUDIT_FINDINGS_MAX);
    outside("UPDATE payment SET payer_total = payer_total + 1 WHERE id = 21");
    struct fz_audit audit = audited();
    assert_int_equal(audit.findings, FZ_AUDIT_FINDINGS_MAX + 1);
    char last[100];
    snprintf(last, sizeof last, "payment %s: payer_total is 10001 but from the order follows 10000",
             payment_now(20).transaction_id);
    assert_string_equal(audit.list[FZ_AUDIT_FINDINGS_MAX - 1].what, last);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, sandbox_remove)
    const struct CMUnitTest tests[] = {TEST(totals), TEST(more_findings_than_are_told)};
    return cmocka_run_group_tests_name("book/audit_totals", tests, NULL, NULL);
}
