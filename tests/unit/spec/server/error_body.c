/* Bodies of refusals: as the documents show them, and whole whatever a peer sends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "spec/client/error_body.h"
#include "spec/server/error_body.h"
#include "wire/doctor/doctor.h"

static const struct fz_manner english = {0}, chinese = {.chinese = true}, old = {.old_spelling = true},
                              old_chinese = {.old_spelling = true, .chinese = true};

static void assert_body(const struct fz_error *error, const struct fz_manner *manner, const char *expected)
{
    struct fz_text text = {.max = 65536};
    assert_int_equal(fz_error_body_write(&text, error, manner, NULL), FZ_OK);
    assert_string_equal(text.data, expected);
    fz_text_done(&text);
}

/* New. The body must be one JSON object in UTF-8 without supplementary characters. */
static json_t *read_body(const struct fz_error *error, const struct fz_manner *manner,
                         const struct fz_sign_information *sign)
{
    struct fz_text text = {.max = 65536};
    assert_int_equal(fz_error_body_write(&text, error, manner, sign), FZ_OK);
    assert_true(fz_utf8_length(text.data, text.size) > 0);
    json_error_t why;
    json_t *body = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
    if (body == NULL)
        fail_msg("%s in %s", why.text, text.data);
    fz_text_done(&text);
    return body;
}

static const char *member(json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    if (value == NULL)
        fail_msg("no string %s", name);
    return value;
}

static void code_and_message_follow_prefix_and_language(void **state)
{
    (void)state;
    struct fz_error error = {.row = FZ_REFUND_UNKNOWN};
    assert_body(&error, &english,
                "{\"code\":\"RESOURCE_NOT_EXISTS\",\"message\":\"Failed to view the refund order\"}");
    assert_body(&error, &old,
                "{\"code\":\"REFUNDNOTEXIST\",\"message\":\"Failed to view the refund order\"}");
    assert_body(&error, &chinese,
                "{\"code\":\"RESOURCE_NOT_EXISTS\",\"message\":\"退款单查询失败，请检查订单号和订单状态\"}");
    assert_body(&error, &old_chinese,
                "{\"code\":\"REFUNDNOTEXIST\",\"message\":\"退款单查询失败，请检查订单号和订单状态\"}");
    error.row = FZ_BILL_NONE;
    assert_body(
        &error, &english,
        "{\"code\":\"NO_STATEMENT_EXIST\",\"message\":\"The requested billing file does not exist.\"}");
    error.row = FZ_SYSTEM_ERROR;
    assert_body(&error, &english,
                "{\"code\":\"SYSTEM_ERROR\",\"message\":\"System error. Call the API again with the same "
                "parameters\"}");
    assert_body(&error, &old, "{\"code\":\"SYSTEMERROR\",\"message\":\"Errors returned from the API\"}");
}

/* The sample of S-RQ but for its code: the table there has detail with PARAM_ERROR alone. */
static void a_parameter_error_tells_the_place(void **state)
{
    (void)state;
    struct fz_error error;
    assert_int_equal(fz_refuse_at(&error, FZ_PARAM_ERROR, "body", "/payer", "1346177081915535577",
                                  FZ_ISSUE_NONE),
                     FZ_REFUSED);
    fz_copy(error.issue, sizeof error.issue, "It is different from ALLOF schema");
    assert_body(&error, &old,
                "{\"code\":\"PARAM_ERROR\",\"message\":\"Request parameter was not properly filled in as "
                "instructed.\","
                "\"detail\":{\"field\":\"#/properties/payer\",\"value\":\"1346177081915535577\","
                "\"issue\":\"It is different from ALLOF schema\",\"location\":\"body\"}}");
    assert_body(&error, &english,
                "{\"code\":\"PARAM_ERROR\",\"message\":\"Request parameter was not properly filled in as "
                "instructed.\","
                "\"detail\":{\"field\":\"/payer\",\"value\":\"1346177081915535577\","
                "\"issue\":\"It is different from ALLOF schema\",\"location\":\"body\"}}");
    assert_int_equal(fz_refuse_at(&error, FZ_PARAM_NO_SUB_MCHID, "query", "sub_mchid", "", FZ_ISSUE_REQUIRED),
                     FZ_REFUSED);
    assert_body(
        &error, &english,
        "{\"code\":\"PARAM_ERROR\",\"message\":\"An institution has to send sub_mchid\","
        "\"detail\":{\"field\":\"sub_mchid\",\"value\":\"\",\"issue\":\"is missing: it is required\",\"location\":\"query\"}}");
}

/* One language an answer: what is wrong with a value is said in that of the message. */
static void the_issue_is_in_the_language_of_the_message(void **state)
{
    (void)state;
    struct fz_error error;
    assert_int_equal(fz_refuse_at(&error, FZ_PARAM_ERROR, "query", "bill_date", "20260105", FZ_ISSUE_NO_DATE), FZ_REFUSED);
    assert_body(&error, &chinese,
                "{\"code\":\"PARAM_ERROR\",\"message\":\"参数错误，请检查请求参数\",\"detail\":{\"field\":\"bill_date\","
                "\"value\":\"20260105\",\"issue\":\"不是有效日期，格式应为YYYY-MM-DD\",\"location\":\"query\"}}");
    assert_body(&error, &english,
                "{\"code\":\"PARAM_ERROR\",\"message\":\"Request parameter was not properly filled in as instructed.\","
                "\"detail\":{\"field\":\"bill_date\",\"value\":\"20260105\","
                "\"issue\":\"is not a date that exists, as YYYY-MM-DD\",\"location\":\"query\"}}");
}

static void fields_are_pointers_in_bodies_and_names_elsewhere(void **state)
{
    (void)state;
    static const struct {
        const char *location, *field;
        const struct fz_manner *manner;
        const char *expected;
    } cases[] = {
        {"body", "/amount/currency", &english, "/amount/currency"},
        {"body", "/amount/currency", &old, "#/properties/amount/currency"},
        {"body", "/from/1/amount", &old, "#/properties/from/1/amount"},
        {"body", "", &english, ""},
        {"body", "", &old, "#"},
        {"query", "bill_date", &english, "bill_date"},
        {"query", "bill_date", &old, "bill_date"},
        {"url", "id", &old, "id"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fz_error error;
        assert_int_equal(fz_refuse_at(&error, FZ_PARAM_ERROR, cases[i].location, cases[i].field, "v", FZ_ISSUE_EMPTY),
                         FZ_REFUSED);
        json_t *body = read_body(&error, cases[i].manner, NULL);
        json_t *detail = json_object_get(body, "detail");
        assert_string_equal(member(detail, "field"), cases[i].expected);
        assert_string_equal(member(detail, "location"), cases[i].location);
        json_decref(body);
    }
}

/* Rows without a place keep `detail` whole but for the location; all other rows have none, whatever the error
 * holds. */
static void detail_comes_with_parameter_errors_alone(void **state)
{
    (void)state;
    for (int row = 1; row < FZ_ROW_COUNT; row++) {
        struct fz_error error;
        assert_int_equal(fz_refuse_at(&error, (enum fz_row)row, NULL, "f", "v", FZ_ISSUE_EMPTY), FZ_REFUSED);
        for (int manners = 0; manners < 4; manners++) {
            struct fz_manner manner = {.old_spelling = manners & 1, .chinese = manners & 2};
            json_t *body = read_body(&error, &manner, NULL);
            assert_in_range(strlen(member(body, "code")), 1, 32);
            const char *message = member(body, "message");
            assert_in_range(fz_utf8_length(message, strlen(message)), 1, 256);
            json_t *detail = json_object_get(body, "detail");
            if (strcmp(fz_row_text(error.row)->code, "PARAM_ERROR") == 0) {
                assert_string_equal(member(detail, "field"), "f");
                assert_string_equal(member(detail, "value"), "v");
                assert_string_equal(member(detail, "issue"), manner.chinese ? "为空" : "is empty");
                assert_int_equal(json_object_size(detail), 3);
                assert_int_equal(json_object_size(body), 3);
            } else {
                assert_null(detail);
                assert_int_equal(json_object_size(body), 2);
            }
            json_decref(body);
        }
    }
}

static void assert_detail_text(const char *text)
{
    long characters = fz_utf8_length(text, strlen(text));
    assert_in_range(characters, 0, 256);
    for (const char *c = text; *c != '\0'; c++)
        assert_true((unsigned char)*c >= 0x20 && *c != 0x7F);
}

/* `value` in every place at once; what the body then says about it. */
static void assert_echo(const char *value, const char *expected)
{
    for (int manners = 0; manners < 2; manners++) {
        struct fz_error error;
        struct fz_manner manner = {.old_spelling = manners == 1};
        assert_int_equal(fz_refuse_with(&error, FZ_PARAM_ERROR, "body", value, value, FZ_ISSUE_UNLISTED,
                                        &(struct fz_issue_values){.words = value}),
                         FZ_REFUSED);
        json_t *body = read_body(&error, &manner, NULL);
        json_t *detail = json_object_get(body, "detail");
        assert_detail_text(member(detail, "field"));
        assert_detail_text(member(detail, "value"));
        assert_detail_text(member(detail, "issue"));
        if (expected != NULL) {
            assert_string_equal(member(detail, "value"), expected);
            char issue[300] = "is not one of: ";
            strcat(issue, expected);
            assert_string_equal(member(detail, "issue"), issue);
        }
        json_decref(body);
    }
}

static void nothing_a_peer_sends_breaks_the_json(void **state)
{
    (void)state;
    assert_echo("\"", "\"");
    assert_echo("\",\"code\":\"OK", "\",\"code\":\"OK");
    assert_echo("\\", "\\");
    assert_echo("\\u0000\\\"", "\\u0000\\\"");
    assert_echo("</script><script>", "</script><script>");
    assert_echo("a\nb\r\tc\x01\x1F\x7F.", "a?b??c???.");
    assert_echo("\x1B[31mred", "?[31mred");
    assert_echo("\xE5\x85\x83", "\xE5\x85\x83");
    assert_echo("\xF0\x9F\x98\x80", "????"); /* an emoji: the API knows no supplementary plane */
    assert_echo("\xFF\xFE\x80", "???");
    assert_echo("\xC0\xAF\xC1\x81", "????");           /* over-long */
    assert_echo("\xED\xA0\xBD\xED\xB8\x80", "??????"); /* surrogates */
    assert_echo("\xE5\x85", "??");                     /* cut short */
    assert_echo("\xE2\x80\xA8\xE2\x80\xA9", "\xE2\x80\xA8\xE2\x80\xA9");
    assert_echo("%00%0d%0a", "%00%0d%0a");
    char pair[] = "xy";
    for (int first = 1; first < 256; first++) {
        pair[0] = (char)first;
        assert_echo(pair, NULL);
    }
}

static void long_values_are_cut_at_256_characters(void **state)
{
    (void)state;
    static const char *const units[] = {
        "a", "\"", "\x01", "\xC3\xA4", "\xE5\x85\x83", "\xF0\x9F\x98\x80", "\xFF", "\xE5\x85"};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        char large[10001] = "";
        size_t step = strlen(units[i]);
        for (size_t at = 0; at + step < sizeof large; at += step)
            strcpy(large + at, units[i]);
        assert_echo(large, NULL);
    }
    char digits[10001];
    for (size_t i = 0; i < sizeof digits; i++)
        digits[i] = (char)('0' + i % 10);
    digits[10000] = '\0';
    struct fz_error error;
    assert_int_equal(fz_refuse_at(&error, FZ_PARAM_ERROR, "body", digits, digits, FZ_ISSUE_NONE), FZ_REFUSED);
    json_t *body = read_body(&error, &old, NULL);
    json_t *detail = json_object_get(body, "detail");
    assert_int_equal(strlen(member(detail, "value")), 256);
    assert_memory_equal(member(detail, "value"), digits, 256);
    assert_int_equal(strlen(member(detail, "field")), 256);
    assert_memory_equal(member(detail, "field"), "#/properties0123456789", 22);
    json_decref(body);
}

/* The vendor's sample: POST to the JSAPI path with a body that begins {"appid". */
static void a_mismatch_shows_the_message_that_was_verified(void **state)
{
    (void)state;
    const char *sent = "{\"appid\":\"wxd678efh567hg6787\",\"mchid\":\"1230000109\"}";
    struct fz_sign_information sign = {
        "POST", "/v3/pay/transactions/jsapi", "1717834061", "cg55d1ns.c25", sent, strlen(sent)};
    struct fz_error error = {.row = FZ_SIGN_MISMATCH};
    struct fz_text text = {.max = 65536};
    assert_int_equal(fz_error_body_write(&text, &error, &english, &sign), FZ_OK);
    assert_string_equal(text.data,
                        "{\"code\":\"SIGN_ERROR\",\"message\":\"Signature error\","
                        "\"detail\":{\"detail\":{\"issue\":\"sign not "
                        "match\"},\"field\":\"signature\",\"location\":\"authorization\","
                        "\"sign_information\":{\"method\":\"POST\",\"sign_message_length\":108,"
                        "\"truncated_sign_message\":\"POST\\n/v3/pay/transactions/"
                        "jsapi\\n1717834061\\ncg55d1ns.c25\\n{\\\"appid\\\"\\n\","
                        "\"url\":\"/v3/pay/transactions/jsapi\"}}}");
    fz_text_done(&text);
    assert_body(&error, &old, "{\"code\":\"SIGNERROR\",\"message\":\"Signature error\"}");
}

static json_t *information(json_t *body)
{
    return json_object_get(json_object_get(body, "detail"), "sign_information");
}

static void only_a_mismatch_has_the_diagnosis(void **state)
{
    (void)state;
    struct fz_sign_information sign = {"GET", "/", "1", "n", NULL, 0};
    for (int row = 1; row < FZ_ROW_COUNT; row++) {
        struct fz_error error = {.row = (enum fz_row)row};
        json_t *body = read_body(&error, &english, &sign);
        if (row == FZ_SIGN_MISMATCH) {
            assert_string_equal(member(information(body), "truncated_sign_message"), "GET\n/\n1\nn\n\n");
            assert_int_equal(json_integer_value(json_object_get(information(body), "sign_message_length")),
                             11);
        } else {
            assert_null(information(body));
        }
        json_decref(body);
    }
}

static void the_body_is_cut_after_eight_characters(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        size_t size;
        const char *shown;
        size_t shown_size;
    } cases[] = {
        {"", 0, "", 0},
        {"1234567", 7, "1234567", 7},
        {"12345678", 8, "12345678", 8},
        {"123456789", 9, "12345678", 8},
        {"{\r\n\t\"a\": 1}", 11, "{\r\n\t\"a\":", 8}, /* line ends stay to be seen */
        {"\xE5\x85\x83\xE5\x85\x83\xC3\xA4"
         "56789",
         13,
         "\xE5\x85\x83\xE5\x85\x83\xC3\xA4"
         "56789",
         13},
        {"\xE5\x85\x83\xE5\x85\x83\xC3\xA4"
         "567890",
         14,
         "\xE5\x85\x83\xE5\x85\x83\xC3\xA4"
         "56789",
         13},
        {"\xF0\x9F\x98\x80"
         "56789",
         9, "????5678", 8},
        {"\xFF\xFE\x80\xE5\x85"
         "a\xC3",
         7, "?????a?", 7},
        {"a\0b", 3, "a\0b", 3},
        {"\xE5\x85", 2, "??", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *exact = malloc(cases[i].size + 1);
        memcpy(exact, cases[i].body, cases[i].size);
        char *sent = realloc(exact, cases[i].size > 0 ? cases[i].size : 1);
        struct fz_sign_information sign = {"POST", "/v3", "1", "n", sent, cases[i].size};
        struct fz_error error = {.row = FZ_SIGN_MISMATCH};
        json_t *body = read_body(&error, &english, &sign);
        json_t *shown = json_object_get(information(body), "truncated_sign_message");
        const char *text = json_string_value(shown);
        size_t size = json_string_length(shown);
        assert_int_equal(size, 13 + cases[i].shown_size + 1);
        assert_memory_equal(text, "POST\n/v3\n1\nn\n", 13);
        assert_memory_equal(text + 13, cases[i].shown, cases[i].shown_size);
        assert_int_equal(text[size - 1], '\n');
        assert_int_equal(json_integer_value(json_object_get(information(body), "sign_message_length")),
                         14 + cases[i].size);
        json_decref(body);
        free(sent);
    }
}

static void hostile_messages_stay_bounded(void **state)
{
    (void)state;
    static const char *const units[] = {"a", "\"", "\\", "\x01", "\xE5\x85\x83", "\xFF", "\xF0\x9F\x98\x80"};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        char large[16001] = "";
        size_t step = strlen(units[i]);
        for (size_t at = 0; at + step < sizeof large; at += step)
            strcpy(large + at, units[i]);
        struct fz_sign_information sign = {large, large, large, large, large, strlen(large)};
        struct fz_error error = {.row = FZ_SIGN_MISMATCH};
        json_t *body = read_body(&error, &english, &sign);
        assert_int_equal(json_integer_value(json_object_get(information(body), "sign_message_length")),
                         5 * strlen(large) + 5);
        const char *url = member(information(body), "url");
        assert_int_equal(fz_utf8_length(url, strlen(url)), 2048);
        json_decref(body);
    }
}

static void a_full_buffer_is_told_and_left_as_it_was(void **state)
{
    (void)state;
    struct fz_error error = {.row = FZ_BILL_NONE};
    struct fz_text text = {.max = 40};
    fz_text_string(&text, "before");
    assert_int_equal(fz_error_body_write(&text, &error, &english, NULL), FZ_FULL);
    assert_string_equal(text.data, "before");
    fz_text_done(&text);
}

/* What a client is told is what was meant, of every row, in either spelling and language. */
static void the_other_end_reads_what_is_written(void **state)
{
    (void)state;
    const struct fz_manner *const manners[] = {&english, &chinese, &old, &old_chinese};
    for (int row = FZ_ROW_NONE + 1; row < FZ_ROW_COUNT; row++)
        for (size_t i = 0; i < sizeof manners / sizeof manners[0]; i++) {
            struct fz_error error = {.row = (enum fz_row)row, .field = "bill_date", .value = "\"\n", .location = "query"};
            struct fz_text text = {.max = 65536};
            struct fz_arena arena = {.max = 1 << 16};
            struct fz_error_answer body;
            assert_int_equal(fz_error_body_write(&text, &error, manners[i], NULL), FZ_OK);
            assert_int_equal(fz_error_body_read(text.data, text.size, &arena, &body), FZ_OK);
            const struct fz_row_text *meant = fz_row_text(error.row);
            assert_string_equal(body.code, manners[i]->old_spelling ? meant->hk_code : meant->code);
            assert_string_equal(body.message, manners[i]->chinese ? meant->chinese
                                                                  : fz_row_english(error.row, manners[i]->old_spelling));
            bool placed = strcmp(meant->code, "PARAM_ERROR") == 0;
            assert_int_equal(body.has_detail, placed);
            if (placed) {
                assert_string_equal(body.detail.field, "bill_date");
                assert_string_equal(body.detail.value, "\"?"); /* a control character is written as a question mark */
                assert_string_equal(body.detail.location, "query");
            }
            assert_false(body.has_diagnosis || body.detail.has_sign_information);
            fz_arena_done(&arena);
            fz_text_done(&text);
        }
}

static const struct fz_diagnosis diagnosis = {.mistake = "LAST_NEWLINE_MISSING",
                                              .also = {"BODY_CHARSET"},
                                              .says = "Sign the last \"\\n\" too",
                                              .differs = true,
                                              .offset = 0,
                                              .line = 1,
                                              .signed_line = "GET\\n",
                                              .expected_line = "POST\\n"};

/* The order of members is that of the API's own sample, with the sandbox's behind it. */
static void a_diagnosis_stands_at_the_end(void **state)
{
    (void)state;
    struct fz_sign_information sign = {"POST", "/", "1", "n", "", 0, &diagnosis};
    struct fz_error error = {.row = FZ_SIGN_SCHEME};
    struct fz_text text = {.max = 65536};
    assert_int_equal(fz_error_body_write(&text, &error, &english, &sign), FZ_OK);
    assert_string_equal(strstr(text.data, ",\"diagnosis\":"),
                        ",\"diagnosis\":{\"mistake\":\"LAST_NEWLINE_MISSING\",\"also\":[\"BODY_CHARSET\"],"
                        "\"message\":\"Sign the last \\\"\\\\n\\\" too\",\"offset\":0,\"line\":1,"
                        "\"signed\":\"GET\\\\n\",\"expected\":\"POST\\\\n\"}}");
    fz_text_done(&text);
    static const struct fz_diagnosis unknown = {.mistake = "UNKNOWN", .says = "?"};
    sign.diagnosis = &unknown;
    assert_int_equal(fz_error_body_write(&text, &error, &english, &sign), FZ_OK);
    assert_string_equal(strstr(text.data, ",\"diagnosis\":"),
                        ",\"diagnosis\":{\"mistake\":\"UNKNOWN\",\"also\":[],\"message\":\"?\"}}");
    fz_text_done(&text);
}

static void the_other_end_reads_why_a_signature_failed(void **state)
{
    (void)state;
    struct fz_sign_information sign = {"POST", "/v3/x?y=1", "17", "n", "{\"a\"\0\n: 12}", 12, &diagnosis};
    struct fz_error error = {.row = FZ_SIGN_MISMATCH};
    struct fz_arena arena = {.max = 1 << 16};
    struct fz_text text = {.max = 65536};
    struct fz_error_answer body;
    static const char message[] = "POST\n/v3/x?y=1\n17\nn\n{\"a\"\0\n: \n";
    assert_int_equal(fz_error_body_write(&text, &error, &english, &sign), FZ_OK);
    assert_int_equal(fz_error_body_read(text.data, text.size, &arena, &body), FZ_OK);
    assert_string_equal(body.detail.issue, "sign not match");
    assert_true(body.detail.has_sign_information);
    const struct fz_error_sign_information *information = &body.detail.sign_information;
    assert_string_equal(information->method, "POST");
    assert_string_equal(information->url, "/v3/x?y=1");
    assert_int_equal(information->sign_message_length, 4 + 9 + 2 + 1 + 12 + 5);
    assert_int_equal(information->truncated_sign_message_size, sizeof message - 1);
    assert_memory_equal(information->truncated_sign_message, message, sizeof message);
    assert_true(body.has_diagnosis && body.diagnosis.has_offset && body.diagnosis.has_line);
    assert_string_equal(body.diagnosis.mistake, "LAST_NEWLINE_MISSING");
    assert_int_equal(body.diagnosis.also_count, 1);
    assert_string_equal(body.diagnosis.also[0], "BODY_CHARSET");
    assert_string_equal(body.diagnosis.message, "Sign the last \"\\n\" too");
    assert_int_equal(body.diagnosis.offset, 0);
    assert_int_equal(body.diagnosis.line, 1);
    assert_string_equal(body.diagnosis.signed_line, "GET\\n");
    assert_string_equal(body.diagnosis.expected, "POST\\n");
    fz_arena_done(&arena);
    fz_text_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_and_message_follow_prefix_and_language),
        cmocka_unit_test(a_parameter_error_tells_the_place),
        cmocka_unit_test(the_issue_is_in_the_language_of_the_message),
        cmocka_unit_test(fields_are_pointers_in_bodies_and_names_elsewhere),
        cmocka_unit_test(detail_comes_with_parameter_errors_alone),
        cmocka_unit_test(nothing_a_peer_sends_breaks_the_json),
        cmocka_unit_test(long_values_are_cut_at_256_characters),
        cmocka_unit_test(a_mismatch_shows_the_message_that_was_verified),
        cmocka_unit_test(only_a_mismatch_has_the_diagnosis),
        cmocka_unit_test(the_body_is_cut_after_eight_characters),
        cmocka_unit_test(hostile_messages_stay_bounded),
        cmocka_unit_test(the_other_end_reads_what_is_written),
        cmocka_unit_test(a_diagnosis_stands_at_the_end),
        cmocka_unit_test(the_other_end_reads_why_a_signature_failed),
        cmocka_unit_test(a_full_buffer_is_told_and_left_as_it_was),
    };
    return cmocka_run_group_tests_name("spec_server_error_body", tests, NULL, NULL);
}
