/* JSON that does not fit its rows: what is refused, what is passed over, and which member is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "spec/error/error.h"
#include "spec/refund/refund.h"
#include "spec/row/json.h"

#define REFUND(amount, more)                                                                                 \
    "{\"id\":\"5030\",\"out_refund_no\":\"R1\",\"amount\":{\"refund\":" amount ",\"payer_refund\":7,"         \
    "\"exchange_rate\":{\"type\":\"SETTLEMENT_RATE\",\"rate\":650000000}}" more "}"

static struct fz_arena arena;
static struct fz_refund_answer refund;
static char fault[FZ_MEMBER_NAME_SIZE];

static int begin(void **state)
{
    (void)state;
    arena = (struct fz_arena){.max = 1 << 16};
    refund = (struct fz_refund_answer){0};
    return 0;
}

static int end(void **state)
{
    (void)state;
    fz_arena_done(&arena);
    return 0;
}

static enum fz_result read_refund(const char *text)
{
    return fz_members_read(fz_refund_answer_members, text, strlen(text), &arena, &refund, fault);
}

static void what_is_not_there_is_not_given(void **state)
{
    (void)state;
    assert_int_equal(read_refund(REFUND("7", ",\"detail\":null,\"channel\":null")), FZ_OK);
    assert_string_equal(refund.id, "5030");
    assert_int_equal(refund.amount.refund, 7);
    assert_int_equal(refund.amount.exchange_rate.rate, 650000000);
    assert_null(refund.status);
    assert_null(refund.detail);
    assert_null(refund.channel);
    assert_null(refund.create_time.text);
    assert_int_equal(refund.create_time.ms, 0);
}

/* A newer service may say more than this library knows. */
static void what_is_not_known_is_passed_over(void **state)
{
    (void)state;
    assert_int_equal(read_refund(REFUND("7", ",\"new\":{\"a\":[1,2]},\"status\":\"A_NEW_WORD\"")), FZ_OK);
    assert_string_equal(refund.status, "A_NEW_WORD");
}

static void an_empty_list_is_given(void **state)
{
    (void)state;
    assert_int_equal(read_refund(REFUND("7", ",\"detail\":[]")), FZ_OK);
    assert_non_null(refund.detail);
    assert_int_equal(refund.detail_count, 0);
}

/* A time as it was sent; one that is none has no milliseconds. */
static void times(void **state)
{
    (void)state;
    assert_int_equal(read_refund(REFUND("7", ",\"create_time\":\"2026-01-05T10:00:00+08:00\",\"success_time\":\"soon\"")), FZ_OK);
    assert_true(refund.create_time.ms == INT64_C(1767578400000));
    assert_string_equal(refund.create_time.text, "2026-01-05T10:00:00+08:00");
    assert_string_equal(refund.success_time.text, "soon");
    assert_int_equal(refund.success_time.ms, 0);
}

static void the_member_at_fault_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *fault;
    } cases[] = {
        {"", ""},
        {"[]", ""},
        {"{\"id\":", ""},
        {"{\"id\":7}", "id"},
        {"{\"id\":\"a\\u0000b\"}", "id"},
        {"{}", "amount"},
        {"{\"amount\":5}", "amount"},
        {"{\"amount\":{}}", "amount.refund"},
        {REFUND("\"7\"", ""), "amount.refund"},
        {REFUND("7.0", ""), "amount.refund"},
        {REFUND("null", ""), "amount.refund"},
        {REFUND("7", ",\"detail\":{}"), "detail"},
        {REFUND("7", ",\"detail\":[5]"), "detail"},
        {REFUND("7", ",\"detail\":[{\"amount\":\"x\"}]"), "detail.amount"},
        {REFUND("7", ",\"create_time\":5"), "create_time"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(read_refund(cases[i].text), FZ_MALFORMED);
        assert_string_equal(fault, cases[i].fault);
    }
}

/* Strings in an array, and what may come in other forms; read strictly, what fits none is at fault. */
static void strings_and_loose_members(void **state)
{
    (void)state;
    static const char good[] = "{\"code\":\"A\",\"detail\":[{\"value\":-7,\"detail\":[{\"issue\":\"i\"},5]}],"
                               "\"diagnosis\":{\"also\":[\"X\",\"Y\",\"\"]}}";
    static const struct {
        const char *text, *fault;
    } cases[] = {
        {"{\"code\":5}", "code"},
        {"{\"detail\":[]}", "detail"},
        {"{\"detail\":[5]}", "detail"},
        {"{\"detail\":{\"value\":[]}}", "detail.value"},
        {"{\"detail\":{\"field\":5}}", "detail.field"},
        {"{\"detail\":{\"sign_information\":[{}]}}", "detail.sign_information"},
        {"{\"diagnosis\":{\"also\":\"X\"}}", "diagnosis.also"},
        {"{\"diagnosis\":{\"also\":[\"X\",5]}}", "diagnosis.also"},
    };
    struct fz_error_answer error = {0};
    assert_int_equal(fz_members_read(fz_error_answer_members, good, sizeof good - 1, &arena, &error, fault), FZ_OK);
    assert_string_equal(error.detail.value, "-7");
    assert_string_equal(error.detail.detail.issue, "i");
    assert_int_equal(error.diagnosis.also_count, 3);
    assert_string_equal(error.diagnosis.also[1], "Y");
    assert_string_equal(error.diagnosis.also[2], "");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *text = cases[i].text;
        assert_int_equal(fz_members_read(fz_error_answer_members, text, strlen(text), &arena, &error, fault),
                         FZ_MALFORMED);
        assert_string_equal(fault, cases[i].fault);
    }
}

/* 9223372036854775808 is no 64-bit number: it is refused, not cut. */
static void numbers_of_64_bits(void **state)
{
    (void)state;
    assert_int_equal(read_refund(REFUND("9223372036854775807", "")), FZ_OK);
    assert_true(refund.amount.refund == INT64_MAX);
    assert_int_equal(read_refund(REFUND("9223372036854775808", "")), FZ_MALFORMED);
}

/* However long a list is, it takes no more memory than the arena may. */
static void a_long_list_meets_the_arena(void **state)
{
    (void)state;
    struct fz_text text = {.max = 1 << 16};
    fz_text_string(&text, "{\"detail\":[{}");
    for (size_t i = 0; i < 5000; i++)
        fz_text_string(&text, ",{}");
    fz_text_string(&text, "]}");
    struct fz_refund_submit_answer accepted = {0};
    assert_int_equal(fz_members_read(fz_refund_submit_answer_members, text.data, text.size, &arena, &accepted, fault),
                     FZ_MALFORMED); /* without its amount */
    static const struct fz_member lists[] = {
        FZ_LIST_AS("detail", fz_refund_answer, detail, fz_refund_coupon, fz_recharge_balance_answer_members, 0, 9), {0}};
    assert_int_equal(fz_members_read(lists, text.data, text.size, &arena, &refund, fault), FZ_FAILED);
    fz_text_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_not_there_is_not_given, begin, end),
        cmocka_unit_test_setup_teardown(what_is_not_known_is_passed_over, begin, end),
        cmocka_unit_test_setup_teardown(an_empty_list_is_given, begin, end),
        cmocka_unit_test_setup_teardown(times, begin, end),
        cmocka_unit_test_setup_teardown(the_member_at_fault_is_named, begin, end),
        cmocka_unit_test_setup_teardown(strings_and_loose_members, begin, end),
        cmocka_unit_test_setup_teardown(numbers_of_64_bits, begin, end),
        cmocka_unit_test_setup_teardown(a_long_list_meets_the_arena, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
