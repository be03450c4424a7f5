/* The TLS authority and its certificates, as OpenSSL and GnuTLS verify them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <gnutls/x509.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/server/host_names.h"
#include "unit/wire/vectors.h"
#include "wire/api_hosts.h"
#include "wire/certificate.h"
#include "wire/server/authority.h"
#include "wire/server/key.h"

#define DAY_MS INT64_C(86400000)
#define NOW_MS INT64_C(1795000000000) /* 2026-11-18T08:26:40Z: date -ud @1795000000 */

static EVP_PKEY *authority_key, *server_key;
static struct fz_text authority, server;

static int make(void **state)
{
    (void)state;
    authority_key = fz_tls_key_new();
    server_key = fz_tls_key_new();
    authority = server = (struct fz_text){.max = 8192};
    return fz_authority_make(authority_key, NULL, NOW_MS, &authority) == FZ_OK &&
                   fz_authority_issue(authority_key, authority.data, server_key, NULL, NOW_MS, &server) == FZ_OK
               ? 0
               : -1;
}

static int drop(void **state)
{
    (void)state;
    EVP_PKEY_free(authority_key);
    EVP_PKEY_free(server_key);
    fz_text_done(&authority);
    fz_text_done(&server);
    return 0;
}

static X509 *read_pem(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    assert_non_null(x509);
    return x509;
}

/* OpenSSL's verdict, strict, for a TLS server of this name. */
static int openssl_verdict(X509 *leaf, const char *host, int64_t at_ms)
{
    X509 *root = read_pem(authority.data);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    assert_int_equal(X509_STORE_add_cert(store, root), 1);
    assert_int_equal(X509_STORE_CTX_init(context, store, leaf, NULL), 1);
    X509_VERIFY_PARAM *parameters = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_time(parameters, (time_t)(at_ms / 1000));
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT);
    assert_int_equal(X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER), 1);
    if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host) != 1)
        assert_int_equal(X509_VERIFY_PARAM_set1_host(parameters, host, 0), 1);
    ERR_clear_error();
    (void)X509_verify_cert(context);
    int verdict = X509_STORE_CTX_get_error(context);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    X509_free(root);
    return verdict;
}

/* GnuTLS's: 0 is good. It has no time to be set, so it is told to leave that out. */
static unsigned gnutls_verdict(const char *leaf_pem, const char *host)
{
    gnutls_x509_trust_list_t list;
    gnutls_x509_crt_t root, leaf;
    gnutls_datum_t root_data = {(unsigned char *)authority.data, (unsigned)authority.size},
                   leaf_data = {(unsigned char *)(uintptr_t)leaf_pem, (unsigned)strlen(leaf_pem)};
    gnutls_typed_vdata_st wanted[] = {
        {GNUTLS_DT_DNS_HOSTNAME, (unsigned char *)(uintptr_t)host, 0},
        {GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_SERVER, 0}};
    unsigned status = 0;
    assert_int_equal(gnutls_x509_trust_list_init(&list, 0), 0);
    gnutls_x509_crt_init(&root);
    gnutls_x509_crt_init(&leaf);
    assert_int_equal(gnutls_x509_crt_import(root, &root_data, GNUTLS_X509_FMT_PEM), 0);
    assert_int_equal(gnutls_x509_crt_import(leaf, &leaf_data, GNUTLS_X509_FMT_PEM), 0);
    assert_int_equal(gnutls_x509_trust_list_add_cas(list, &root, 1, 0), 1);
    assert_int_equal(gnutls_x509_trust_list_verify_crt2(list, &leaf, 1, wanted, 2,
                                                        GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
                                                            GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS,
                                                        &status, NULL),
                     0);
    gnutls_x509_crt_deinit(leaf);
    gnutls_x509_trust_list_deinit(list, 1);
    return status;
}

/* The names of the vendor's documents and SDKs, and this machine's. */
static const char *const names[] = {"apihk.mch.weixin.qq.com",
                                    "apius.mch.weixin.qq.com",
                                    "apieu.mch.weixin.qq.com",
                                    "api.mch.weixin.qq.com",
                                    "api2.mch.weixin.qq.com",
                                    "api2.wechatpay.cn",
                                    "localhost",
                                    "127.0.0.1",
                                    "::1"};
#define NAME_COUNT (sizeof names / sizeof names[0])

static void the_server_is_believed_under_each_of_its_names(void **state)
{
    (void)state;
    X509 *leaf = read_pem(server.data);
    for (size_t i = 0; i < NAME_COUNT; i++) {
        assert_int_equal(openssl_verdict(leaf, names[i], NOW_MS), X509_V_OK);
        assert_int_equal(gnutls_verdict(server.data, names[i]), 0);
        assert_true(fz_certificate_names(server.data, names[i]));
    }
    assert_true(fz_certificate_names(server.data, "[::1]"));
    assert_true(fz_certificate_names(server.data, "APIHK.mch.weixin.qq.com"));
    X509_free(leaf);
}

static void and_under_no_other(void **state)
{
    (void)state;
    static const char *const others[] = {
        "pay.weixin.qq.com", "mch.weixin.qq.com",      "x.apihk.mch.weixin.qq.com",
        "example.com",       "apihk.mch.weixin.qq.co", "127.0.0.2",
        "fenzhang",          "api.wechatpay.cn",       "wechatpay.cn"};
    X509 *leaf = read_pem(server.data);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_not_equal(openssl_verdict(leaf, others[i], NOW_MS), X509_V_OK);
        assert_int_not_equal(gnutls_verdict(server.data, others[i]), 0);
        assert_false(fz_certificate_names(server.data, others[i]));
    }
    assert_false(fz_certificate_names(server.data, ""));
    assert_false(fz_certificate_names(server.data, "[localhost]"));
    assert_false(fz_certificate_names(server.data, "[]"));
    assert_false(fz_certificate_names("nothing", "localhost"));
    X509_free(leaf);
}

/* Names of --tls-name: what the CA was made for it vouches for, and what lies below a name; what it was not made for it lacks. */
static void names_of_one_s_own(void **state)
{
    (void)state;
    static const char *const own[] = {"fenzhang", "pay.test.example", "192.168.1.7", "fd00::7"};
    static struct fz_host_names hosts, later;
    struct fz_text kept = authority, issued = {.max = 8192};
    char bad[FZ_HOST_NAME_SIZE];
    assert_int_equal(fz_host_names_add(&hosts, "fenzhang,pay.test.example,192.168.1.7,fd00::7", bad), FZ_OK);
    assert_string_equal(fz_authority_lacks(authority.data, &hosts), "fenzhang");
    authority = (struct fz_text){.max = 8192};
    assert_int_equal(fz_authority_make(authority_key, &hosts, NOW_MS, &authority), FZ_OK);
    assert_null(fz_authority_lacks(authority.data, &hosts));
    assert_int_equal(fz_authority_issue(authority_key, authority.data, server_key, &hosts, NOW_MS, &issued), FZ_OK);
    X509 *leaf = read_pem(issued.data);
    for (size_t i = 0; i < NAME_COUNT; i++)
        assert_int_equal(openssl_verdict(leaf, names[i], NOW_MS), X509_V_OK);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        assert_int_equal(openssl_verdict(leaf, own[i], NOW_MS), X509_V_OK);
        assert_int_equal(gnutls_verdict(issued.data, own[i]), 0);
        assert_true(fz_certificate_names(issued.data, own[i]));
    }
    assert_false(fz_certificate_names(issued.data, "x.fenzhang"));
    assert_false(fz_certificate_names(issued.data, "192.168.1.8"));
    assert_int_equal(fz_host_names_add(&later, "x.fenzhang,192.168.1.7", bad), FZ_OK);
    assert_null(fz_authority_lacks(authority.data, &later));
    static const char *const lacking[] = {"xfenzhang", "example", "test.example", "192.168.1.8", "fd00::8", "168.1.7.192"};
    for (size_t i = 0; i < sizeof lacking / sizeof lacking[0]; i++) {
        struct fz_host_names one = {0};
        assert_int_equal(fz_host_names_add(&one, lacking[i], bad), FZ_OK);
        assert_string_equal(fz_authority_lacks(authority.data, &one), lacking[i]);
    }
    X509_free(leaf);
    fz_text_done(&issued);
    fz_text_done(&authority);
    authority = kept;
}

/* The most names, the longest of all: everything has room. */
static void as_many_names_as_can_be(void **state)
{
    (void)state;
    struct fz_host_names hosts = {0};
    struct fz_text made = {.max = 8192}, issued = {.max = 16384};
    char name[FZ_HOST_NAME_SIZE], bad[FZ_HOST_NAME_SIZE];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    for (size_t at = 63; at < sizeof name - 1; at += 64)
        name[at] = '.';
    for (int i = 0; i < FZ_HOST_NAMES_MAX; i++) {
        name[0] = (char)('a' + i);
        assert_int_equal(fz_host_names_add(&hosts, name, bad), FZ_OK);
    }
    assert_int_equal(fz_authority_make(authority_key, &hosts, NOW_MS, &made), FZ_OK);
    assert_null(fz_authority_lacks(made.data, &hosts));
    assert_int_equal(fz_authority_issue(authority_key, made.data, server_key, &hosts, NOW_MS, &issued), FZ_OK);
    assert_true(fz_certificate_names(issued.data, name));
    fz_text_done(&made);
    fz_text_done(&issued);
}

/* A certificate that whoever has the CA's key could make for any name. */
static X509 *forge(const char *alternative_name)
{
    X509 *root = read_pem(authority.data), *leaf = X509_new();
    X509V3_CTX context;
    time_t begin = (time_t)(NOW_MS / 1000) - 60;
    X509V3_set_ctx(&context, root, leaf, NULL, NULL, 0);
    X509_set_version(leaf, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(leaf), 7);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(leaf), "O", MBSTRING_ASC,
                               (const unsigned char *)"forger", -1, -1, 0);
    X509_set_issuer_name(leaf, X509_get_subject_name(root));
    X509_time_adj_ex(X509_getm_notBefore(leaf), 0, 0, &begin);
    X509_time_adj_ex(X509_getm_notAfter(leaf), 1, 0, &begin);
    X509_set_pubkey(leaf, server_key);
    const int kinds[] = {NID_subject_key_identifier, NID_authority_key_identifier, NID_ext_key_usage,
                         NID_subject_alt_name};
    const char *const values[] = {"hash", "keyid", "serverAuth", alternative_name};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kinds[i], values[i]);
        assert_non_null(extension);
        X509_add_ext(leaf, extension, -1);
        X509_EXTENSION_free(extension);
    }
    assert_true(X509_sign(leaf, authority_key, EVP_sha256()) > 0);
    X509_free(root);
    return leaf;
}

/* Trusting the CA opens nothing else: not even its own key can vouch for another place. */
static void the_authority_cannot_vouch_for_others(void **state)
{
    (void)state;
    static const struct {
        const char *alternative_name, *host;
        bool permitted;
    } forged[] = {
        {"DNS:new.mch.weixin.qq.com", "new.mch.weixin.qq.com", true}, /* the check below could succeed */
        {"DNS:www.example.com", "www.example.com", false},
        {"DNS:api.wechatpay.cn", "api.wechatpay.cn", false},
        {"DNS:pay.weixin.qq.com", "pay.weixin.qq.com", false},
        {"DNS:apihk.mch.weixin.qq.com.example.com", "apihk.mch.weixin.qq.com.example.com", false},
        {"IP:127.0.0.2", "127.0.0.2", false},
        {"IP:192.0.2.1", "192.0.2.1", false},
        {"IP:2001:db8::1", "2001:db8::1", false},
        {"DNS:localhost,DNS:www.example.com", "localhost", false},
    };
    for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
        X509 *leaf = forge(forged[i].alternative_name);
        BIO *bio = BIO_new(BIO_s_mem());
        assert_int_equal(PEM_write_bio_X509(bio, leaf), 1);
        assert_int_equal(BIO_write(bio, "", 1), 1);
        char *pem;
        (void)BIO_get_mem_data(bio, &pem);
        assert_int_equal(openssl_verdict(leaf, forged[i].host, NOW_MS),
                         forged[i].permitted ? X509_V_OK : X509_V_ERR_PERMITTED_VIOLATION);
        assert_int_equal(gnutls_verdict(pem, forged[i].host) == 0, forged[i].permitted);
        BIO_free(bio);
        X509_free(leaf);
    }
}

/* Nor make another authority. */
static void its_path_ends_with_the_server(void **state)
{
    (void)state;
    X509 *root = read_pem(authority.data), *leaf = read_pem(server.data);
    assert_int_equal(X509_get_pathlen(root), 0);
    assert_int_equal(X509_get_key_usage(root), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
    assert_int_equal(X509_get_extended_key_usage(root), XKU_SSL_SERVER);
    assert_int_equal(X509_check_ca(leaf), 0);
    assert_int_equal(X509_get_key_usage(leaf), KU_DIGITAL_SIGNATURE);
    assert_int_equal(X509_get_extended_key_usage(leaf), XKU_SSL_SERVER);
    assert_non_null(X509_get0_subject_key_id(leaf));
    assert_int_equal(ASN1_OCTET_STRING_cmp(X509_get0_authority_key_id(leaf), X509_get0_subject_key_id(root)),
                     0);
    X509_free(root);
    X509_free(leaf);
}

static void both_are_p256_and_new_each_time(void **state)
{
    (void)state;
    EVP_PKEY *other = fz_tls_key_new();
    assert_true(EVP_PKEY_is_a(authority_key, "EC"));
    assert_int_equal(EVP_PKEY_get_bits(authority_key), 256);
    assert_int_equal(EVP_PKEY_eq(authority_key, other), 0);
    struct fz_text again = {.max = 8192};
    assert_int_equal(fz_authority_make(authority_key, NULL, NOW_MS, &again), FZ_OK);
    X509 *one = read_pem(authority.data), *two = read_pem(again.data);
    assert_int_not_equal(ASN1_INTEGER_cmp(X509_get0_serialNumber(one), X509_get0_serialNumber(two)), 0);
    X509_free(one);
    X509_free(two);
    fz_text_done(&again);
    EVP_PKEY_free(other);
}

/* Apple's systems refuse servers' certificates of more than 397 (or 398) days. */
static void the_server_s_is_valid_for_397_days_from_yesterday(void **state)
{
    (void)state;
    X509 *leaf = read_pem(server.data);
    int days, seconds;
    assert_int_equal(ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(leaf), X509_get0_notAfter(leaf)), 1);
    assert_true(days == 396 && seconds == 86399); /* both ends belong to it */
    assert_int_equal(openssl_verdict(leaf, "localhost", NOW_MS - DAY_MS - 1000),
                     X509_V_ERR_CERT_NOT_YET_VALID);
    assert_int_equal(openssl_verdict(leaf, "localhost", NOW_MS - DAY_MS + 1000), X509_V_OK);
    assert_int_equal(openssl_verdict(leaf, "localhost", NOW_MS + 396 * DAY_MS - 2000), X509_V_OK);
    assert_int_equal(openssl_verdict(leaf, "localhost", NOW_MS + 396 * DAY_MS + 2000),
                     X509_V_ERR_CERT_HAS_EXPIRED);
    X509_free(leaf);
}

/* The constraints that CAs were made with before api2.wechatpay.cn was served. */
static void restrict_as_before(X509 *root)
{
    static const char before[] =
        "critical,permitted;DNS:mch.weixin.qq.com,permitted;DNS:localhost,permitted;IP:127.0.0.1/"
        "255.255.255.255,permitted;IP:::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    X509_EXTENSION_free(X509_delete_ext(root, X509_get_ext_by_NID(root, NID_name_constraints, -1)));
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_name_constraints, before);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(root, extension, -1), 1);
    X509_EXTENSION_free(extension);
    assert_true(X509_sign(root, authority_key, EVP_sha256()) > 0);
}

/* Whoever trusts an old CA is served as before: a name that it may not vouch for would cost him all others. */
static void an_old_authority_goes_on_under_its_names(void **state)
{
    (void)state;
    struct fz_text issued = {.max = 8192}, kept = authority;
    X509 *root = read_pem(authority.data);
    restrict_as_before(root);
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_X509(bio, root), 1);
    authority = (struct fz_text){.max = 8192};
    char *pem;
    long size = BIO_get_mem_data(bio, &pem);
    fz_text_add(&authority, pem, (size_t)size);
    assert_int_equal(fz_authority_issue(authority_key, authority.data, server_key, NULL, NOW_MS, &issued), FZ_OK);
    X509 *leaf = read_pem(issued.data);
    for (size_t i = 0; i < NAME_COUNT; i++) {
        bool served = strcmp(names[i], FZ_API_RETRY_HOST) != 0;
        assert_int_equal(openssl_verdict(leaf, names[i], NOW_MS) == X509_V_OK, served);
        assert_int_equal(gnutls_verdict(issued.data, names[i]) == 0, served);
        assert_int_equal(fz_certificate_names(issued.data, names[i]), served);
    }
    X509_free(leaf);
    X509_free(root);
    BIO_free(bio);
    fz_text_done(&issued);
    fz_text_done(&authority);
    authority = kept;
}

/* In the authority's last year. */
static void it_never_outlives_the_authority(void **state)
{
    (void)state;
    struct fz_text late = {.max = 8192};
    assert_int_equal(
        fz_authority_issue(authority_key, authority.data, server_key, NULL, NOW_MS + 3500 * DAY_MS, &late), FZ_OK);
    X509 *root = read_pem(authority.data), *leaf = read_pem(late.data);
    assert_int_equal(ASN1_TIME_compare(X509_get0_notAfter(leaf), X509_get0_notAfter(root)), 0);
    X509_free(root);
    X509_free(leaf);
    fz_text_done(&late);
}

static void what_is_wrong_with_a_pair(void **state)
{
    (void)state;
    assert_int_equal(fz_pair_check(authority.data, authority_key, NOW_MS), FZ_PAIR_GOOD);
    assert_int_equal(fz_pair_check(server.data, server_key, NOW_MS), FZ_PAIR_GOOD);
    assert_int_equal(fz_pair_check(server.data, authority_key, NOW_MS), FZ_PAIR_DIFFERENT);
    assert_int_equal(fz_pair_check(server.data, server_key, NOW_MS - 2 * DAY_MS), FZ_PAIR_EARLY);
    assert_int_equal(fz_pair_check(server.data, server_key, NOW_MS + 397 * DAY_MS), FZ_PAIR_ENDED);
    assert_int_equal(fz_pair_check(authority.data, authority_key, NOW_MS + 3640 * DAY_MS), FZ_PAIR_GOOD);
    assert_int_equal(fz_pair_check(authority.data, authority_key, NOW_MS + 3650 * DAY_MS), FZ_PAIR_ENDED);
    assert_int_equal(fz_pair_check("", server_key, NOW_MS), FZ_PAIR_UNREADABLE);
    assert_int_equal(fz_pair_check(vector_key_pem, server_key, NOW_MS), FZ_PAIR_UNREADABLE);
    assert_int_equal(fz_pair_check(vector_certificate_pem, server_key, NOW_MS), FZ_PAIR_DIFFERENT);
    assert_int_equal(ERR_peek_error(), 0);
}

static void keys_of_any_kind_are_read(void **state)
{
    (void)state;
    struct fz_text text = {.max = 4096};
    assert_int_equal(fz_key_write(server_key, &text), FZ_OK);
    EVP_PKEY *same = fz_tls_key_read(text.data), *rsa = fz_tls_key_read(vector_key_pem),
             *ec = fz_tls_key_read(vector_ec_key_pem);
    assert_int_equal(EVP_PKEY_eq(same, server_key), 1);
    assert_true(EVP_PKEY_is_a(rsa, "RSA") && EVP_PKEY_is_a(ec, "EC"));
    assert_null(fz_tls_key_read(""));
    assert_null(fz_tls_key_read(vector_certificate_pem));
    assert_null(fz_tls_key_read(vector_encrypted_key_pem)); /* and nobody is asked for the password */
    assert_int_equal(ERR_peek_error(), 0);
    EVP_PKEY_free(same);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    fz_text_done(&text);
}

static void without_room_nothing_is_made(void **state)
{
    (void)state;
    struct fz_text small = {.max = 100};
    assert_int_equal(fz_authority_make(authority_key, NULL, NOW_MS, &small), FZ_FULL);
    fz_text_done(&small);
    assert_int_equal(fz_authority_issue(authority_key, authority.data, server_key, NULL, NOW_MS, &small), FZ_FULL);
    fz_text_done(&small);
    assert_int_equal(fz_authority_issue(authority_key, "no certificate", server_key, NULL, NOW_MS, &small),
                     FZ_MALFORMED);
    fz_text_done(&small);
}

static void the_vendor_s_hosts(void **state)
{
    (void)state;
    for (size_t i = 0; i < NAME_COUNT; i++)
        assert_int_equal(fz_is_api_host(names[i], strlen(names[i])), i < FZ_API_HOSTS);
    assert_true(fz_is_api_host("ApiHK.MCH.weixin.qq.COM", 23));
    assert_true(fz_is_api_host("api.mch.weixin.qq.com:443", 21));
    static const char *const others[] = {"",
                                         "mch.weixin.qq.com",
                                         "api.mch.weixin.qq.com.",
                                         "api3.mch.weixin.qq.com",
                                         "api.mch.weixin.qq.co",
                                         "xapi.mch.weixin.qq.com"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(fz_is_api_host(others[i], strlen(others[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_server_is_believed_under_each_of_its_names),
        cmocka_unit_test(and_under_no_other),
        cmocka_unit_test(names_of_one_s_own),
        cmocka_unit_test(as_many_names_as_can_be),
        cmocka_unit_test(the_authority_cannot_vouch_for_others),
        cmocka_unit_test(its_path_ends_with_the_server),
        cmocka_unit_test(both_are_p256_and_new_each_time),
        cmocka_unit_test(the_server_s_is_valid_for_397_days_from_yesterday),
        cmocka_unit_test(an_old_authority_goes_on_under_its_names),
        cmocka_unit_test(it_never_outlives_the_authority),
        cmocka_unit_test(what_is_wrong_with_a_pair),
        cmocka_unit_test(keys_of_any_kind_are_read),
        cmocka_unit_test(without_room_nothing_is_made),
        cmocka_unit_test(the_vendor_s_hosts),
    };
    return cmocka_run_group_tests_name("wire/authority", tests, make, drop);
}
