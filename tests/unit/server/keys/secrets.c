/* The secret file, and what is sealed under it. */
#include "unit/server/place.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char why[600];

static void write_file(const char *name, const char *text, mode_t mode)
{
    int file = open(place_path(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(file, mode), 0);
    close(file);
}

static enum fz_result load(const char *name, bool create, struct fz_secrets *out)
{
    why[0] = '\0';
    return fz_secrets_load(place_path(name), create, out, why, sizeof why);
}

static void makes_a_private_file_and_reads_the_same_again(void **state)
{
    (void)state;
    struct fz_secrets made, again;
    struct stat found;
    assert_int_equal(load("secret.key", true, &made), FZ_OK);
    assert_int_equal(stat(place_path("secret.key"), &found), 0);
    assert_int_equal(found.st_mode & 07777, 0600);
    assert_int_equal(found.st_size, 65);
    assert_int_equal(load("secret.key", false, &again), FZ_OK);
    assert_memory_equal(&made, &again, sizeof made);
    assert_int_not_equal(access(place_path("secret.key.new"), F_OK), 0);
}

/* printf LABEL | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f, for each label. */
static void derives_three_keys(void **state)
{
    (void)state;
    static const unsigned char sealing[] = {0x67, 0x27, 0x4c, 0xd0, 0xa9, 0xb6, 0x71, 0x5a, 0xbc, 0x7f, 0xaa,
                                            0x5a, 0x27, 0x3d, 0x49, 0x40, 0x8b, 0xbe, 0x2d, 0x38, 0x5f, 0x24,
                                            0x28, 0x6a, 0x34, 0x56, 0x13, 0xe5, 0xfc, 0x56, 0x61, 0xf3},
                               token[] = {0xbf, 0x8f, 0x4d, 0x39, 0x3d, 0x76, 0x89, 0xd3, 0x44, 0xb2, 0x40,
                                          0xa3, 0xc6, 0xa2, 0xa0, 0x09, 0x32, 0xac, 0x25, 0x8c, 0x89, 0x19,
                                          0xb3, 0xe8, 0x7d, 0x1f, 0x24, 0x07, 0x3a, 0x09, 0xe0, 0x88},
                               draws[] = {0xf8, 0x83, 0x4f, 0xcf, 0x09, 0x91, 0xda, 0x45, 0xaf, 0x53, 0x03,
                                          0x3c, 0x2e, 0x04, 0x09, 0x64, 0x57, 0x91, 0x42, 0x85, 0x12, 0xa0,
                                          0x5b, 0x30, 0x25, 0xf2, 0xae, 0x01, 0x00, 0x42, 0xfb, 0x3b};
    struct fz_secrets secrets;
    write_file("secret.key", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1F\n", 0600);
    assert_int_equal(load("secret.key", false, &secrets), FZ_OK);
    assert_memory_equal(secrets.sealing, sealing, 32);
    assert_memory_equal(secrets.token, token, 32);
    assert_memory_equal(secrets.draws, draws, 32);
}

static void refuses_what_others_can_use(void **state)
{
    (void)state;
    static const mode_t modes[] = {0640, 0604, 0620, 0601};
    struct fz_secrets secrets;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        write_file("secret.key", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
                   modes[i]);
        assert_int_equal(load("secret.key", true, &secrets), FZ_FAILED);
        assert_non_null(strstr(why, "chmod 600"));
    }
}

static void refuses_what_is_no_secret(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "00",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fff",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n\n",
        "g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"};
    struct fz_secrets secrets;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        write_file("secret.key", texts[i], 0600);
        assert_int_equal(load("secret.key", true, &secrets), FZ_FAILED);
        assert_non_null(strstr(why, "64 hexadecimal digits"));
    }
    assert_int_equal(load(".", true, &secrets), FZ_FAILED);
}

/* The keys of a book that exists would be lost with a secret made anew. */
static void makes_none_unless_told_to(void **state)
{
    (void)state;
    struct fz_secrets secrets;
    assert_int_equal(load("secret.key", false, &secrets), FZ_FAILED);
    assert_non_null(strstr(why, "is not there"));
    assert_int_not_equal(access(place_path("secret.key"), F_OK), 0);
}

static struct fz_text seal(const struct fz_secrets *secrets, const char *plain)
{
    struct fz_text sealed = {.max = 1000};
    assert_int_equal(fz_secret_seal(secrets, "kind", "row", plain, strlen(plain), &sealed), FZ_OK);
    return sealed;
}

static void opens_what_was_sealed_for_this_row_alone(void **state)
{
    (void)state;
    struct fz_secrets secrets = {.sealing = {1}}, other = {.sealing = {2}};
    struct fz_text sealed = seal(&secrets, "plain text"), opened = {.max = 1000};
    assert_int_equal(sealed.size, 12 + 10 + 16);
    assert_int_equal(fz_secret_open(&secrets, "kind", "row", sealed.data, sealed.size, &opened), FZ_OK);
    assert_string_equal(opened.data, "plain text");
    assert_int_equal(fz_secret_open(&secrets, "kind", "other", sealed.data, sealed.size, &opened),
                     FZ_MALFORMED);
    assert_int_equal(fz_secret_open(&secrets, "other", "row", sealed.data, sealed.size, &opened),
                     FZ_MALFORMED);
    assert_int_equal(fz_secret_open(&secrets, "kin", "drow", sealed.data, sealed.size, &opened),
                     FZ_MALFORMED);
    assert_int_equal(fz_secret_open(&other, "kind", "row", sealed.data, sealed.size, &opened), FZ_MALFORMED);
    assert_int_equal(opened.size, 10);
    fz_text_done(&sealed);
    fz_text_done(&opened);
}

static void notices_every_changed_byte(void **state)
{
    (void)state;
    struct fz_secrets secrets = {.sealing = {1}};
    struct fz_text sealed = seal(&secrets, "plain text"), opened = {.max = 1000};
    for (size_t i = 0; i < sealed.size; i++) {
        sealed.data[i] ^= 1;
        assert_int_equal(fz_secret_open(&secrets, "kind", "row", sealed.data, sealed.size, &opened),
                         FZ_MALFORMED);
        sealed.data[i] ^= 1;
        assert_int_equal(fz_secret_open(&secrets, "kind", "row", sealed.data, i, &opened), FZ_MALFORMED);
    }
    assert_int_equal(opened.size, 0);
    fz_text_done(&sealed);
}

static void seals_differently_each_time(void **state)
{
    (void)state;
    struct fz_secrets secrets = {.sealing = {1}};
    struct fz_text first = seal(&secrets, ""), second = seal(&secrets, "");
    assert_int_equal(first.size, 28);
    assert_memory_not_equal(first.data, second.data, 12);
    fz_text_done(&first);
    fz_text_done(&second);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, place_make, place_close)
    const struct CMUnitTest tests[] = {
        TEST(makes_a_private_file_and_reads_the_same_again),
        TEST(derives_three_keys),
        TEST(refuses_what_others_can_use),
        TEST(refuses_what_is_no_secret),
        TEST(makes_none_unless_told_to),
        TEST(opens_what_was_sealed_for_this_row_alone),
        TEST(notices_every_changed_byte),
        TEST(seals_differently_each_time),
    };
    return cmocka_run_group_tests_name("secrets", tests, NULL, NULL);
}
