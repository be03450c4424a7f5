/* The TLS authority: its certificate, and the server's. */
#include "wire/server/authority.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/server/host_names.h"
#include "base/server/random.h"
#include "wire/api_hosts.h"
#include "wire/openssl.h"

#define DAY_S          86400
#define AUTHORITY_DAYS 3650
#define SERVER_DAYS    397
#define SERIAL_BYTES   16
#define NAME_SIZE      64
#define NAMES_MAX      8192 /* an extension with FZ_HOST_NAMES_MAX names, written for libcrypto */

/* Masks of one address. */
#define WHOLE_V4 "255.255.255.255"
#define WHOLE_V6 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"

/* RFC 5280, 4.2.1.10: what is not permitted here, no verifier accepts from this CA. */
static const char constraints[] =
    "critical,permitted;DNS:" FZ_API_DOMAIN ",permitted;DNS:" FZ_API_RETRY_HOST ",permitted;DNS:localhost,"
    "permitted;IP:127.0.0.1/" WHOLE_V4 ",permitted;IP:::1/" WHOLE_V6;

EVP_PKEY *fz_tls_key_new(void)
{
    FZ_KEEP_ERROR_QUEUE;
    return EVP_EC_gen("P-256");
}

EVP_PKEY *fz_tls_key_read(const char *pem)
{
    FZ_KEEP_ERROR_QUEUE;
    FZ_CLEANUP(fz_bio_done) BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, NULL, FZ_NO_PASSWORD);
    return key;
}

/* ---- writing ---- */

/* A certificate on its way: extensions may refer to the issuer's certificate. */
struct draft {
    X509 *x509;
    X509V3_CTX context;
};

static bool add_extension(struct draft *draft, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &draft->context, nid, value);
    bool done = extension != NULL && X509_add_ext(draft->x509, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

/* Positive, and never the same twice: RFC 5280, 4.1.2.2. */
static bool set_serial(X509 *x509)
{
    unsigned char drawn[SERIAL_BYTES];
    fz_random(drawn, sizeof drawn);
    drawn[0] = (unsigned char)((drawn[0] & 0x3F) | 0x40);
    BIGNUM *number = BN_bin2bn(drawn, sizeof drawn, NULL);
    bool done = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != NULL;
    BN_free(number);
    return done;
}

/* From a day before `now_ms`, so that a peer whose clock is behind accepts it too. */
static bool set_times(X509 *x509, int64_t now_ms, int days)
{
    time_t begin = (time_t)(now_ms / 1000 - DAY_S);
    return X509_time_adj_ex(X509_getm_notBefore(x509), 0, 0, &begin) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(x509), days, -1, &begin) != NULL;
}

static bool begin(struct draft *draft, EVP_PKEY *key, const char *name, X509 *issuer, int64_t now_ms,
                  int days)
{
    X509_NAME *subject = X509_get_subject_name(draft->x509);
    X509V3_set_ctx(&draft->context, issuer, draft->x509, NULL, NULL, 0);
    return X509_set_version(draft->x509, X509_VERSION_3) == 1 && set_serial(draft->x509) &&
           X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, (const unsigned char *)name, -1,
                                      -1, 0) == 1 &&
           X509_set_issuer_name(draft->x509, X509_get_subject_name(issuer)) == 1 &&
           set_times(draft->x509, now_ms, days) && X509_set_pubkey(draft->x509, key) == 1 &&
           add_extension(draft, NID_subject_key_identifier, "hash") &&
           add_extension(draft, NID_authority_key_identifier, "keyid:always");
}

static enum fz_result sign_and_write(X509 *x509, EVP_PKEY *issuer_key, struct fz_text *pem)
{
    FZ_KEEP_ERROR_QUEUE;
    FZ_CLEANUP(fz_bio_done) BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL || X509_sign(x509, issuer_key, EVP_sha256()) <= 0 || PEM_write_bio_X509(bio, x509) != 1)
        return FZ_FAILED;
    char *text = NULL;
    long size = BIO_get_mem_data(bio, &text);
    fz_text_add(pem, text, (size_t)size);
    return pem->failed ? FZ_FULL : FZ_OK;
}

static bool add_constraints(struct draft *draft, const struct fz_host_names *hosts)
{
    FZ_CLEANUP(fz_text_done) struct fz_text permitted = {.max = NAMES_MAX};
    fz_text_string(&permitted, constraints);
    for (size_t i = 0; hosts != NULL && i < hosts->count; i++) {
        const char *host = hosts->names[i];
        bool is_v6 = strchr(host, ':') != NULL;
        if (fz_host_is_address(host))
            fz_text_format(&permitted, ",permitted;IP:%s/%s", host, is_v6 ? WHOLE_V6 : WHOLE_V4);
        else
            fz_text_format(&permitted, ",permitted;DNS:%s", host);
    }
    return !permitted.failed && add_extension(draft, NID_name_constraints, permitted.data);
}

enum fz_result fz_authority_make(EVP_PKEY *key, const struct fz_host_names *hosts, int64_t now_ms, struct fz_text *pem)
{
    FZ_KEEP_ERROR_QUEUE;
    FZ_CLEANUP(fz_x509_done) X509 *x509 = X509_new();
    struct draft draft = {.x509 = x509};
    char name[NAME_SIZE], mark[9];
    fz_random_text(mark, sizeof mark); /* tells it from the CA of another data directory in a list of them */
    snprintf(name, sizeof name, "Fenzhang sandbox CA %s", mark);
    if (x509 == NULL || !begin(&draft, key, name, x509, now_ms, AUTHORITY_DAYS) ||
        !add_extension(&draft, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
        !add_extension(&draft, NID_key_usage, "critical,keyCertSign,cRLSign") ||
        !add_extension(&draft, NID_ext_key_usage, "serverAuth") ||
        !add_constraints(&draft, hosts))
        return FZ_FAILED;
    return sign_and_write(x509, key, pem);
}

/* RFC 5280, 4.2.1.10: a name is within a permitted one if labels were added on its left, or none. */
static bool is_within(const char *host, const ASN1_STRING *permitted)
{
    size_t size = (size_t)ASN1_STRING_length(permitted), whole = strlen(host);
    return whole >= size && memcmp(host + whole - size, ASN1_STRING_get0_data(permitted), size) == 0 &&
           (whole == size || host[whole - size - 1] == '.');
}

/* An address with its mask behind it. Ours are of one address each. */
static bool is_address(const char *host, const ASN1_STRING *permitted)
{
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(host);
    int size = address == NULL ? 0 : ASN1_STRING_length(address);
    bool same = size > 0 && ASN1_STRING_length(permitted) == 2 * size &&
                memcmp(ASN1_STRING_get0_data(permitted), ASN1_STRING_get0_data(address), (size_t)size) == 0;
    ASN1_OCTET_STRING_free(address);
    return same;
}

/* A CA that an older version made, or that was made for other names, permits fewer hosts. One name too many, and the whole
 * certificate would be refused under all of them. */
static bool permits(const NAME_CONSTRAINTS *limits, const char *host)
{
    const STACK_OF(GENERAL_SUBTREE) *permitted = limits == NULL ? NULL : limits->permittedSubtrees;
    const bool address = fz_host_is_address(host);
    for (int i = 0; i < sk_GENERAL_SUBTREE_num(permitted); i++) {
        const GENERAL_NAME *base = sk_GENERAL_SUBTREE_value(permitted, i)->base;
        if ((!address && base->type == GEN_DNS && is_within(host, base->d.dNSName)) ||
            (address && base->type == GEN_IPADD && is_address(host, base->d.iPAddress)))
            return true;
    }
    return permitted == NULL;
}

static bool add_names(struct draft *draft, X509 *authority, const struct fz_host_names *hosts)
{
    FZ_CLEANUP(fz_text_done) struct fz_text names = {.max = NAMES_MAX};
    NAME_CONSTRAINTS *limits = X509_get_ext_d2i(authority, NID_name_constraints, NULL, NULL);
    for (size_t i = 0; i < FZ_API_HOSTS; i++)
        if (permits(limits, fz_api_hosts[i]))
            fz_text_format(&names, "DNS:%s,", fz_api_hosts[i]);
    NAME_CONSTRAINTS_free(limits);
    fz_text_string(&names, "DNS:localhost,IP:127.0.0.1,IP:::1");
    for (size_t i = 0; hosts != NULL && i < hosts->count; i++)
        fz_text_format(&names, ",%s:%s", fz_host_is_address(hosts->names[i]) ? "IP" : "DNS", hosts->names[i]);
    return !names.failed && add_extension(draft, NID_subject_alt_name, names.data);
}

/* New; NULL if there is none. */
static X509 *read_first(const char *pem)
{
    FZ_CLEANUP(fz_bio_done) BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *x509 = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, FZ_NO_PASSWORD);
    return x509;
}

const char *fz_authority_lacks(const char *authority_pem, const struct fz_host_names *hosts)
{
    FZ_KEEP_ERROR_QUEUE;
    FZ_CLEANUP(fz_x509_done) X509 *authority = read_first(authority_pem);
    const char *lacking = NULL;
    NAME_CONSTRAINTS *limits = authority == NULL ? NULL : X509_get_ext_d2i(authority, NID_name_constraints, NULL, NULL);
    for (size_t i = 0; hosts != NULL && lacking == NULL && i < hosts->count; i++)
        if (!permits(limits, hosts->names[i]))
            lacking = hosts->names[i];
    NAME_CONSTRAINTS_free(limits);
    return lacking;
}

enum fz_result fz_authority_issue(EVP_PKEY *authority_key, const char *authority_pem, EVP_PKEY *key,
                                  const struct fz_host_names *hosts, int64_t now_ms, struct fz_text *pem)
{
    FZ_KEEP_ERROR_QUEUE;
    FZ_CLEANUP(fz_x509_done) X509 *authority = read_first(authority_pem);
    FZ_CLEANUP(fz_x509_done) X509 *x509 = X509_new();
    struct draft draft = {.x509 = x509};
    if (authority == NULL)
        return FZ_MALFORMED;
    if (x509 == NULL || !begin(&draft, key, "Fenzhang", authority, now_ms, SERVER_DAYS) ||
        !add_extension(&draft, NID_basic_constraints, "critical,CA:FALSE") ||
        !add_extension(&draft, NID_key_usage, "critical,digitalSignature") ||
        !add_extension(&draft, NID_ext_key_usage, "serverAuth") || !add_names(&draft, authority, hosts))
        return FZ_FAILED;
    const ASN1_TIME *end = X509_get0_notAfter(authority);
    if (ASN1_TIME_compare(end, X509_get0_notAfter(x509)) < 0 && X509_set1_notAfter(x509, end) != 1)
        return FZ_FAILED;
    return sign_and_write(x509, authority_key, pem);
}

/* ---- reading ---- */

enum fz_pair fz_pair_check(const char *pem, EVP_PKEY *key, int64_t now_ms)
{
    FZ_KEEP_ERROR_QUEUE;
    FZ_CLEANUP(fz_x509_done) X509 *x509 = read_first(pem);
    time_t now = (time_t)(now_ms / 1000);
    if (x509 == NULL)
        return FZ_PAIR_UNREADABLE;
    bool same = X509_check_private_key(x509, key) == 1;
    if (!same)
        return FZ_PAIR_DIFFERENT;
    if (ASN1_TIME_cmp_time_t(X509_get0_notBefore(x509), now) > 0)
        return FZ_PAIR_EARLY;
    return ASN1_TIME_cmp_time_t(X509_get0_notAfter(x509), now) < 0 ? FZ_PAIR_ENDED : FZ_PAIR_GOOD;
}

bool fz_certificate_names(const char *pem, const char *host)
{
    FZ_KEEP_ERROR_QUEUE;
    FZ_CLEANUP(fz_x509_done) X509 *x509 = read_first(pem);
    char name[256];
    size_t size = strlen(host);
    bool bracketed = size >= 2 && host[0] == '[' && host[size - 1] == ']';
    if (x509 == NULL || size == 0 ||
        !fz_copy_part(name, sizeof name, host + (bracketed ? 1 : 0), size - (bracketed ? 2 : 0)))
        return false;
    return X509_check_ip_asc(x509, name, 0) == 1 ||
           (!bracketed && X509_check_host(x509, name, 0, 0, NULL) == 1);
}
