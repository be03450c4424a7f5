/* The demo book's story: whatever the time of day at which it is told, the documents' own numbers and the
 * bills are there. */
#include "unit/emptied.h"
#include "unit/server/place.h"

#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "book/audit/audit.h"
#include "book/bill/refund_bill.h"
#include "book/bill/slice_bill.h"
#include "book/distribution/distribution.h"
#include "book/merchant/merchant.h"
#include "book/order/payment.h"
#include "book/refund/refund.h"
#include "book/settlement/pool.h"
#include "server/birth/tell.h"
#include "server/keys/identity.h"
#include "server/keys/platform_key.h"
#include "world/moment.h"

static int64_t now_ms;

static enum fz_result tell(struct fz_tx *tx, void *argument)
{
    struct fz_world_fault fault = {0};
    tx->now_ms = now_ms;
    enum fz_result result = fz_platform_ensure(tx, &place_secrets, NULL);
    if (result == FZ_OK)
        result = fz_world_tell(tx, &place_secrets, argument, &fault);
    assert_string_equal(fault.why, "");
    assert_int_equal(tx->now_ms, now_ms);
    return result;
}

#define IN_BOOK(call) assert_int_equal(call, FZ_OK)

static bool refunds_on(struct fz_tx *tx, const char *caller, const char *sub_mchid, int day)
{
    bool exists;
    IN_BOOK(fz_refund_bill_exists(tx, caller, sub_mchid, day, &exists));
    return exists;
}

static bool slices_on(struct fz_tx *tx, const char *caller, const char *sub_mchid, int day)
{
    bool exists;
    IN_BOOK(fz_slice_bill_exists(tx, caller, sub_mchid, day, &exists));
    return exists;
}

struct bill {
    int refunds, of_two_sources, with_voucher;
};

static enum fz_result count(void *argument, const struct fz_refund_line *line)
{
    struct bill *bill = argument;
    bill->refunds++;
    bill->of_two_sources += line->own.gross > 0 && line->funds.gross > 0;
    bill->with_voucher += line->coupon_cny > 0;
    return FZ_OK;
}

/* interface.md: "On BILL_DATE the institution has refunds of both children, at least one drawn from two
 * sources and one with a voucher; the direct merchant has at least one." */
static void check_bills(struct fz_tx *tx, int day)
{
    struct bill bill = {0};
    int64_t last, seen;
    IN_BOOK(fz_refund_bill_each(tx, "1900000100", "", day, 0, 100, count, &bill, &last, &seen));
    assert_int_equal(bill.refunds, 3);
    assert_int_equal(bill.of_two_sources, 1);
    assert_int_equal(bill.with_voucher, 1);
    assert_true(refunds_on(tx, "1900000100", "1900000109", day) &&
                refunds_on(tx, "1900000100", "1900000110", day));
    assert_true(refunds_on(tx, "1900000120", "", day) && slices_on(tx, "1900000120", "", day));
    assert_true(slices_on(tx, "1900000100", "1900000109", day));
    assert_false(refunds_on(tx, "1900000100", "", day - 1) || refunds_on(tx, "1900000120", "", day - 1));
    assert_false(slices_on(tx, "1900000100", "", day - 1) || slices_on(tx, "1900000120", "", day - 1));
}

static void check_documents_numbers(struct fz_tx *tx)
{
    struct fz_party institution, child;
    struct fz_payment payment;
    struct fz_refund refund;
    int64_t balance;
    IN_BOOK(fz_party_find(tx, "1900000100", NULL, &institution));
    IN_BOOK(fz_party_find(tx, "1900000100", "1900000109", &child));
    IN_BOOK(fz_party_check_contract(tx, &institution));
    IN_BOOK(fz_payment_for_distribution(tx, &child, "4208450740201411110007820472", &payment));
    assert_int_equal(payment.distributable, 1000);
    IN_BOOK(fz_refund_told(tx, &child, "1217752501201407033233368018", &refund));
    assert_string_equal(refund.out_refund_no, "1217752501201407033233368018");
    assert_int_equal(refund.state, FZ_REFUND_SUCCESS);
    IN_BOOK(fz_pool_balance(tx, "1900000100", FZ_POOL_OUTBOUND, &balance));
    assert_int_equal(balance, 1000);
}

static void check_direct_merchant(struct fz_tx *tx)
{
    struct fz_party direct;
    struct fz_payment payment;
    IN_BOOK(fz_party_find(tx, "1900000120", NULL, &direct));
    IN_BOOK(fz_party_check_contract(tx, &direct));
    IN_BOOK(fz_payment_for_distribution(tx, &direct, "4208450740201411110007820480", &payment));
    assert_int_equal(payment.distributable, 4958); /* 8000 - 48 - 2000 - (1000 - 6) */
}

static enum fz_result check(struct fz_tx *tx, void *expected_day)
{
    struct fz_audit audit;
    int day;
    tx->now_ms = now_ms;
    IN_BOOK(fz_parse_day(expected_day, &day));
    assert_int_equal(fz_bill_day_at(now_ms), day);
    check_bills(tx, day);
    check_documents_numbers(tx);
    check_direct_merchant(tx);
    IN_BOOK(fz_audit(tx, &audit));
    if (audit.findings > 0)
        fail_msg("%s", audit.list[0].what);
    return FZ_OK;
}

static void told_at(const char *time, const char *bill_date)
{
    IN_BOOK(fz_parse_time(time, &now_ms));
    struct fz_world_file *file = fz_world_file_demo();
    assert_non_null(file);
    place_write(tell, file);
    fz_world_file_free(file);
    IN_BOOK(fz_store_read_once(place_store, check, (void *)(uintptr_t)bill_date));
}

static void a_minute_after_midnight(void **state)
{
    (void)state;
    told_at("2026-03-01T00:01:00+08:00", "2026-02-27");
}

static void at_midnight(void **state)
{
    (void)state;
    told_at("2026-03-01T00:00:00+08:00", "2026-02-27");
}

static void just_before_bills_are_out(void **state)
{
    (void)state;
    told_at("2026-03-01T09:59:59.999+08:00", "2026-02-27");
}

static void when_bills_are_out(void **state)
{
    (void)state;
    told_at("2026-03-01T10:00:00+08:00", "2026-02-28");
}

static void just_before_midnight(void **state)
{
    (void)state;
    told_at("2026-12-31T23:59:59.999+08:00", "2026-12-30");
}

static enum fz_result read_serial(struct fz_tx *tx, void *out)
{
    return fz_identity_serial(tx, "1900000100", out);
}

static void again_with_the_same_numbers_and_certificates(void **state)
{
    (void)state;
    char first[FZ_SERIAL_SIZE], second[FZ_SERIAL_SIZE];
    for (int i = 0; i < 2; i++) {
        told_at(i == 0 ? "2026-03-01T10:00:00+08:00" : "2026-05-01T23:00:00+08:00",
                i == 0 ? "2026-02-28" : "2026-04-30");
        IN_BOOK(fz_store_read_once(place_store, read_serial, i == 0 ? first : second));
        IN_BOOK(emptied(place_store));
    }
    assert_string_equal(first, second);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, place_open, place_close)
    const struct CMUnitTest tests[] = {
        TEST(a_minute_after_midnight),   TEST(at_midnight),
        TEST(just_before_bills_are_out), TEST(when_bills_are_out),
        TEST(just_before_midnight),      TEST(again_with_the_same_numbers_and_certificates),
    };
    return cmocka_run_group_tests_name("demo", tests, NULL, NULL);
}
