/* The public corpus as a client takes it: what is good is signed, verified, opened and read; what is broken is refused for the
 * reason that its case gives. The corpus is made without any code of ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "base/calendar.h"
#include "client/trust.h"
#include "spec/bill/lines.h"
#include "spec/bill/read.h"
#include "spec/callback/callback.h"
#include "spec/client/callback.h"
#include "spec/row/json.h"
#include "wire/authorization.h"
#include "wire/certificate.h"
#include "wire/sealed.h"
#include "wire/signature.h"

#define PATH_SIZE  4096
#define FILE_SIZE  65536
#define KEYS_MADE  INT64_C(1751328000000) /* July 2025: each certificate of the corpus is in force */
#define COUNT(all) (sizeof(all) / sizeof(all)[0])

/* A file as it lies there, with a NUL behind it. */
struct content {
    char text[FILE_SIZE];
    size_t size;
};

/* ---- cases ---- */

static const char *name; /* of the case at hand */
static json_t *told;     /* its case.json */

/* New: free. */
static struct content *read_file(const char *folder, const char *file)
{
    char path[PATH_SIZE];
    struct content *content = calloc(1, sizeof *content);
    snprintf(path, sizeof path, "%s/%s/%s", CORPUS, folder, file);
    FILE *stream = fopen(path, "rb");
    if (content == NULL || stream == NULL)
        fail_msg("%s cannot be read", path);
    content->size = fread(content->text, 1, FILE_SIZE - 1, stream);
    assert_true(feof(stream));
    fclose(stream);
    return content;
}

static const char *text_of(const char *member)
{
    return json_string_value(json_object_get(told, member));
}

static int64_t number_of(const char *member)
{
    return json_integer_value(json_object_get(told, member));
}

/* The file that a member names; NULL: there is no such member. New: free. */
static struct content *file_of(const char *member)
{
    return text_of(member) == NULL ? NULL : read_file(name, text_of(member));
}

static bool is_valid(void)
{
    return json_is_true(json_object_get(told, "valid"));
}

static bool is_because(const char *reason)
{
    return text_of("reason") != NULL && strcmp(text_of("reason"), reason) == 0;
}

static json_t *read_json(const char *folder, const char *file)
{
    struct content *content = read_file(folder, file);
    json_t *json = json_loadb(content->text, content->size, 0, NULL);
    if (json == NULL)
        fail_msg("%s/%s is no JSON", folder, file);
    free(content);
    return json;
}

/* All cases of a kind, of which there have to be so many. */
static void each(const char *kind, void (*check)(void), size_t good, size_t broken)
{
    json_t *names = read_json(".", "cases.json"), *one;
    size_t place, seen[2] = {0};
    json_array_foreach(names, place, one) {
        name = json_string_value(one);
        if (strncmp(name, kind, strlen(kind)) != 0 || name[strlen(kind)] != '-')
            continue;
        told = read_json(name, "case.json");
        assert_string_equal(text_of("kind"), kind);
        print_message("           %s\n", name);
        seen[is_valid()]++;
        check();
        json_decref(told);
    }
    json_decref(names);
    assert_int_equal(seen[true], good);
    assert_int_equal(seen[false], broken);
}

static EVP_PKEY *private_key(void)
{
    struct content *pem = file_of("private_key");
    EVP_PKEY *key = fz_key_read(pem->text);
    assert_non_null(key);
    free(pem);
    return key;
}

/* ---- requests: signing them right comes to the good ones' header, and to no broken one's ---- */

static void check_message(const struct fz_piece pieces[10])
{
    struct content *expected = file_of("string_to_sign");
    struct fz_text message = {.max = FILE_SIZE};
    for (size_t i = 0; i < 10; i++)
        fz_text_add(&message, pieces[i].data, pieces[i].size);
    assert_int_equal(message.size, expected->size);
    assert_memory_equal(message.data, expected->text, expected->size);
    fz_text_done(&message);
    free(expected);
}

static void check_authorization(const char *signature)
{
    int64_t timestamp = 0;
    struct fz_text header = {.max = FILE_SIZE};
    assert_int_equal(fz_parse_int(text_of("timestamp"), &timestamp), FZ_OK);
    fz_authorization_write(&header, text_of("mchid"), text_of("serial_no"), text_of("nonce"), timestamp, signature);
    if (is_valid())
        assert_string_equal(header.data, text_of("authorization"));
    else
        assert_string_not_equal(header.data, text_of("authorization"));
    fz_text_done(&header);
}

static void check_request(void)
{
    struct content *covered = file_of(text_of("signed_part") == NULL ? "body" : "signed_part");
    struct fz_piece pieces[10];
    char signature[FZ_SIGNATURE_BASE64_SIZE];
    EVP_PKEY *key = private_key();
    struct fz_signer *signer = fz_signer_new(key);
    fz_request_message(pieces, text_of("method"), text_of("target"), text_of("timestamp"), text_of("nonce"), covered->text,
                       covered->size);
    check_message(pieces);
    assert_int_equal(fz_sign(signer, pieces, COUNT(pieces), signature), FZ_OK);
    check_authorization(signature);
    fz_signer_free(signer);
    EVP_PKEY_free(key);
    free(covered);
}

static void test_requests(void **state)
{
    (void)state;
    each("request", check_request, 7, 28);
}

/* ---- what the platform signs ---- */

static struct fz_signed_headers headers_of_case(void)
{
    const json_t *headers = json_object_get(told, "headers");
    return (struct fz_signed_headers){
        json_string_value(json_object_get(headers, "Wechatpay-Timestamp")),
        json_string_value(json_object_get(headers, "Wechatpay-Nonce")),
        json_string_value(json_object_get(headers, "Wechatpay-Serial")),
        json_string_value(json_object_get(headers, "Wechatpay-Signature")),
    };
}

/* The keys that the case believes. Made while all were in force, as by a program that has run since. */
static struct fz_trust *trust_of_case(void)
{
    struct content *pems[2] = {NULL}, *public_key = file_of("public_key");
    const char *texts[3] = {NULL};
    json_t *list = json_object_get(told, "certificates");
    assert_in_range(json_array_size(list), 0, COUNT(pems));
    for (size_t i = 0; i < json_array_size(list); i++) {
        pems[i] = read_file(name, json_string_value(json_array_get(list, i)));
        texts[i] = pems[i]->text;
    }
    struct fz_trust_setup setup = {.certificates = texts,
                                   .public_key_id = text_of("public_key_id"),
                                   .public_key = public_key == NULL ? NULL : public_key->text,
                                   .fixed = true};
    struct fz_trust *trust = NULL;
    char why[512];
    if (fz_trust_new(&setup, KEYS_MADE, &trust, why, sizeof why) != FZ_OK)
        fail_msg("not made: %s", why);
    free(pems[0]);
    free(pems[1]);
    free(public_key);
    return trust;
}

static enum fz_verdict verdict_of_case(const struct content *body)
{
    struct fz_trust *trust = trust_of_case();
    struct fz_signed_headers headers = headers_of_case();
    enum fz_verdict verdict = fz_trust_verify(trust, &headers, body->text, body->size, number_of("arrived") * 1000,
                                              number_of("tolerance_s"));
    fz_trust_free(trust);
    return verdict;
}

/* What verifying comes to for the case's reason; a reason that is none of a signature's is found out later. */
static enum fz_verdict expected_verdict(void)
{
    static const struct {
        const char *reason;
        enum fz_verdict verdict;
    } verdicts[] = {{"signature", FZ_WRONG_SIGNATURE}, {"timestamp", FZ_STALE},         {"serial", FZ_UNKNOWN_SERIAL},
                    {"certificate", FZ_KEY_OUTDATED},  {"unsigned", FZ_NO_SIGNATURE}};
    for (size_t i = 0; i < COUNT(verdicts); i++)
        if (is_because(verdicts[i].reason))
            return verdicts[i].verdict;
    return FZ_TRUSTED;
}

static void check_answer(void)
{
    struct content *body = file_of("body");
    assert_int_equal(expected_verdict() == FZ_TRUSTED, is_valid());
    assert_int_equal(verdict_of_case(body), expected_verdict());
    free(body);
}

static void test_answers(void **state)
{
    (void)state;
    each("answer", check_answer, 5, 9);
}

static void check_holds(struct fz_trust *trust)
{
    size_t place;
    json_t *file;
    json_array_foreach(json_object_get(told, "holds"), place, file) {
        struct fz_certificate certificate;
        char sealed[1024];
        struct content *pem = read_file(name, json_string_value(file));
        assert_int_equal(fz_certificate_read(pem->text, &certificate, NULL), FZ_OK);
        assert_int_equal(fz_trust_seal(trust, certificate.serial, number_of("arrived") * 1000, "x", sealed, sizeof sealed),
                         FZ_OK);
        free(pem);
    }
}

static void check_certificates(void)
{
    int64_t now_ms = number_of("arrived") * 1000;
    struct content *body = file_of("body");
    struct fz_signed_headers headers = headers_of_case();
    struct fz_trust_setup setup = {.apiv3_key = (const unsigned char *)text_of("apiv3_key")};
    struct fz_trust *trust = NULL;
    char why[512];
    assert_int_equal(fz_trust_new(&setup, now_ms, &trust, why, sizeof why), FZ_OK);
    enum fz_result result =
        fz_trust_fetched(trust, &headers, body->text, body->size, now_ms, number_of("tolerance_s"), 0, why, sizeof why);
    assert_int_equal(result, is_valid() ? FZ_OK : FZ_MALFORMED);
    check_holds(trust);
    fz_trust_free(trust);
    free(body);
}

static void test_certificates(void **state)
{
    (void)state;
    each("certificates", check_certificates, 2, 3);
}

/* ---- callbacks ---- */

static void check_resource(const struct fz_callback *callback)
{
    struct content *plain = file_of("plain");
    assert_int_equal(callback->resource_size, plain->size);
    assert_memory_equal(callback->resource, plain->text, plain->size);
    assert_string_equal(callback->event_type, text_of("event_type"));
    free(plain);
}

/* The resource has what the rows of its event ask for. */
static void check_rows(const struct fz_callback *callback)
{
    char fault[FZ_MEMBER_NAME_SIZE] = "";
    for (size_t i = 0; i < FZ_CALLBACK_EVENTS; i++) {
        const struct fz_callback_spec *spec = &fz_callback_specs[i];
        if (strcmp(spec->event_type, callback->event_type) != 0)
            continue;
        struct fz_arena arena = {.max = 1 << 20};
        void *values = fz_arena_take(&arena, spec->resource_size);
        if (fz_members_read(spec->resource, callback->resource, callback->resource_size, &arena, values, fault) != FZ_OK)
            fail_msg("%s is not as it has to be", fault);
        fz_arena_done(&arena);
        return;
    }
    fail_msg("%s is no event", callback->event_type);
}

static enum fz_callback_fault expected_fault(void)
{
    return is_because("seal") ? FZ_CALLBACK_SEAL : is_because("algorithm") ? FZ_CALLBACK_ALGORITHM : FZ_CALLBACK_READ;
}

static void check_callback(void)
{
    struct content *body = file_of("body");
    struct fz_callback callback = {0};
    enum fz_verdict verdict = verdict_of_case(body);
    assert_int_equal(verdict, expected_verdict());
    assert_int_equal(verdict == FZ_TRUSTED && expected_fault() == FZ_CALLBACK_READ, is_valid());
    if (verdict == FZ_TRUSTED)
        assert_int_equal(fz_callback_read(body->text, body->size, (const unsigned char *)text_of("apiv3_key"), &callback),
                         expected_fault());
    if (is_valid()) {
        check_resource(&callback);
        check_rows(&callback);
    }
    fz_callback_done(&callback);
    free(body);
}

static void test_callbacks(void **state)
{
    (void)state;
    each("callback", check_callback, 5, 8);
}

/* ---- sealed fields ---- */

static void check_sealed(void)
{
    char opened[512];
    struct content *plain = file_of("plain");
    EVP_PKEY *key = private_key();
    assert_int_equal(fz_oaep_open(key, text_of("sealed"), opened, sizeof opened), is_valid() ? FZ_OK : FZ_MALFORMED);
    if (is_valid())
        assert_string_equal(opened, plain->text);
    EVP_PKEY_free(key);
    free(plain);
}

static void test_sealed(void **state)
{
    (void)state;
    each("sealed", check_sealed, 3, 3);
}

/* ---- bills ---- */

/* A file while it is read. */
struct reading {
    const struct fz_bill *bill;
    struct fz_bill_heading heading;
    struct fz_bill_fault fault;
    const json_t *rows; /* of the whole file; NULL: of a broken one */
    size_t seen[2];     /* lines of data of its blocks */
};

union line {
    struct fz_refund_bill_line refund;
    struct fz_distribution_bill_line distribution;
    struct fz_trade_bill_line trade;
};

static const struct fz_bill *bill_of_case(void)
{
    const char *kind = text_of("bill");
    if (strcmp(kind, "refund") == 0)
        return &fz_refund_bill;
    return strcmp(kind, "statement") == 0 ? &fz_trade_bill : &fz_distribution_bill;
}

static int64_t time_of(const json_t *value)
{
    int64_t ms = 0;
    if (!json_is_null(value))
        assert_int_equal(fz_parse_time(json_string_value(value), &ms), FZ_OK);
    return ms;
}

static void check_value(const struct fz_column *column, const void *line, const json_t *value)
{
    const void *slot = fz_cell_slot(column, line);
    const char *text = column->kind == FZ_CELL_TEXT ? *(const char *const *)slot : NULL;
    assert_non_null(value);
    if (column->kind == FZ_CELL_TIME)
        assert_int_equal(((const struct fz_timestamp *)slot)->ms, time_of(value));
    else if (column->kind != FZ_CELL_TEXT)
        assert_int_equal(*(const int64_t *)slot, json_integer_value(value));
    else if (json_is_null(value))
        assert_null(text);
    else
        assert_string_equal(text, json_string_value(value));
}

static void check_line(struct reading *reading, const void *line)
{
    bool is_summary = reading->heading.block == &reading->bill->summary;
    const json_t *rows = json_object_get(reading->rows, is_summary ? "summary" : "details");
    const json_t *row = json_array_get(rows, reading->seen[is_summary]++);
    for (size_t i = 0; reading->rows != NULL && i < reading->heading.count; i++)
        if (reading->heading.columns[i] != NULL)
            check_value(reading->heading.columns[i], line, json_object_get(row, reading->heading.columns[i]->name));
}

static enum fz_result read_line(struct reading *reading, char *text, size_t number)
{
    union line line;
    const struct fz_bill_block *const blocks[] = {&reading->bill->details, &reading->bill->summary};
    for (size_t i = 0; i < COUNT(blocks); i++) {
        enum fz_result result = fz_bill_heading_read(blocks[i], text, number, &reading->heading, &reading->fault);
        if (result != FZ_ABSENT)
            return result;
    }
    enum fz_result result = fz_bill_line_read(&reading->heading, text, number, &line, NULL, &reading->fault);
    if (result == FZ_OK)
        check_line(reading, &line);
    return result;
}

/* Line by line, as far as there is nothing wrong. */
static enum fz_result read_lines(struct reading *reading, char *text)
{
    enum fz_result result = FZ_OK;
    for (size_t number = 1; result == FZ_OK && *text != '\0'; number++) {
        char *end = strchr(text, '\n');
        assert_non_null(end);
        *end = '\0';
        result = read_line(reading, text, number);
        text = end + 1;
    }
    return result;
}

static void check_fault(const struct fz_bill_fault *fault)
{
    assert_int_equal(fault->line, number_of("line"));
    assert_int_equal(fault->cell, number_of("column"));
    if (text_of("column_name") == NULL)
        assert_null(fault->column);
    else
        assert_string_equal(fault->column, text_of("column_name"));
}

static void check_bill(void)
{
    struct content *file = file_of("file");
    json_t *rows = is_valid() ? read_json(name, text_of("rows")) : NULL;
    struct reading reading = {.bill = bill_of_case(), .rows = rows};
    assert_int_equal(read_lines(&reading, file->text), is_valid() ? FZ_OK : FZ_MALFORMED);
    if (is_valid()) {
        assert_int_equal(reading.seen[false], json_array_size(json_object_get(rows, "details")));
        assert_int_equal(reading.seen[true], json_array_size(json_object_get(rows, "summary")));
    } else {
        check_fault(&reading.fault);
    }
    json_decref(rows);
    free(file);
}

static void test_bills(void **state)
{
    (void)state;
    each("bill", check_bill, 8, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),     cmocka_unit_test(test_answers), cmocka_unit_test(test_certificates),
        cmocka_unit_test(test_callbacks),    cmocka_unit_test(test_sealed),  cmocka_unit_test(test_bills),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
