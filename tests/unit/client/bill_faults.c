/* A day's bill under every fault of each request that it is made of: what goes wrong gives no row, and what the next attempt mends
 * gives all of them. */
#include <stdio.h>
#include <string.h>

#include "unit/client/shop.h"

/* docs/control.md, "Faults". `unsigned_file`: what becomes of a file that has no signature, as that of a refund bill. */
struct fault {
    const char *members;
    enum fz_code code; /* of the error, if it strikes every attempt; FZ_CODE_NONE: none */
    enum fz_code unsigned_file;
    bool repeats; /* the library makes another attempt */
};

static const struct fault faults[] = {
    {"\"effect\":\"reset\"", FZ_CODE_NETWORK, FZ_CODE_NETWORK, true},
    {"\"effect\":\"reset\",\"when\":\"after\"", FZ_CODE_NETWORK, FZ_CODE_NETWORK, true},
    {"\"effect\":\"cut\"", FZ_CODE_NETWORK, FZ_CODE_NETWORK, true},
    {"\"error\":\"SYSTEM_ERROR\"", FZ_CODE_SYSTEM_ERROR, FZ_CODE_SYSTEM_ERROR, true},
    {"\"error\":\"OVERLOAD\"", FZ_CODE_SERVICE_UNAVAILABLE, FZ_CODE_SERVICE_UNAVAILABLE, true},
    {"\"effect\":\"wrong_signature\"", FZ_CODE_UNVERIFIED, FZ_CODE_NONE, false},
    {"\"effect\":\"no_signature\"", FZ_CODE_UNVERIFIED, FZ_CODE_NONE, false},
    {"\"effect\":\"stale_timestamp\"", FZ_CODE_UNVERIFIED, FZ_CODE_NONE, false},
    {"\"effect\":\"expired_certificate\"", FZ_CODE_NO_KEY, FZ_CODE_NONE, false},
    {"\"delay_ms\":20000", FZ_CODE_DEADLINE, FZ_CODE_DEADLINE, false},
};
#define FAULTS (sizeof faults / sizeof faults[0])

static int count_row(void *argument, const struct fz_bill_row *row)
{
    *(size_t *)argument += row->part == FZ_BILL_DETAIL;
    return 0;
}

/* The rows that came; *error is NULL when all did. */
static size_t read_bill(struct shop *shop, enum fz_bill_kind kind, const char *date, int64_t deadline_ms, fz_error **error)
{
    size_t rows = 0;
    struct fz_bill_day day = FZ_INIT(fz_bill_day);
    struct fz_call_options options = FZ_INIT(fz_call_options);
    day.kind = kind;
    day.date = date;
    day.sub_mchid = FZ_SANDBOX_SUB_MCHID;
    options.deadline_ms = deadline_ms;
    *error = NULL;
    int result = fz_bill_read_day(shop->client, &day, &options, count_row, &rows, error);
    assert_int_equal(result, *error == NULL ? 0 : -1);
    return rows;
}

static void is_struck(struct shop *shop, enum fz_bill_kind kind, const char *endpoint, const char *date, size_t all)
{
    fz_error *error;
    bool is_unsigned = strcmp(endpoint, "bill-file") == 0;
    for (size_t i = 0; i < FAULTS; i++) {
        enum fz_code code = is_unsigned ? faults[i].unsigned_file : faults[i].code;
        char once[120];
        shop_fault(shop, endpoint, faults[i].members);
        size_t rows = read_bill(shop, kind, date, code == FZ_CODE_DEADLINE ? 400 : 0, &error);
        if (rows != (code == FZ_CODE_NONE ? all : 0) || (error == NULL ? FZ_CODE_NONE : fz_error_code(error)) != code)
            fail_msg("%s under %s: %zu rows: %s", endpoint, faults[i].members, rows, error == NULL ? "no error" : fz_error_message(error));
        fz_error_free(error);
        shop_must(fz_sandbox_clear_faults(shop->sandbox));
        if (!faults[i].repeats)
            continue;
        snprintf(once, sizeof once, "%s,\"count\":1", faults[i].members);
        shop_fault(shop, endpoint, once);
        assert_int_equal(read_bill(shop, kind, date, 0, &error), all);
        assert_null(error);
        shop_must(fz_sandbox_clear_faults(shop->sandbox));
    }
}

static void what_goes_wrong_gives_no_row(void **state)
{
    struct shop *shop = *state;
    static const struct {
        enum fz_bill_kind kind;
        const char *endpoints[3];
    } bills[] = {{FZ_BILL_REFUNDS, {"refund-bill-url", "bill-file"}},
                 {FZ_BILL_DISTRIBUTIONS, {"distribution-bill-url", "bill-file"}},
                 {FZ_BILL_STATEMENT, {"statement"}}};
    char *date = NULL;
    fz_error *error;
    shop_must(fz_sandbox_demo_value(shop->sandbox, "BILL_DATE", &date));
    for (size_t i = 0; i < sizeof bills / sizeof bills[0]; i++) {
        size_t all = read_bill(shop, bills[i].kind, date, 0, &error);
        assert_null(error);
        assert_true(all > 0);
        for (const char *const *endpoint = bills[i].endpoints; *endpoint != NULL; endpoint++)
            is_struck(shop, bills[i].kind, *endpoint, date, all);
    }
    fz_sandbox_text_free(date);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_goes_wrong_gives_no_row, shop_open, shop_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
