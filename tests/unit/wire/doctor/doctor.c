/* The signature doctor where a server cannot be brought to: keys of each role, requests as large as they
 * come, headers and serial numbers one by one. What each mistake looks like from outside is tests/doctor's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <openssl/rsa.h>

#include "base/text.h"
#include "wire/base64.h"
#include "wire/certificate.h"
#include "wire/doctor/doctor.h"
#include "wire/server/key.h"
#include "wire/signature.h"

#define TARGET    "/v3/global/profit-sharing/refunds/refundable-balance"
#define TIMESTAMP "1554208460"
#define NONCE     "593BEC0C930BF1AFEB40B4A08C8FB242"

/* Generous: sanitizers multiply what it takes, and neighbours use the same cores. */
#define PATIENCE_MS 150

static EVP_PKEY *own, *other, *platform, *stranger;

static int make_keys(void **state)
{
    (void)state;
    own = fz_key_new();
    other = fz_key_new();
    platform = fz_key_new();
    stranger = fz_key_new();
    return own != NULL && other != NULL && platform != NULL && stranger != NULL ? 0 : -1;
}

static int free_keys(void **state)
{
    (void)state;
    EVP_PKEY_free(own);
    EVP_PKEY_free(other);
    EVP_PKEY_free(platform);
    EVP_PKEY_free(stranger);
    return 0;
}

/* Signs `message` as it is. */
static void sign(EVP_PKEY *key, const char *message, char out[FZ_SIGNATURE_BASE64_SIZE])
{
    struct fz_signer *signer = fz_signer_new(key);
    struct fz_piece piece = {.data = message, .size = strlen(message)};
    assert_non_null(signer);
    assert_int_equal(fz_sign(signer, &piece, 1, out), FZ_OK);
    fz_signer_free(signer);
}

static struct fz_arrival arrival_of(const char *signature, const char *body, size_t body_size)
{
    return (struct fz_arrival){.method = body_size > 0 ? "POST" : "GET",
                               .target = TARGET,
                               .timestamp = TIMESTAMP,
                               .nonce = NONCE,
                               .mchid = "1900000100",
                               .serial_no = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
                               .host = "localhost",
                               .signature = signature,
                               .signature_size = strlen(signature),
                               .body = body,
                               .body_size = body_size};
}

/* Asks with the merchant's own key, another of its certificates, and the platform's. */
static struct fz_diagnosis ask(const struct fz_arrival *arrival)
{
    const struct fz_candidate candidates[] = {
        {own, FZ_CANDIDATE_NAMED}, {other, FZ_CANDIDATE_OWN}, {platform, FZ_CANDIDATE_PLATFORM}};
    struct fz_diagnosis diagnosis;
    memset(&diagnosis, 0x55, sizeof diagnosis); /* it fills everything */
    fz_doctor(arrival, candidates, 3, &diagnosis);
    return diagnosis;
}

static struct fz_diagnosis ask_message(EVP_PKEY *key, const char *message)
{
    char signature[FZ_SIGNATURE_BASE64_SIZE];
    sign(key, message, signature);
    struct fz_arrival arrival = arrival_of(signature, "", 0);
    return ask(&arrival);
}

#define RIGHT "GET\n" TARGET "\n" TIMESTAMP "\n" NONCE "\n\n"

static void a_good_signature_has_no_mistake(void **state)
{
    (void)state;
    struct fz_diagnosis diagnosis = ask_message(own, RIGHT);
    assert_string_equal(diagnosis.mistake, "NONE");
    assert_null(diagnosis.also[0]);
    assert_false(diagnosis.differs);
}

static void the_key_that_made_it_is_told(void **state)
{
    (void)state;
    assert_string_equal(ask_message(other, RIGHT).mistake, "KEY_OTHER_CERTIFICATE");
    assert_string_equal(ask_message(platform, RIGHT).mistake, "KEY_PLATFORM");
    struct fz_diagnosis diagnosis = ask_message(stranger, RIGHT);
    assert_string_equal(diagnosis.mistake, "UNKNOWN");
    assert_non_null(strstr(diagnosis.says, "none of the keys"));
}

static void the_right_key_over_another_message_is_told(void **state)
{
    (void)state;
    struct fz_diagnosis diagnosis = ask_message(own, "something else");
    assert_string_equal(diagnosis.mistake, "UNKNOWN");
    assert_non_null(strstr(diagnosis.says, "right key"));
    assert_false(diagnosis.differs);
}

static void another_key_and_another_mistake_are_both_told(void **state)
{
    (void)state;
    struct fz_diagnosis diagnosis = ask_message(other, "get\n" TARGET "\n" TIMESTAMP "\n" NONCE "\n\n");
    assert_string_equal(diagnosis.mistake, "KEY_OTHER_CERTIFICATE");
    assert_string_equal(diagnosis.also[0], "METHOD_CASE");
    assert_null(diagnosis.also[1]);
    diagnosis = ask_message(other, "something else");
    assert_string_equal(diagnosis.mistake, "KEY_OTHER_CERTIFICATE");
    assert_non_null(strstr(diagnosis.says, "not that of the request"));
}

/* With PSS, which salts: no two signatures are alike. */
static void sign_salted(const char *hash, int salt, const char *message, char out[FZ_SIGNATURE_BASE64_SIZE])
{
    unsigned char signature[512];
    size_t size = sizeof signature;
    EVP_PKEY_CTX *key = NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit_ex(context, &key, hash, NULL, NULL, own, NULL), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_PSS_PADDING), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(key, salt), 1);
    assert_int_equal(EVP_DigestSign(context, signature, &size, (const unsigned char *)message, strlen(message)), 1);
    EVP_MD_CTX_free(context);
    fz_base64_write(out, signature, size);
}

/* One in 128 of them also looks as if it were of another hash, with the longest of all salts. */
static void whatever_the_salt_the_hash_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *hash, *also;
    } cases[] = {{"SHA256", NULL}, {"SHA1", "DIGEST_SHA1"}, {"SHA512", "DIGEST_SHA512"}};
    static const int salts[] = {RSA_PSS_SALTLEN_DIGEST, RSA_PSS_SALTLEN_MAX};
    for (int i = 0; i < 6 * 150; i++) {
        char signature[FZ_SIGNATURE_BASE64_SIZE];
        const char *also = cases[i % 3].also;
        sign_salted(cases[i % 3].hash, salts[i / 3 % 2], RIGHT, signature);
        struct fz_arrival arrival = arrival_of(signature, "", 0);
        struct fz_diagnosis diagnosis = ask(&arrival);
        assert_string_equal(diagnosis.mistake, "PADDING_PSS");
        assert_string_equal(diagnosis.also[0] == NULL ? "" : diagnosis.also[0], also == NULL ? "" : also);
    }
}

static void without_keys_nothing_is_known(void **state)
{
    (void)state;
    char signature[FZ_SIGNATURE_BASE64_SIZE];
    struct fz_diagnosis diagnosis;
    sign(own, RIGHT, signature);
    struct fz_arrival arrival = arrival_of(signature, "", 0);
    fz_doctor(&arrival, NULL, 0, &diagnosis);
    assert_string_equal(diagnosis.mistake, "UNKNOWN");
}

static void the_place_is_shown(void **state)
{
    (void)state;
    /* Before the nonce: GET and a line end, the target of 52 and one, the timestamp of 10 and one. */
    struct fz_diagnosis diagnosis = ask_message(own, "GET\n" TARGET "\n" TIMESTAMP "\n\n\n");
    assert_string_equal(diagnosis.mistake, "NONCE_EMPTY");
    assert_true(diagnosis.differs);
    assert_int_equal(diagnosis.offset, 4 + 52 + 1 + 11);
    assert_int_equal(diagnosis.line, 4);
    assert_string_equal(diagnosis.signed_line, "\\n");
    assert_string_equal(diagnosis.expected_line, NONCE "\\n");
    assert_int_equal(diagnosis.same, 0);
    diagnosis = ask_message(own, RIGHT "\n");
    assert_string_equal(diagnosis.mistake, "NEWLINE_EXTRA");
    assert_string_equal(diagnosis.signed_line, "\\n");
    assert_string_equal(diagnosis.expected_line, "");
}

/* In the middle of a character, and with bytes that are none: what is shown stays readable. */
static void what_is_shown_is_clean(void **state)
{
    (void)state;
    static const char body[] = "{\"name\":\"\xE5\xBC\xA0\x1B\"}\r\n",
                      gbk[] = "{\"name\":\"\xD5\xC5\x1B\"}\r\n";
    char signature[FZ_SIGNATURE_BASE64_SIZE];
    char message[400] = "POST\n" TARGET "\n" TIMESTAMP "\n" NONCE "\n";
    strcat(message, gbk);
    strcat(message, "\n");
    sign(own, message, signature);
    struct fz_arrival arrival = arrival_of(signature, body, strlen(body));
    struct fz_diagnosis diagnosis = ask(&arrival);
    assert_string_equal(diagnosis.mistake, "BODY_CHARSET");
    assert_string_equal(diagnosis.signed_line, "{\"name\":\"\\xD5\\xC5\\x1B\"}\\r\\n");
    assert_string_equal(diagnosis.expected_line, "{\"name\":\"\xE5\xBC\xA0\\x1B\"}\\r\\n");
    assert_int_equal(diagnosis.same, 9);
}

static void in_chinese_if_wanted(void **state)
{
    (void)state;
    char signature[FZ_SIGNATURE_BASE64_SIZE];
    sign(own, "GET\n" TARGET "\n" TIMESTAMP "\n" NONCE "\n", signature);
    struct fz_arrival arrival = arrival_of(signature, "", 0);
    arrival.chinese = true;
    struct fz_diagnosis diagnosis = ask(&arrival);
    assert_string_equal(diagnosis.mistake, "LAST_NEWLINE_MISSING");
    assert_non_null(strstr(diagnosis.says, "签名串缺少最后一个换行符"));
}

/* ---- as large as they come ---- */

static int64_t thread_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void it_takes_little_time_whatever_is_sent(void **state)
{
    (void)state;
    static char body[65536], target[16000];
    static const char *const fillings[] = {"[",   "{\"a\":", "\\u00e4", "\xE5\xBC\xA0",
                                           "%25", "\n",      "&a=1",    "\xFF"};
    char signature[FZ_SIGNATURE_BASE64_SIZE];
    sign(own, "something else", signature);
    for (size_t i = 0; i < sizeof fillings / sizeof fillings[0]; i++) {
        size_t size = strlen(fillings[i]);
        for (size_t at = 0; at < sizeof body; at++)
            body[at] = fillings[i][at % size];
        for (size_t at = 0; at + 1 < sizeof target; at++)
            target[at] = at == 0 ? '/' : at == 1 ? '?' : fillings[i][at % size];
        struct fz_arrival arrival = arrival_of(signature, body, sizeof body);
        int64_t begin_ms = thread_ms();
        assert_string_equal(ask(&arrival).mistake, "UNKNOWN");
        arrival.target = target;
        assert_string_equal(ask(&arrival).mistake, "UNKNOWN");
        arrival.body_size = 3000;
        target[2000] = '\0';
        assert_string_equal(ask(&arrival).mistake, "UNKNOWN");
        target[2000] = 'x';
        assert_in_range(thread_ms() - begin_ms, 0, 3 * PATIENCE_MS);
    }
}

/* The last of as many keys as are tried is still found; one behind it is not. */
static void so_many_keys_are_tried(void **state)
{
    (void)state;
    char signature[FZ_SIGNATURE_BASE64_SIZE];
    struct fz_candidate candidates[FZ_CANDIDATES_MAX + 1];
    struct fz_diagnosis diagnosis;
    sign(own, RIGHT, signature);
    struct fz_arrival arrival = arrival_of(signature, "", 0);
    for (size_t i = 0; i <= FZ_CANDIDATES_MAX; i++)
        candidates[i] = (struct fz_candidate){stranger, FZ_CANDIDATE_OWN};
    candidates[FZ_CANDIDATES_MAX].key = own;
    fz_doctor(&arrival, candidates, FZ_CANDIDATES_MAX + 1, &diagnosis);
    assert_string_equal(diagnosis.mistake, "UNKNOWN");
    candidates[FZ_CANDIDATES_MAX - 1].key = own;
    fz_doctor(&arrival, candidates, FZ_CANDIDATES_MAX + 1, &diagnosis);
    assert_string_equal(diagnosis.mistake, "KEY_OTHER_CERTIFICATE");
}

static void texts_that_are_no_signature(void **state)
{
    (void)state;
    static char large[5000];
    memset(large, 'A', sizeof large - 1);
    static const char *const texts[] = {"x", "====", "AAAA", "%", "%%%%", " ", "zz", "-_-_", large};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct fz_arrival arrival = arrival_of(texts[i], "", 0);
        struct fz_diagnosis diagnosis = ask(&arrival);
        assert_string_equal(diagnosis.mistake, "UNKNOWN");
        assert_non_null(strstr(diagnosis.says, "not base64"));
    }
}

/* ---- the header ---- */

#define ALL_BUT(rest)                                                                                        \
    "WECHATPAY2-SHA256-RSA2048 mchid=\"1900000100\",nonce_str=\"x\",signature=\"QQ==\"," rest

static void the_header_s_fault_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *header, *mistake, *says;
    } cases[] = {
        {NULL, "AUTHORIZATION_MISSING", ""},
        {"  ", "AUTHORIZATION_MISSING", ""},
        {"WECHATPAY2-SHA256-RSA2048", "MEMBER_MISSING", "(mchid)"},
        {ALL_BUT("timestamp=\"1554208460\""), "MEMBER_MISSING", "(serial_no)"},
        {ALL_BUT("serial_no=\"5\""), "MEMBER_MISSING", "(timestamp)"},
        {ALL_BUT("timestamp=\"1\",serial_no=\"5\",mchid=\"1900000100\""), "MEMBER_TWICE", "(mchid)"},
        {ALL_BUT("timestamp=\"1\",serial_no=\"5\",appid=\"wx8\""), "MEMBER_UNKNOWN", "none of the five"},
        {ALL_BUT("timestamp=\"1\",Serial_No=\"5\""), "MEMBER_UNKNOWN", "none of the five"},
        {ALL_BUT("timestamp=1554208460,serial_no=\"5\""), "MEMBER_UNQUOTED", "(timestamp)"},
        {ALL_BUT("timestamp='1554208460',serial_no='5'"), "MEMBER_UNQUOTED", "(timestamp)"},
        {ALL_BUT("timestamp:\"1554208460\",serial_no=\"5\""), "MEMBER_UNQUOTED", "(timestamp)"},
        {ALL_BUT("timestamp=\"1554208460\",serial_no=\"\""), "MEMBER_LENGTH", "(serial_no)"},
        {ALL_BUT("timestamp=\"\",serial_no=\"5\""), "MEMBER_LENGTH", "(timestamp)"},
        {ALL_BUT("timestamp=\"1554208460123\",serial_no=\"5\""), "TIMESTAMP_NOT_SECONDS", "(timestamp)"},
        {ALL_BUT("timestamp=\"2019-04-02\",serial_no=\"5\""), "TIMESTAMP_NO_NUMBER", "(timestamp)"},
        {ALL_BUT("timestamp=\"1554208460.5\",serial_no=\"5\""), "TIMESTAMP_NO_NUMBER", "(timestamp)"},
        {ALL_BUT("timestamp=\"1554208460\" serial_no=\"5\""), "MEMBERS_JOINED", ""},
        {ALL_BUT("timestamp=\"1554208460\";serial_no=\"5\""), "MEMBERS_JOINED", ""},
        {ALL_BUT("timestamp=\"1554208460\",,serial_no=\"5\""), "MEMBERS_JOINED", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fz_diagnosis diagnosis;
        fz_doctor_header(cases[i].header, false, false, &diagnosis);
        assert_string_equal(diagnosis.mistake, cases[i].mistake);
        assert_non_null(strstr(diagnosis.says, cases[i].says));
    }
    struct fz_diagnosis diagnosis;
    fz_doctor_header(ALL_BUT("timestamp=\"1554208460\",serial_no=\"5\""), true, false, &diagnosis);
    assert_string_equal(diagnosis.mistake, "AUTHORIZATION_TWICE");
}

static void a_clock_s_fault_is_told(void **state)
{
    (void)state;
    static const struct {
        int64_t off;
        const char *mistake, *says;
    } cases[] = {
        {-301, "TIMESTAMP_CLOCK", "301 seconds behind"},
        {700, "TIMESTAMP_CLOCK", "700 seconds ahead"},
        {28800, "TIMESTAMP_ZONE", "28800 seconds ahead"},
        {-28803, "TIMESTAMP_ZONE", "28803 seconds behind"},
        {19800, "TIMESTAMP_ZONE", "19800 seconds ahead"},
        {86400, "TIMESTAMP_CLOCK", "86400 seconds ahead"},
        {3600 + 900, "TIMESTAMP_CLOCK", "4500 seconds ahead"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fz_diagnosis diagnosis;
        fz_doctor_time(1554208460 + cases[i].off, 1554208460, false, &diagnosis);
        assert_string_equal(diagnosis.mistake, cases[i].mistake);
        assert_non_null(strstr(diagnosis.says, cases[i].says));
    }
}

static void serial_numbers_in_other_spellings(void **state)
{
    (void)state;
    static const struct {
        const char *text, *serial_no; /* NULL: none */
    } cases[] = {
        {"5157f09efdc096de15ebe81a47057a7232f1b8e1", "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"},
        {"51:57:F0:9E:FD:C0:96:DE:15:EB", "5157F09EFDC096DE15EB"},
        {"0x5157F09E", "5157F09E"},
        {"005157F09E", "5157F09E"},
        {"5157 F09E", "5157F09E"},
        /* 16^39 is 1 and 39 zeros */
        {"91343852333181432387730302044767688728495783936", "1000000000000000000000000000000000000000"},
        {"", NULL},
        {"0", NULL},
        {"serial", NULL},
        {"99999999999999999999999999999999999999999999999999999999999", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char serial_no[FZ_SERIAL_SIZE] = "untouched";
        enum fz_result result = fz_doctor_serial(cases[i].text, serial_no, sizeof serial_no);
        assert_int_equal(result, cases[i].serial_no == NULL ? FZ_MALFORMED : FZ_OK);
        if (cases[i].serial_no != NULL)
            assert_string_equal(serial_no, cases[i].serial_no);
    }
}

static void every_mistake_has_its_words(void **state)
{
    (void)state;
    for (int i = 0; i < FZ_MISTAKE_COUNT; i++) {
        struct fz_diagnosis english, chinese;
        fz_doctor_name((enum fz_mistake)i, "how", false, &english);
        fz_doctor_name((enum fz_mistake)i, "how", true, &chinese);
        assert_string_equal(english.mistake, fz_mistake_name((enum fz_mistake)i));
        assert_true(strlen(english.says) > 10 && strlen(english.says) < 400);
        assert_true(fz_utf8_length(chinese.says, strlen(chinese.says)) > 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_signature_has_no_mistake),
        cmocka_unit_test(the_key_that_made_it_is_told),
        cmocka_unit_test(the_right_key_over_another_message_is_told),
        cmocka_unit_test(another_key_and_another_mistake_are_both_told),
        cmocka_unit_test(whatever_the_salt_the_hash_is_told),
        cmocka_unit_test(without_keys_nothing_is_known),
        cmocka_unit_test(the_place_is_shown),
        cmocka_unit_test(what_is_shown_is_clean),
        cmocka_unit_test(in_chinese_if_wanted),
        cmocka_unit_test(it_takes_little_time_whatever_is_sent),
        cmocka_unit_test(so_many_keys_are_tried),
        cmocka_unit_test(texts_that_are_no_signature),
        cmocka_unit_test(the_header_s_fault_is_told),
        cmocka_unit_test(a_clock_s_fault_is_told),
        cmocka_unit_test(serial_numbers_in_other_spellings),
        cmocka_unit_test(every_mistake_has_its_words),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
