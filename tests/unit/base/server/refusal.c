/* The table of refusals, held against the documents' limits; and how a refusal is written down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/server/refusal.h"
#include "base/text.h"

static void assert_code(const char *row, const char *code)
{
    size_t size = strlen(code);
    if (size == 0 || size > 32 || strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") != size)
        fail_msg("%s: code '%s'", row, code);
}

static void assert_message(const char *row, const char *message)
{
    long characters = fz_utf8_length(message, strlen(message));
    if (characters < 1 || characters > 256)
        fail_msg("%s: %ld characters: '%s'", row, characters, message);
    if (strpbrk(message, "\n\r\t\"\\") != NULL || message[0] == ' ' || message[strlen(message) - 1] == ' ')
        fail_msg("%s: unclean: '%s'", row, message);
}

/* S-RQ: code is a string(32), message a string(256). */
static void every_row_keeps_the_documents_limits(void **state)
{
    (void)state;
    for (int row = FZ_ROW_NONE + 1; row < FZ_ROW_COUNT; row++) {
        const struct fz_row_text *text = fz_row_text((enum fz_row)row);
        assert_code(text->name, text->code);
        assert_code(text->name, text->hk_code);
        assert_message(text->name, text->english);
        assert_message(text->name, text->chinese);
        for (const char *c = text->english; *c != '\0'; c++)
            assert_in_range(*c, 0x20, 0x7E);
        bool has_chinese = false;
        for (const char *c = text->chinese; *c != '\0'; c++)
            has_chinese |= (unsigned char)*c >= 0xE4;
        if (!has_chinese)
            fail_msg("%s: no Chinese in '%s'", text->name, text->chinese);
        if (text->status < 400 || text->status > 505 || text->number == 0 || text->when[0] == '\0')
            fail_msg("%s: status %d, number %u, when '%s'", text->name, text->status, text->number,
                     text->when);
    }
}

static void no_two_rows_share_a_name(void **state)
{
    (void)state;
    for (int a = 0; a < FZ_ROW_COUNT; a++)
        for (int b = a + 1; b < FZ_ROW_COUNT; b++)
            assert_string_not_equal(fz_row_text((enum fz_row)a)->name, fz_row_text((enum fz_row)b)->name);
}

/* One number stands for one reason, and so for one code: the vendor's 88430113, "balance not enough", has two
 * balances, and S-AMT describes three reasons in words of its own. */
static void numbers_tell_rows_apart(void **state)
{
    (void)state;
    for (int a = 1; a < FZ_ROW_COUNT; a++)
        for (int b = a + 1; b < FZ_ROW_COUNT; b++) {
            const struct fz_row_text *one = fz_row_text((enum fz_row)a), *other = fz_row_text((enum fz_row)b);
            if (one->number == other->number && strcmp(one->code, other->code) != 0)
                fail_msg("%s and %s share number %u", one->name, other->name, one->number);
        }
}

/* A client can tell its ten mistakes apart in either language (and the eleventh, the payload's mchid). */
static void each_sign_error_has_its_own_message(void **state)
{
    (void)state;
    int count = 0;
    for (int a = 1; a < FZ_ROW_COUNT; a++) {
        const struct fz_row_text *one = fz_row_text((enum fz_row)a);
        if (strcmp(one->code, "SIGN_ERROR") != 0)
            continue;
        count++;
        assert_int_equal(one->status, 401);
        assert_string_equal(one->hk_code, "SIGNERROR");
        for (int b = a + 1; b < FZ_ROW_COUNT; b++) {
            const struct fz_row_text *other = fz_row_text((enum fz_row)b);
            if (strcmp(other->code, "SIGN_ERROR") != 0)
                continue;
            assert_string_not_equal(one->english, other->english);
            assert_string_not_equal(one->chinese, other->chinese);
            assert_int_not_equal(one->number, other->number);
        }
    }
    assert_int_equal(count, 11);
}

/* The codes that the four documents print, with the status that they print or that the code stands for
 * elsewhere. */
static void the_documents_codes_are_there(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        int status;
        bool old;
    } documented[] = {
        {"INVALID_REQUEST", 400, false},    {"NO_AUTH", 403, false},
        {"SYSTEM_ERROR", 500, false},       {"NO_STATEMENT_EXIST", 400, false},
        {"STATEMENT_CREATING", 400, false}, {"SYSTEMERROR", 500, true},
        {"REFUNDNOTEXIST", 404, true},      {"INVALID_TRANSACTIONID", 400, true},
        {"PARAM_ERROR", 400, true},         {"APPID_NOT_EXIST", 400, true},
        {"MCHID_NOT_EXIST", 404, true},     {"REQUIRE_POST_METHOD", 405, true},
        {"SIGNERROR", 401, true},
    };
    for (size_t i = 0; i < sizeof documented / sizeof documented[0]; i++) {
        bool found = false;
        for (int row = 1; row < FZ_ROW_COUNT; row++) {
            const struct fz_row_text *text = fz_row_text((enum fz_row)row);
            found |= strcmp(documented[i].old ? text->hk_code : text->code, documented[i].code) == 0 &&
                     text->status == documented[i].status;
        }
        if (!found)
            fail_msg("%s %d is missing", documented[i].code, documented[i].status);
    }
}

/* A client reads the code and knows the kind of answer: one code, one status, but for INVALID_REQUEST, which
 * also says what the protocol refuses, and NOT_FOUND's kin. */
static void a_code_has_one_status(void **state)
{
    (void)state;
    for (int a = 1; a < FZ_ROW_COUNT; a++)
        for (int b = a + 1; b < FZ_ROW_COUNT; b++) {
            const struct fz_row_text *one = fz_row_text((enum fz_row)a), *other = fz_row_text((enum fz_row)b);
            if (strcmp(one->code, other->code) == 0 && strcmp(one->code, "INVALID_REQUEST") != 0 &&
                one->status != other->status)
                fail_msg("%s and %s: %s with two statuses", one->name, other->name, one->code);
        }
}

static void a_refusal_names_its_row_and_place(void **state)
{
    (void)state;
    struct fz_error error;
    memset(&error, 'x', sizeof error);
    assert_int_equal(fz_refuse(&error, FZ_BILL_NONE), FZ_REFUSED);
    assert_int_equal(error.row, FZ_BILL_NONE);
    assert_string_equal(error.field, "");
    assert_string_equal(error.value, "");
    assert_string_equal(error.issue, "");
    assert_string_equal(error.location, "");
    assert_int_equal(fz_refuse_at(&error, FZ_PARAM_ERROR, "query", "bill_date", "2026-02-30", FZ_ISSUE_NO_DATE),
                     FZ_REFUSED);
    assert_int_equal(error.row, FZ_PARAM_ERROR);
    assert_string_equal(error.field, "bill_date");
    assert_string_equal(error.value, "2026-02-30");
    assert_string_equal(error.issue, "is not a date that exists, as YYYY-MM-DD");
    assert_string_equal(error.issue_chinese, "不是有效日期，格式应为YYYY-MM-DD");
    assert_string_equal(error.location, "query");
    char large[10001];
    memset(large, 'v', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    assert_int_equal(fz_refuse_at(&error, FZ_PARAM_ERROR, large, large, large, FZ_ISSUE_NONE), FZ_REFUSED);
    assert_string_equal(error.issue, "");
    assert_int_equal(strlen(error.value), sizeof error.value - 1);
    assert_int_equal(strlen(error.location), sizeof error.location - 1);
}

/* Rows whose English text is the documents' own, to the letter. */
static bool is_documented(enum fz_row row)
{
    static const enum fz_row documented[] = {
        FZ_REQUIRE_POST_METHOD, FZ_SIGN_MISMATCH,         FZ_PARAM_ERROR,    FZ_NO_AUTH_RECEIVER, FZ_ORDER_NOT_DISTRIBUTABLE,
        FZ_ORDER_INCONSISTENT,  FZ_BALANCE_NOT_DISTRIBUTABLE, FZ_REFUND_UNKNOWN, FZ_BILL_NONE,        FZ_BILL_CREATING,
    };
    for (size_t i = 0; i < sizeof documented / sizeof documented[0]; i++)
        if (documented[i] == row)
            return true;
    return false;
}

/* Whether the Chinese text asks the reader to do something ("请", but for "请求", a request). */
static bool advises(const char *chinese)
{
    for (const char *at = chinese; (at = strstr(at, "请")) != NULL; at += strlen("请"))
        if (strncmp(at, "请求", strlen("请求")) != 0 && (at == chinese || strncmp(at - 3, "申请", strlen("申请")) != 0))
            return true;
    return false;
}

static void what_to_do_is_told_in_english_too(void **state)
{
    (void)state;
    for (int row = FZ_ROW_NONE + 1; row < FZ_ROW_COUNT; row++) {
        const struct fz_row_text *text = fz_row_text((enum fz_row)row);
        bool told = strstr(text->english, ". ") != NULL || strstr(text->english, ": ") != NULL ||
                    strstr(text->english, "has to ") != NULL || strstr(text->english, "Leave ") != NULL;
        if (advises(text->chinese) && !told && !is_documented((enum fz_row)row))
            fail_msg("%s: '%s' says less than '%s'", text->name, text->english, text->chinese);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_keeps_the_documents_limits),
        cmocka_unit_test(no_two_rows_share_a_name),
        cmocka_unit_test(numbers_tell_rows_apart),
        cmocka_unit_test(each_sign_error_has_its_own_message),
        cmocka_unit_test(the_documents_codes_are_there),
        cmocka_unit_test(a_code_has_one_status),
        cmocka_unit_test(what_to_do_is_told_in_english_too),
        cmocka_unit_test(a_refusal_names_its_row_and_place),
    };
    return cmocka_run_group_tests_name("base_server_refusal", tests, NULL, NULL);
}
