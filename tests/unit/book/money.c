/* Money: sums, conversions both ways, fees, the table. All expected values are worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "book/money.h"

static int64_t from_cny(int64_t amount, const char *code)
{
    const struct fz_currency *currency = fz_currency_find(code);
    return fz_from_cny(amount, currency, fz_sandbox_rate(currency));
}

static int64_t to_cny(int64_t amount, const char *code)
{
    const struct fz_currency *currency = fz_currency_find(code);
    return fz_to_cny(amount, currency, fz_sandbox_rate(currency));
}

static void sums_are_checked(void **state)
{
    (void)state;
    int64_t sum = 7;
    assert_int_equal(fz_sum(2, -5, &sum), FZ_OK);
    assert_int_equal(sum, -3);
    assert_int_equal(fz_sum(INT64_MAX, 1, &sum), FZ_FAILED);
    assert_int_equal(fz_sum(INT64_MIN, -1, &sum), FZ_FAILED);
    assert_int_equal(sum, -3);
    assert_int_equal(fz_sum(INT64_MAX - 1, 1, &sum), FZ_OK);
    assert_true(sum == INT64_MAX);
}

static void conversion_rounds_half_up(void **state)
{
    (void)state;
    assert_int_equal(from_cny(10000, "USD"), 1538); /* 100 / 6.5 = 15.3846 */
    assert_int_equal(from_cny(13, "USD"), 2);
    assert_int_equal(to_cny(1, "USD"), 7); /* 6.5 fen */
    assert_int_equal(to_cny(2, "USD"), 13);
    assert_int_equal(from_cny(1, "ILS"), 1); /* 0.5 agorot */
    assert_int_equal(from_cny(3, "ILS"), 2); /* 1.5 */
    assert_int_equal(from_cny(0, "USD"), 0);
}

static void a_reversal_is_exact(void **state)
{
    (void)state;
    assert_int_equal(to_cny(-1, "USD"), -7);
    assert_int_equal(from_cny(-1, "ILS"), -1);
    assert_int_equal(from_cny(-10000, "USD"), -1538);
}

static void smallest_units_differ(void **state)
{
    (void)state;
    assert_int_equal(from_cny(10000, "JPY"), 1695); /* 100 / 0.059 = 1694.9 yen */
    assert_int_equal(to_cny(1694, "JPY"), 9995);    /* 99.946 */
    assert_int_equal(to_cny(1695, "JPY"), 10001);   /* 100.005 */
    assert_int_equal(from_cny(100, "VND"), 3571);   /* 1 / 0.00028 = 3571.4 */
    assert_int_equal(from_cny(12345, "CNY"), 12345);
    assert_int_equal(to_cny(12345, "CNY"), 12345);
}

static void large_amounts_stay_exact(void **state)
{
    (void)state;
    /* 1 000 000 000 / 0.00045 = 2 222 222 222 222.22 rupiah */
    assert_int_equal(from_cny(FZ_AMOUNT_MAX, "IDR"), INT64_C(222222222222222));
    /* 1 000 000 000.00 x 9.0 */
    assert_int_equal(to_cny(FZ_AMOUNT_MAX, "GBP"), INT64_C(900000000000));
}

static void fees_round_half_up(void **state)
{
    (void)state;
    assert_int_equal(fz_fee(10000, 60), 60);
    assert_int_equal(fz_fee(83, 60), 0);  /* 0.498 */
    assert_int_equal(fz_fee(84, 60), 1);  /* 0.504 */
    assert_int_equal(fz_fee(250, 20), 1); /* 0.5 */
    assert_int_equal(fz_fee(10000, 0), 0);
    assert_int_equal(fz_fee(10000, 10000), 10000);
    assert_int_equal(fz_fee(FZ_AMOUNT_MAX, 10000), FZ_AMOUNT_MAX);
}

/* 9 940 net and 60 of fee at 6.5: 1 538.46 and 1 529.23, so 9 of fee, though 60 alone are 9.23; 83 and 1:
 * 12.92 and 12.77, both 13, and no fee is left. */
static void the_net_rounds_by_itself_and_the_fee_is_the_rest(void **state)
{
    (void)state;
    const struct fz_currency *usd = fz_currency_find("USD"), *jpy = fz_currency_find("JPY");
    struct fz_gross parts = fz_gross_from_cny(9940, 60, usd, 650000000);
    assert_int_equal(parts.gross, 1538);
    assert_int_equal(parts.fee, 9);
    parts = fz_gross_from_cny(83, 1, usd, 650000000);
    assert_int_equal(parts.gross, 13);
    assert_int_equal(parts.fee, 0);
    parts = fz_gross_from_cny(4970, 30, jpy, 5000000);
    assert_int_equal(parts.gross, 1000);
    assert_int_equal(parts.fee, 6);
    parts = fz_gross_from_cny(9940, 60, fz_currency_find("CNY"), FZ_RATE_ONE);
    assert_int_equal(parts.gross, 10000);
    assert_int_equal(parts.fee, 60);
}

static void the_table_has_digits_by_iso_4217(void **state)
{
    (void)state;
    static const char *const two[] = {"CNY", "USD", "HKD", "EUR", "GBP", "SGD", "AUD", "NZD", "CAD",
                                      "CHF", "THB", "MYR", "IDR", "PHP", "TWD", "MOP", "INR", "AED",
                                      "SAR", "QAR", "ILS", "TRY", "RUB", "ZAR", "SEK", "NOK", "DKK",
                                      "PLN", "CZK", "HUF", "MXN", "BRL", "KHR", "LAK", "MMK"};
    static const char *const none[] = {"JPY", "KRW", "VND"};
    assert_int_equal(sizeof two / sizeof two[0] + sizeof none / sizeof none[0], 37 + 1);
    for (size_t i = 0; i < sizeof two / sizeof two[0]; i++) {
        const struct fz_currency *currency = fz_currency_find(two[i]);
        assert_non_null(currency);
        assert_string_equal(currency->code, two[i]);
        assert_int_equal(currency->digits, 2);
        assert_true(fz_sandbox_rate(currency) > 0);
    }
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_equal(fz_currency_find(none[i])->digits, 0);
    assert_int_equal(fz_sandbox_rate(fz_currency_find("CNY")), 100000000);
    assert_int_equal(fz_sandbox_rate(fz_currency_find("USD")), 650000000); /* S-RBILL */
    assert_null(fz_currency_find("XXX"));
    assert_null(fz_currency_find("usd"));
    assert_null(fz_currency_find(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_checked),
        cmocka_unit_test(conversion_rounds_half_up),
        cmocka_unit_test(a_reversal_is_exact),
        cmocka_unit_test(smallest_units_differ),
        cmocka_unit_test(large_amounts_stay_exact),
        cmocka_unit_test(fees_round_half_up),
        cmocka_unit_test(the_net_rounds_by_itself_and_the_fee_is_the_rest),
        cmocka_unit_test(the_table_has_digits_by_iso_4217),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
