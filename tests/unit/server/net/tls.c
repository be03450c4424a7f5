/* The authority's files, and what TLS is served with. */
#include "unit/server/place.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/private_file.h"
#include "server/keys/authority_file.h"
#include "server/net/tls.h"
#include "wire/server/authority.h"
#include "wire/server/certificate.h"
#include "wire/server/key.h"

static char why[6000];
static struct fz_authority authority;

static enum fz_result open_authority(void)
{
    why[0] = '\0';
    return fz_authority_open(place, NULL, &authority, why, sizeof why);
}

static mode_t mode_of(const char *name)
{
    struct stat found;
    assert_int_equal(stat(place_path(name), &found), 0);
    return found.st_mode & 07777;
}

static void put(const char *name, const char *text)
{
    bool changed;
    assert_int_equal(fz_private_file_write(place_path(name), text, strlen(text), &changed), FZ_OK);
}

/* ---- the authority ---- */

static void it_is_made_once(void **state)
{
    (void)state;
    assert_int_equal(open_authority(), FZ_OK);
    assert_string_equal(authority.path, place_path("tls/ca_cert.pem"));
    assert_int_equal(mode_of("tls"), 0700);
    assert_int_equal(mode_of("tls/ca_key.pem"), 0600);
    char *first = strdup(authority.pem);
    assert_int_equal(fz_pair_check(first, authority.key, fz_wire_now_ms()), FZ_PAIR_GOOD);
    fz_authority_done(&authority);
    assert_int_equal(open_authority(), FZ_OK);
    assert_string_equal(authority.pem, first);
    fz_authority_done(&authority);
    free(first);
}

/* `fenzhang ca' and a server, say: both get the same. */
static void two_processes_at_once_make_one(void **state)
{
    (void)state;
    pid_t children[4];
    for (size_t i = 0; i < 4; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(open_authority() == FZ_OK ? 0 : 1);
    }
    for (size_t i = 0; i < 4; i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(open_authority(), FZ_OK);
    fz_authority_done(&authority);
}

static void a_key_that_others_can_use_is_refused(void **state)
{
    (void)state;
    assert_int_equal(open_authority(), FZ_OK);
    fz_authority_done(&authority);
    assert_int_equal(chmod(place_path("tls/ca_key.pem"), 0640), 0);
    assert_int_equal(open_authority(), FZ_FAILED);
    assert_non_null(strstr(why, "ca_key.pem"));
    assert_non_null(strstr(why, "chmod 600"));
    assert_null(authority.key);
}

/* A new authority would not be trusted by anybody, so it is never made in the place of one. */
static void one_that_lost_a_part_is_refused(void **state)
{
    (void)state;
    assert_int_equal(open_authority(), FZ_OK);
    fz_authority_done(&authority);
    char *key = strdup(place_path("tls/ca_key.pem"));
    assert_int_equal(rename(key, place_path("kept")), 0);
    assert_int_equal(open_authority(), FZ_FAILED);
    assert_non_null(strstr(why, "ca_key.pem"));
    assert_int_not_equal(access(key, F_OK), 0);
    put("tls/ca_key.pem", "no key");
    assert_int_equal(open_authority(), FZ_FAILED);
    assert_non_null(strstr(why, "no private key"));
    free(key);
}

static void its_certificate_can_be_made_again_from_its_key(void **state)
{
    (void)state;
    assert_int_equal(open_authority(), FZ_OK);
    fz_authority_done(&authority);
    assert_int_equal(unlink(place_path("tls/ca_cert.pem")), 0);
    assert_int_equal(open_authority(), FZ_OK);
    fz_authority_done(&authority);
}

static void a_certificate_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct fz_text text = {.max = 8192};
    EVP_PKEY *other = fz_tls_key_new();
    assert_int_equal(open_authority(), FZ_OK);
    fz_authority_done(&authority);
    put("tls/ca_cert.pem", "no certificate");
    assert_int_equal(open_authority(), FZ_FAILED);
    assert_non_null(strstr(why, "no certificate"));
    assert_int_equal(fz_authority_make(other, NULL, fz_wire_now_ms(), &text), FZ_OK);
    put("tls/ca_cert.pem", text.data);
    assert_int_equal(open_authority(), FZ_FAILED);
    assert_non_null(strstr(why, "does not belong"));
    EVP_PKEY_free(other);
    fz_text_done(&text);
}

static void one_that_has_ended_is_refused(void **state)
{
    (void)state;
    struct fz_text text = {.max = 8192};
    assert_int_equal(open_authority(), FZ_OK);
    assert_int_equal(fz_authority_make(authority.key, NULL, fz_wire_now_ms() - INT64_C(4000) * 86400000, &text),
                     FZ_OK);
    fz_authority_done(&authority);
    put("tls/ca_cert.pem", text.data);
    assert_int_equal(open_authority(), FZ_FAILED);
    assert_non_null(strstr(why, "not valid any more"));
    fz_text_done(&text);
}

/* ---- what the server has ---- */

static struct fz_tls_files files;

static enum fz_result load(struct fz_tls **out)
{
    why[0] = '\0';
    files.data = place;
    return fz_tls_load(&files, out, why, sizeof why);
}

static void a_certificate_is_made_for_each_run(void **state)
{
    (void)state;
    struct fz_tls *tls = NULL, *again = NULL;
    struct MHD_OptionItem options[FZ_TLS_OPTIONS], others[FZ_TLS_OPTIONS];
    assert_int_equal(load(&tls), FZ_OK);
    assert_int_equal(load(&again), FZ_OK);
    assert_string_equal(fz_tls_authority_path(tls), place_path("tls/ca_cert.pem"));
    assert_true(fz_tls_names(tls, "apihk.mch.weixin.qq.com") && fz_tls_names(tls, "[::1]"));
    assert_false(fz_tls_names(tls, "www.example.com"));
    fz_tls_options(tls, options);
    fz_tls_options(again, others);
    assert_int_equal(options[0].option, MHD_OPTION_HTTPS_MEM_KEY);
    assert_int_equal(options[1].option, MHD_OPTION_HTTPS_MEM_CERT);
    assert_string_not_equal(options[0].ptr_value, others[0].ptr_value);
    EVP_PKEY *key = fz_tls_key_read(options[0].ptr_value);
    assert_int_equal(fz_pair_check(options[1].ptr_value, key, fz_wire_now_ms()), FZ_PAIR_GOOD);
    EVP_PKEY_free(key);
    fz_tls_options(NULL, options);
    assert_int_equal(options[0].option, MHD_OPTION_END);
    fz_tls_free(tls);
    fz_tls_free(again);
}

/* RSA, as many have; in a certificate of the platform's kind. */
static void put_own(const char *certificate_of)
{
    static EVP_PKEY *keys[2];
    char serial[FZ_SERIAL_SIZE];
    struct fz_text key = {.max = 8192}, certificate = {.max = 8192};
    for (size_t i = 0; i < 2; i++)
        if (keys[i] == NULL)
            assert_non_null(keys[i] = fz_key_new());
    EVP_PKEY *other = strcmp(certificate_of, "other") == 0 ? keys[1] : keys[0];
    assert_int_equal(fz_key_write(keys[0], &key), FZ_OK);
    assert_int_equal(fz_certificate_make(other, "own", keys[0], "own", NULL, serial, &certificate), FZ_OK);
    put("own.key", key.data);
    put("own.pem", certificate.data);
    fz_text_done(&key);
    fz_text_done(&certificate);
}

static void one_s_own_is_served_without_an_authority(void **state)
{
    (void)state;
    struct fz_tls *tls = NULL;
    char *key = strdup(place_path("own.key")), *certificate = strdup(place_path("own.pem"));
    files.key = key;
    files.certificate = certificate;
    put_own("own");
    assert_int_equal(chmod(certificate, 0644), 0); /* it is no secret */
    assert_int_equal(load(&tls), FZ_OK);
    assert_null(fz_tls_authority_path(tls));
    assert_int_not_equal(access(place_path("tls"), F_OK), 0);
    fz_tls_free(tls);

    assert_int_equal(chmod(key, 0644), 0);
    assert_int_equal(load(&tls), FZ_FAILED);
    assert_non_null(strstr(why, "chmod 600"));
    put("own.key", "no key");
    assert_int_equal(load(&tls), FZ_FAILED);
    assert_non_null(strstr(why, "no private key"));
    put_own("other");
    assert_int_equal(load(&tls), FZ_FAILED);
    assert_non_null(strstr(why, "not that of the key"));
    put("own.pem", "no certificate");
    assert_int_equal(load(&tls), FZ_FAILED);
    assert_non_null(strstr(why, "no certificate"));
    assert_int_equal(unlink(certificate), 0);
    assert_int_equal(load(&tls), FZ_FAILED);
    assert_non_null(strstr(why, "own.pem"));
    assert_non_null(strstr(why, "--tls-cert"));
    free(key);
    free(certificate);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, place_make, place_close)
    const struct CMUnitTest tests[] = {
        TEST(it_is_made_once),
        TEST(two_processes_at_once_make_one),
        TEST(a_key_that_others_can_use_is_refused),
        TEST(one_that_lost_a_part_is_refused),
        TEST(its_certificate_can_be_made_again_from_its_key),
        TEST(a_certificate_that_does_not_fit_is_refused),
        TEST(one_that_has_ended_is_refused),
        TEST(a_certificate_is_made_for_each_run),
        TEST(one_s_own_is_served_without_an_authority),
    };
    return cmocka_run_group_tests_name("server/tls", tests, NULL, NULL);
}
