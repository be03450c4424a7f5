/* AES-256-GCM against the test cases of its specification (McGrew and Viega, which NIST SP 800-38D took
 * over), OAEP against the `openssl` command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "unit/wire/vectors.h"
#include "wire/base64.h"
#include "wire/certificate.h"
#include "wire/sealed.h"

static const struct {
    const char *key, *nonce, *associated, *plain, *sealed;
} cases[] = {
    /* test case 13 */
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "",
     "530f8afbc74536b9a963b4f1c4cb738b"},
    /* test case 14 */
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "",
     "00000000000000000000000000000000",
     "cea7403d4d606b6e074ec5d3baf39d18"
     "d0d1c8a799996bf0265b98b5d48ab919"},
    /* test case 15 */
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf"
     "5aa0de657ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6"
     "393ba7a0abcc9f662898015ad"
     "b094dac5d93471bdec1a502270e3cc6c"},
    /* test case 16 */
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf"
     "5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6"
     "393ba7a0abcc9f662"
     "76fc6ece0f4e1768cddf8853bb2d551b"},
};

static size_t from_hex(unsigned char *out, size_t out_size, const char *hex)
{
    size_t size = 0;
    if (hex[0] == '\0')
        return 0;
    assert_int_equal(OPENSSL_hexstr2buf_ex(out, out_size, &size, hex, '\0'), 1);
    return size;
}

static void sealing_gives_the_specification_s_bytes_and_opens_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned char key[32], nonce[12], associated[64], plain[128], expected[128];
        assert_int_equal(from_hex(key, sizeof key, cases[i].key), 32);
        assert_int_equal(from_hex(nonce, sizeof nonce, cases[i].nonce), 12);
        size_t associated_size = from_hex(associated, sizeof associated, cases[i].associated);
        size_t plain_size = from_hex(plain, sizeof plain, cases[i].plain);
        size_t sealed_size = from_hex(expected, sizeof expected, cases[i].sealed);
        assert_int_equal(sealed_size, plain_size + FZ_GCM_TAG_SIZE);

        unsigned char *sealed = malloc(sealed_size), *opened = malloc(plain_size + 1);
        assert_int_equal(fz_gcm_seal(key, nonce, associated, associated_size, plain, plain_size, sealed),
                         FZ_OK);
        assert_memory_equal(sealed, expected, sealed_size);
        assert_int_equal(fz_gcm_open(key, nonce, associated, associated_size, sealed, sealed_size, opened),
                         FZ_OK);
        assert_memory_equal(opened, plain, plain_size);
        free(sealed);
        free(opened);
    }
}

static const unsigned char key[32] = "0123456789abcdef0123456789abcde"; /* the NUL is the 32nd */
static const unsigned char nonce[12] = "0123456789a";

static void a_changed_bit_anywhere_does_not_open(void **state)
{
    (void)state;
    unsigned char sealed[5 + FZ_GCM_TAG_SIZE], opened[8] = "untouch";
    assert_int_equal(fz_gcm_seal(key, nonce, "certificate", 11, "plain", 5, sealed), FZ_OK);
    for (size_t bit = 0; bit < 8 * sizeof sealed; bit++) {
        sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_int_equal(fz_gcm_open(key, nonce, "certificate", 11, sealed, sizeof sealed, opened),
                         FZ_MALFORMED);
        sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    unsigned char other_key[32], other_nonce[12];
    memcpy(other_key, key, 32);
    memcpy(other_nonce, nonce, 12);
    other_key[31] ^= 1;
    other_nonce[11] ^= 1;
    assert_int_equal(fz_gcm_open(other_key, nonce, "certificate", 11, sealed, sizeof sealed, opened),
                     FZ_MALFORMED);
    assert_int_equal(fz_gcm_open(key, other_nonce, "certificate", 11, sealed, sizeof sealed, opened),
                     FZ_MALFORMED);
    assert_int_equal(fz_gcm_open(key, nonce, "certificatE", 11, sealed, sizeof sealed, opened), FZ_MALFORMED);
    assert_int_equal(fz_gcm_open(key, nonce, "", 0, sealed, sizeof sealed, opened), FZ_MALFORMED);
    for (size_t size = 0; size < sizeof sealed; size++)
        assert_int_equal(fz_gcm_open(key, nonce, "certificate", 11, sealed, size, opened), FZ_MALFORMED);
    assert_string_equal(opened, "untouch"); /* nothing of the plain text has left */
    assert_int_equal(fz_gcm_open(key, nonce, "certificate", 11, sealed, sizeof sealed, opened), FZ_OK);
    assert_memory_equal(opened, "plain", 5);
}

static void nothing_and_no_associated_data_can_be_sealed(void **state)
{
    (void)state;
    unsigned char sealed[FZ_GCM_TAG_SIZE], opened[1];
    assert_int_equal(fz_gcm_seal(key, nonce, NULL, 0, NULL, 0, sealed), FZ_OK);
    assert_int_equal(fz_gcm_open(key, nonce, NULL, 0, sealed, sizeof sealed, opened), FZ_OK);
    sealed[0] ^= 1;
    assert_int_equal(fz_gcm_open(key, nonce, NULL, 0, sealed, sizeof sealed, opened), FZ_MALFORMED);
}

static int set_up(void **state)
{
    *state = fz_key_read(vector_key_pem);
    assert_non_null(*state);
    return 0;
}

static int tear_down(void **state)
{
    EVP_PKEY_free(*state);
    return 0;
}

static void a_name_sealed_by_openssl_opens(void **state)
{
    char name[64];
    assert_int_equal(fz_oaep_open(*state, vector_sealed_name, name, sizeof name), FZ_OK);
    assert_string_equal(name, "Zhang San");
    assert_int_equal(fz_oaep_open(*state, vector_sealed_name, name, 10), FZ_OK);
    assert_string_equal(name, "Zhang San");
    char small[9] = "untouch";
    assert_int_equal(fz_oaep_open(*state, vector_sealed_name, small, sizeof small), FZ_FULL);
    assert_string_equal(small, "untouch");
}

static void what_was_not_sealed_by_the_rules_does_not_open(void **state)
{
    char name[64] = "untouched";
    assert_int_equal(fz_oaep_open(*state, vector_sealed_sha256, name, sizeof name), FZ_MALFORMED);
    assert_int_equal(fz_oaep_open(*state, vector_sealed_nul, name, sizeof name), FZ_MALFORMED);
    assert_int_equal(fz_oaep_open(*state, vector_sealed_pkcs1, name, sizeof name), FZ_MALFORMED);
    assert_int_equal(fz_oaep_open(*state, "", name, sizeof name), FZ_MALFORMED);
    assert_int_equal(fz_oaep_open(*state, "Zhang San", name, sizeof name), FZ_MALFORMED);
    assert_int_equal(fz_oaep_open(*state, "Zm9vYmFy", name, sizeof name), FZ_MALFORMED);
    char huge[2001];
    memset(huge, 'A', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    assert_int_equal(fz_oaep_open(*state, huge, name, sizeof name), FZ_MALFORMED);
    huge[344] = '\0'; /* the right length: 258 zero bytes */
    assert_int_equal(fz_oaep_open(*state, huge, name, sizeof name), FZ_MALFORMED);
    char text[sizeof vector_sealed_name];
    strcpy(text, vector_sealed_name);
    text[100] = text[100] == 'A' ? 'B' : 'A';
    assert_int_equal(fz_oaep_open(*state, text, name, sizeof name), FZ_MALFORMED);
    EVP_PKEY *other = EVP_RSA_gen(2048);
    assert_int_equal(fz_oaep_open(other, vector_sealed_name, name, sizeof name), FZ_MALFORMED);
    EVP_PKEY_free(other);
    assert_string_equal(name, "untouched");
    assert_int_equal(ERR_peek_error(), 0);
}

static void names_up_to_214_bytes_can_be_sealed(void **state)
{
    char plain[216], sealed[345], opened[256], again[345];
    memset(plain, 'n', sizeof plain);
    plain[215] = '\0';
    assert_int_equal(fz_oaep_seal(*state, plain, sealed, sizeof sealed), FZ_FULL);
    plain[214] = '\0';
    assert_int_equal(fz_oaep_seal(*state, plain, sealed, sizeof sealed - 1), FZ_FULL);
    assert_int_equal(fz_oaep_seal(*state, plain, sealed, sizeof sealed), FZ_OK);
    assert_int_equal(strlen(sealed), 344);
    assert_int_equal(fz_oaep_open(*state, sealed, opened, sizeof opened), FZ_OK);
    assert_string_equal(opened, plain);
    assert_int_equal(fz_oaep_seal(*state, plain, again, sizeof again), FZ_OK);
    assert_string_not_equal(again, sealed); /* never the same twice */
    assert_int_equal(fz_oaep_seal(*state, "", sealed, sizeof sealed), FZ_OK);
    assert_int_equal(fz_oaep_open(*state, sealed, opened, sizeof opened), FZ_OK);
    assert_string_equal(opened, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealing_gives_the_specification_s_bytes_and_opens_again),
        cmocka_unit_test(a_changed_bit_anywhere_does_not_open),
        cmocka_unit_test(nothing_and_no_associated_data_can_be_sealed),
        cmocka_unit_test(a_name_sealed_by_openssl_opens),
        cmocka_unit_test(what_was_not_sealed_by_the_rules_does_not_open),
        cmocka_unit_test(names_up_to_214_bytes_can_be_sealed),
    };
    return cmocka_run_group_tests_name("wire_sealed", tests, set_up, tear_down);
}
