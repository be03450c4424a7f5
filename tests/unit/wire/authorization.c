/* The Authorization header: as client libraries send it, and as nobody should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/authorization.h"

#define SCHEME    "WECHATPAY2-SHA256-RSA2048 "
#define MCHID     "mchid=\"1900000109\""
#define NONCE     "nonce_str=\"593BEC0C930BF1AFEB40B4A08C8FB242\""
#define SIGNATURE "signature=\"Zm9vYmFy\"" /* foobar */
#define TIME      "timestamp=\"1554208460\""
#define SERIAL    "serial_no=\"408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB\""
#define GOOD      SCHEME MCHID "," NONCE "," SIGNATURE "," TIME "," SERIAL

#define TEN     "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

/* Reads a copy of its exact size, so that a sanitizer sees a byte read too far. */
static enum fz_authorization_fault read_copy(const char *value, size_t size, struct fz_authorization *out)
{
    char *copy = malloc(size + 1);
    memcpy(copy, value, size);
    copy[size] = '\0';
    enum fz_authorization_fault fault = fz_authorization_read(copy, out);
    free(copy);
    return fault;
}

static void assert_good(const char *value)
{
    struct fz_authorization out;
    memset(&out, 'x', sizeof out);
    if (read_copy(value, strlen(value), &out) != FZ_AUTHORIZATION_READ)
        fail_msg("refused: %s", value);
    assert_string_equal(out.mchid, "1900000109");
    assert_string_equal(out.nonce_str, "593BEC0C930BF1AFEB40B4A08C8FB242");
    assert_string_equal(out.serial_no, "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB");
    assert_string_equal(out.timestamp_text, "1554208460");
    assert_int_equal(out.timestamp, 1554208460);
    assert_int_equal(out.signature_size, 6);
    assert_memory_equal(out.signature, "foobar", 6);
}

static void members_come_in_any_order(void **state)
{
    (void)state;
    const char *const members[] = {MCHID, NONCE, SIGNATURE, TIME, SERIAL};
    int count = 0;
    for (int number = 0; number < 3125; number++) {
        int order[5];
        unsigned seen = 0;
        for (int i = 0, rest = number; i < 5; i++, rest /= 5) {
            order[i] = rest % 5;
            seen |= 1U << order[i];
        }
        if (seen != 31)
            continue;
        char value[1024] = SCHEME;
        for (int i = 0; i < 5; i++) {
            strcat(value, i > 0 ? "," : "");
            strcat(value, members[order[i]]);
        }
        assert_good(value);
        count++;
    }
    assert_int_equal(count, 120);
}

static void blanks_stand_around_commas_and_equal_signs(void **state)
{
    (void)state;
    assert_good(GOOD);
    assert_good(SCHEME MCHID ", " NONCE ", " SIGNATURE ", " TIME ", " SERIAL);
    assert_good(SCHEME " \t " MCHID " ,\t" NONCE "  ,  " SIGNATURE "\t,\t" TIME " , " SERIAL " ");
    assert_good("  " GOOD "\t");
    assert_good(SCHEME "mchid = \"1900000109\"," NONCE "," SIGNATURE ",timestamp\t=\t\"1554208460\"," SERIAL);
    assert_good("WECHATPAY2-SHA256-RSA2048\t" MCHID "," NONCE "," SIGNATURE "," TIME "," SERIAL);
}

static void sizes_are_taken_up_to_their_caps(void **state)
{
    (void)state;
    struct fz_authorization out;
    /* Libraries send nonces from 10 characters on; 32, 128, 64 and 12 are the longest taken. */
    assert_int_equal(
        fz_authorization_read(
            SCHEME "mchid=\"" TEN TEN TEN "01\",nonce_str=\"" HUNDRED TEN TEN
                   "01234567\",signature=\"\",timestamp=\"000000000001\",serial_no=\"" TEN TEN TEN TEN TEN TEN
                   "0123\"",
            &out),
        FZ_AUTHORIZATION_READ);
    assert_string_equal(out.mchid, TEN TEN TEN "01");
    assert_string_equal(out.nonce_str, HUNDRED TEN TEN "01234567");
    assert_string_equal(out.serial_no, TEN TEN TEN TEN TEN TEN "0123");
    assert_string_equal(out.timestamp_text, "000000000001");
    assert_int_equal(out.timestamp, 1);
    assert_int_equal(
        fz_authorization_read(
            SCHEME "mchid=\"1\",nonce_str=\"a\",signature=\"\",timestamp=\"999999999999\",serial_no=\"F\"",
            &out),
        FZ_AUTHORIZATION_READ);
    assert_string_equal(out.mchid, "1");
    assert_int_equal(out.timestamp, INT64_C(999999999999));
    assert_int_equal(fz_authorization_read(SCHEME MCHID
                                           ",nonce_str=\"a!#$%&'()*+,-./:;<=>?@[]^_`{|}~ z\"," SIGNATURE
                                           "," TIME "," SERIAL,
                                           &out),
                     FZ_AUTHORIZATION_READ);
    assert_string_equal(out.nonce_str, "a!#$%&'()*+,-./:;<=>?@[]^_`{|}~ z");
}

/* Libraries send such signatures: they are wrong ones, not broken headers. */
static void a_signature_that_is_no_base64_is_left_to_the_verification(void **state)
{
    (void)state;
    static const char *const signatures[] = {
        "",          "!",    "Zm9vYmF",           "Zm9v YmFy", "Zm9vYmFy====", "WECHATPAY/SIGNTEST/abc*",
        "Zm9vYmFy,", "-_-_", "not base64 at all",
    };
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
        char value[512] = SCHEME MCHID "," NONCE "," TIME "," SERIAL ",signature=\"";
        strcat(strcat(value, signatures[i]), "\"");
        struct fz_authorization out;
            if (read_copy(value, strlen(value), &out) != FZ_AUTHORIZATION_READ || out.signature_size != 0)
            fail_msg("signature '%s'", signatures[i]);
    }
}

static void signatures_fit_up_to_4096_bits(void **state)
{
    (void)state;
    for (size_t size = 680; size <= 688; size += 4) { /* 510, 513 and 516 bytes */
        char value[2048] = SCHEME MCHID "," NONCE "," TIME "," SERIAL ",signature=\"";
        size_t at = strlen(value);
        memset(value + at, 'A', size);
        strcpy(value + at + size, "\"");
        struct fz_authorization out;
            assert_int_equal(read_copy(value, strlen(value), &out), FZ_AUTHORIZATION_READ);
        assert_int_equal(out.signature_size, size == 680 ? 510 : 0);
    }
    char value[4096] = SCHEME MCHID "," NONCE "," TIME "," SERIAL ",signature=\"";
    size_t at = strlen(value);
    memset(value + at, 'A', 683);
    strcpy(value + at + 683, "=\""); /* 512 bytes */
    struct fz_authorization out;
    assert_int_equal(fz_authorization_read(value, &out), FZ_AUTHORIZATION_READ);
    assert_int_equal(out.signature_size, 512);
}

static void assert_refused(const char *value, size_t size, enum fz_authorization_fault expected)
{
    struct fz_authorization out;
    memset(&out, 'x', sizeof out);
    enum fz_authorization_fault fault = read_copy(value, size, &out);
    if (fault != expected)
        fail_msg("fault %d instead of %d: '%s'", (int)fault, (int)expected, value);
    for (size_t i = 0; i < sizeof out; i++)
        assert_int_equal(((const unsigned char *)&out)[i], 'x');
}

static void another_scheme_is_told_from_a_broken_header(void **state)
{
    (void)state;
    static const char *const schemes[] = {
        "Bearer abc",
        "Basic dXNlcjpwYXNz",
        "WECHATPAY2-SM2-WITH-SM3 " MCHID "," NONCE "," SIGNATURE "," TIME "," SERIAL,
        "WECHATPAY2-SHA256-RSA4096 " MCHID "," NONCE "," SIGNATURE "," TIME "," SERIAL,
        "WECHATPAY2-SHA256-RSA204 " MCHID "," NONCE "," SIGNATURE "," TIME "," SERIAL,
        "WECHATPAY2-SHA256-RSA20488 " MCHID "," NONCE "," SIGNATURE "," TIME "," SERIAL,
        "wechatpay2-sha256-rsa2048 " MCHID "," NONCE "," SIGNATURE "," TIME "," SERIAL,
        "WECHATPAY2-SHA256-RSA2048," MCHID "," NONCE "," SIGNATURE "," TIME "," SERIAL,
        MCHID "," NONCE "," SIGNATURE "," TIME "," SERIAL,
        ("WECHATPAY2-SHA256-RSA2048" MCHID),
        "x",
        "\xFF\xFE",
    };
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        assert_refused(schemes[i], strlen(schemes[i]), FZ_AUTHORIZATION_SCHEME);
}

static void broken_headers_are_refused(void **state)
{
    (void)state;
    static const char *const broken[] = {
        /* nothing, or not all of it */
        "",
        " ",
        "\t \t",
        "WECHATPAY2-SHA256-RSA2048",
        SCHEME,
        SCHEME " ",
        SCHEME MCHID,
        SCHEME NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID "," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID "," NONCE "," TIME "," SERIAL,
        SCHEME MCHID "," NONCE "," SIGNATURE "," SERIAL,
        SCHEME MCHID "," NONCE "," SIGNATURE "," TIME,
        /* too much of it */
        GOOD "," MCHID,
        SCHEME MCHID "," MCHID "," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID "," NONCE "," SIGNATURE "," TIME "," TIME,
        SCHEME MCHID "," MCHID "," NONCE "," TIME "," SERIAL, /* five, but no signature */
        GOOD ",version=\"1\"",
        SCHEME "version=\"1\"," MCHID "," NONCE "," SIGNATURE "," TIME "," SERIAL,
        GOOD " " GOOD,
        GOOD "," GOOD,
        GOOD "x",
        GOOD "\"",
        GOOD "\r\nX-Other: 1",
        /* commas */
        GOOD ",",
        GOOD ", ",
        SCHEME "," MCHID "," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID ",," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID ", ," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID " " NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID ";" NONCE ";" SIGNATURE ";" TIME ";" SERIAL,
        SCHEME MCHID "&" NONCE "&" SIGNATURE "&" TIME "&" SERIAL,
        SCHEME MCHID "\xEF\xBC\x8C" NONCE "," SIGNATURE "," TIME "," SERIAL, /* a Chinese comma */
        SCHEME MCHID "\n" NONCE "," SIGNATURE "," TIME "," SERIAL,
        /* quotes and equal signs */
        SCHEME "mchid=1900000109," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME "mchid='1900000109'," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME "mchid=\"1900000109," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME "mchid=1900000109\"," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME "mchid=\"\"1900000109\"\"," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME "mchid=\xE2\x80\x9C"
               "1900000109\xE2\x80\x9D," NONCE "," SIGNATURE "," TIME "," SERIAL, /* typographic */
        SCHEME "mchid\"1900000109\"," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME "mchid:\"1900000109\"," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME "mchid==\"1900000109\"," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME "mchid=," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME "mchid," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME "=\"1900000109\"," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID "," NONCE "," SIGNATURE "," TIME ",serial_no=\"408B07E7",
        SCHEME MCHID "," NONCE "," SIGNATURE "," TIME ",serial_no=\"",
        SCHEME MCHID "," NONCE "," SIGNATURE "," TIME ",serial_no=",
        SCHEME MCHID "," NONCE "," SIGNATURE "," TIME ",serial_no",
        SCHEME "{\"mchid\":\"1900000109\"}",
        /* names */
        SCHEME "MCHID=\"1900000109\"," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME "Mchid=\"1900000109\"," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME "mchid_=\"1900000109\"," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME "mchi=\"1900000109\"," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME "sp_mchid=\"1900000109\"," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID ",nonce=\"abc\"," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID "," NONCE "," SIGNATURE "," TIME ",serial=\"408B\"",
        SCHEME "\"mchid\"=\"1900000109\"," NONCE "," SIGNATURE "," TIME "," SERIAL,
        /* values */
        SCHEME "mchid=\"\"," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID ",nonce_str=\"\"," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID "," NONCE "," SIGNATURE "," TIME ",serial_no=\"\"",
        SCHEME "mchid=\"" TEN TEN TEN "012\"," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID ",nonce_str=\"" HUNDRED TEN TEN "012345678\"," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID "," NONCE "," SIGNATURE "," TIME ",serial_no=\"" TEN TEN TEN TEN TEN TEN "01234\"",
        SCHEME "mchid=\"19000\\\"0109\"," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME "mchid=\"1900000109\\\\\"," NONCE "," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID ",nonce_str=\"ab\ncd\"," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID ",nonce_str=\"ab\tcd\"," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID ",nonce_str=\"ab\x7F"
                     "cd\"," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID ",nonce_str=\"ab\x01"
                     "cd\"," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID ",nonce_str=\"\xE5\x85\x83\"," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID ",nonce_str=\"\xFF\"," SIGNATURE "," TIME "," SERIAL,
        SCHEME MCHID "," NONCE ",signature=\"Zm9v\nYmFy\"," TIME "," SERIAL,
        /* timestamps */
        SCHEME MCHID "," NONCE "," SIGNATURE ",timestamp=\"\"," SERIAL,
        SCHEME MCHID "," NONCE "," SIGNATURE ",timestamp=\"-1\"," SERIAL,
        SCHEME MCHID "," NONCE "," SIGNATURE ",timestamp=\"+1554208460\"," SERIAL,
        SCHEME MCHID "," NONCE "," SIGNATURE ",timestamp=\" 1554208460\"," SERIAL,
        SCHEME MCHID "," NONCE "," SIGNATURE ",timestamp=\"1554208460 \"," SERIAL,
        SCHEME MCHID "," NONCE "," SIGNATURE ",timestamp=\"1554208460.0\"," SERIAL,
        SCHEME MCHID "," NONCE "," SIGNATURE ",timestamp=\"1.5e9\"," SERIAL,
        SCHEME MCHID "," NONCE "," SIGNATURE ",timestamp=\"0x5CA35D4C\"," SERIAL,
        SCHEME MCHID "," NONCE "," SIGNATURE ",timestamp=\"now\"," SERIAL,
        SCHEME MCHID "," NONCE "," SIGNATURE ",timestamp=\"1554208460000\"," SERIAL, /* milliseconds */
        SCHEME MCHID "," NONCE "," SIGNATURE ",timestamp=\"18446744073709551616\"," SERIAL,
        SCHEME MCHID "," NONCE "," SIGNATURE ",timestamp=1554208460," SERIAL,
    };
    assert_true(sizeof broken / sizeof broken[0] >= 60);
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        assert_refused(broken[i], strlen(broken[i]), FZ_AUTHORIZATION_MALFORMED);
    struct fz_authorization out;
    assert_int_equal(fz_authorization_read(NULL, &out), FZ_AUTHORIZATION_MALFORMED);
}

/* Every beginning of a good header but the whole is refused: in the scheme as another scheme, behind it as
 * broken. */
static void every_beginning_of_a_header_is_refused(void **state)
{
    (void)state;
    assert_refused(GOOD, 0, FZ_AUTHORIZATION_MALFORMED);
    for (size_t size = 1; size < strlen(GOOD); size++)
        assert_refused(GOOD, size, size < strlen(SCHEME) - 1 ? FZ_AUTHORIZATION_SCHEME : FZ_AUTHORIZATION_MALFORMED);
}

/* Each byte changed into each kind of character: whatever is taken keeps within its bounds. */
static void no_changed_byte_does_harm(void **state)
{
    (void)state;
    static const char others[] = "\"\\,= \t\n\x01\x7F\x80\xFF"
                                 "aZ0_-";
    int taken = 0;
    for (size_t at = 0; at < strlen(GOOD); at++)
        for (size_t i = 0; i < sizeof others - 1; i++) {
            char value[] = GOOD;
            value[at] = others[i];
            struct fz_authorization out;
                    if (read_copy(value, strlen(value), &out) != FZ_AUTHORIZATION_READ)
                continue;
            taken++;
            assert_in_range(strlen(out.mchid), 1, 32);
            assert_in_range(strlen(out.nonce_str), 1, 128);
            assert_in_range(strlen(out.serial_no), 1, 64);
            assert_true(out.signature_size <= sizeof out.signature);
            assert_int_equal(strspn(out.timestamp_text, "0123456789"), strlen(out.timestamp_text));
        }
    assert_true(taken > 0);
}

static void what_is_written_is_as_the_rules_show_it_and_reads_back(void **state)
{
    (void)state;
    struct fz_text text = {.max = 4096};
    fz_authorization_write(&text, "1900000109", "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB",
                           "593BEC0C930BF1AFEB40B4A08C8FB242", 1554208460, "Zm9vYmFy");
    assert_string_equal(text.data, GOOD);
    assert_good(text.data);
    fz_text_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_come_in_any_order),
        cmocka_unit_test(blanks_stand_around_commas_and_equal_signs),
        cmocka_unit_test(sizes_are_taken_up_to_their_caps),
        cmocka_unit_test(a_signature_that_is_no_base64_is_left_to_the_verification),
        cmocka_unit_test(signatures_fit_up_to_4096_bits),
        cmocka_unit_test(another_scheme_is_told_from_a_broken_header),
        cmocka_unit_test(broken_headers_are_refused),
        cmocka_unit_test(every_beginning_of_a_header_is_refused),
        cmocka_unit_test(no_changed_byte_does_harm),
        cmocka_unit_test(what_is_written_is_as_the_rules_show_it_and_reads_back),
    };
    return cmocka_run_group_tests_name("wire_authorization", tests, NULL, NULL);
}
