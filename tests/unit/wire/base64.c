/* Base64 against the vectors of RFC 4648, section 10, and against what must not be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/base64.h"

static const struct {
    const char *plain, *base64, *base64url;
} vectors[] = {
    {"", "", ""},
    {"f", "Zg==", "Zg"},
    {"fo", "Zm8=", "Zm8"},
    {"foo", "Zm9v", "Zm9v"},
    {"foob", "Zm9vYg==", "Zm9vYg"},
    {"fooba", "Zm9vYmE=", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
    {"\xFB\xFF\xBF", "+/+/", "-_-_"}, /* the two characters in which the alphabets differ */
};

static void the_rfc_s_vectors_are_written_and_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        char text[32];
        unsigned char bytes[16];
        size_t size = 99;
        size_t plain_size = strlen(vectors[i].plain);
        fz_base64_write(text, vectors[i].plain, plain_size);
        assert_string_equal(text, vectors[i].base64);
        assert_int_equal(fz_base64_read(text, strlen(text), bytes, sizeof bytes, &size), FZ_OK);
        assert_int_equal(size, plain_size);
        assert_memory_equal(bytes, vectors[i].plain, plain_size);
        fz_base64url_write(text, vectors[i].plain, plain_size);
        assert_string_equal(text, vectors[i].base64url);
        assert_int_equal(fz_base64url_read(text, strlen(text), bytes, sizeof bytes, &size), FZ_OK);
        assert_int_equal(size, plain_size);
        assert_memory_equal(bytes, vectors[i].plain, plain_size);
    }
}

/* 00 10 83 … FB F0: all 64 characters in their order. */
static void the_alphabet_is_complete(void **state)
{
    (void)state;
    unsigned char bytes[48];
    size_t size = 0;
    const char *alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    assert_int_equal(fz_base64_read(alphabet, 64, bytes, sizeof bytes, &size), FZ_OK);
    assert_int_equal(size, 48);
    for (unsigned i = 0; i < 64; i++) {
        unsigned bit = i * 6;
        unsigned pair = (unsigned)bytes[bit / 8] << 8 | (bit / 8 + 1 < 48 ? bytes[bit / 8 + 1] : 0U);
        assert_int_equal(pair >> (10 - bit % 8) & 63, i);
    }
}

static void all_sizes_come_back(void **state)
{
    (void)state;
    unsigned char bytes[300], back[300];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 167 + 13);
    for (size_t size = 0; size <= sizeof bytes; size++) {
        char *text =
            malloc(4 * ((size + 2) / 3) + 1); /* as the header asks for: a sanitizer sees one byte more */
        fz_base64_write(text, bytes, size);
        size_t read = 0;
        assert_int_equal(fz_base64_read(text, strlen(text), back, size, &read), FZ_OK);
        assert_int_equal(read, size);
        assert_memory_equal(back, bytes, size);
        if (size > 0)
            assert_int_equal(fz_base64_read(text, strlen(text), back, size - 1, &read), FZ_FULL);
        free(text);
    }
}

static void what_was_never_written_is_malformed(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "Z",      "Zg",        "Zg=",      "Zm8",      "=",       "==",      "===",      "====",
        "Zg===",  "Z===",      "Zm9v=",    "Zm9v====", "Z=g=",    "=Zm9",    "Zg==Zg==", "Zh==",
        "Zm9=",   "Zm+=",      "Zm9vYh==", " Zg==",    "Zg== ",   "Zm9v\n",  "Zm\r\n9v", "Z m9v",
        "Zm9v\t", "Zm-v",      "Zm_v",     "Zm9*",     "Zm9\x80", "Zm9\xFF", "Zm9.",     "Zm9v\nYg=",
        "Zm,v",   "Zm9v,Zm9v", "Zm:v",     "Zm[v",     "Zm`v",    "Zm{v",    "Zm@v",     "Zm;9vYmFy",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        unsigned char bytes[16] = "untouched";
        size_t size = 99;
        if (fz_base64_read(broken[i], strlen(broken[i]), bytes, sizeof bytes, &size) != FZ_MALFORMED ||
            size != 99 || memcmp(bytes, "untouched", 9) != 0)
            fail_msg("taken: '%s'", broken[i]);
    }
    static const char *const broken_url[] = {"Z",   "Zg==", "Zm8=", "Zm9vY", "Zh",     "Zm9",
                                             "Zm-", "Zm+v", "Zm/v", "Zm9v ", "Zm9v\n", "Zm.v"};
    for (size_t i = 0; i < sizeof broken_url / sizeof broken_url[0]; i++) {
        unsigned char bytes[16] = "untouched";
        size_t size = 99;
        if (fz_base64url_read(broken_url[i], strlen(broken_url[i]), bytes, sizeof bytes, &size) !=
                FZ_MALFORMED ||
            size != 99 || memcmp(bytes, "untouched", 9) != 0)
            fail_msg("taken: '%s'", broken_url[i]);
    }
    unsigned char bytes[16];
    size_t size = 0;
    assert_int_equal(fz_base64_read("Zm\0v", 4, bytes, sizeof bytes, &size), FZ_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rfc_s_vectors_are_written_and_read),
        cmocka_unit_test(the_alphabet_is_complete),
        cmocka_unit_test(all_sizes_come_back),
        cmocka_unit_test(what_was_never_written_is_malformed),
    };
    return cmocka_run_group_tests_name("wire_base64", tests, NULL, NULL);
}
