/* The service behind the system calls: connections are pairs of sockets, whose other ends it reads whenever something was
 * sent. */
#include "torture/service.h"

#include <assert.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "torture/calls.h"
#include "unit/client/platform.h"

#define SERIAL    "56B967D6BDE78849FB8EDFDA6787867439372B3B"
#define AMOUNT    "\"amount\":{\"total\":5000,\"refund\":100,\"currency\":\"CNY\",\"payer_total\":5000,\"payer_refund\":100," \
                  "\"payer_currency\":\"CNY\",\"exchange_rate\":{\"type\":\"SETTLEMENT_RATE\",\"rate\":650000000}}"
#define QUERIED   "{\"id\":\"5030000000000000001\",\"out_refund_no\":\"R1\",\"transaction_id\":\"42\",\"out_trade_no\":\"T1\"," AMOUNT \
                  ",\"channel\":\"ORIGINAL\",\"recv_account\":\"x\",\"fund_source\":\"REFUND_SOURCE_UNSETTLED_FUNDS\"," \
                  "\"create_time\":\"2026-01-04T11:00:00+08:00\",\"status\":\"PROCESSING\"}"
#define SUBMITTED "{\"id\":\"5030000000000000002\",\"out_refund_no\":\"R2\",\"create_time\":\"2026-01-05T10:00:00+08:00\"," AMOUNT "}"
#define ORDERED   "{\"code_url\":\"weixin://wxpay/bizpayurl?pr=ReU7m6sf7\"}"
#define UPLOADED  "{\"file_id\":\"" SERVICE_FILE_ID "\"}"
#define REFUSAL   "{\"code\":\"NOT_ENOUGH\",\"message\":\"The balance does not suffice\",\"detail\":{\"field\":\"amount\",\"issue\":\"x\"}}"
#define UNKNOWN   "{\"code\":\"RESOURCE_NOT_EXISTS\",\"message\":\"There is no such refund\"}"
#define CALLED    "{\"sp_mchid\":\"1900000100\",\"sub_mchid\":\"1900000109\",\"transaction_id\":\"42\",\"out_trade_no\":\"T1\"," \
                  "\"refund_id\":\"5030000000000000001\",\"out_refund_no\":\"R1\",\"refund_status\":\"SUCCESS\"," \
                  "\"success_time\":\"2026-01-05T10:00:00+08:00\",\"recv_account\":\"x\"," AMOUNT "}"

struct service service;

enum said { SAID_CERTIFICATES, SAID_QUERIED, SAID_SUBMITTED, SAID_ORDERED, SAID_UPLOADED, SAID_REFUSAL, SAID_UNKNOWN, SAID_CALLED, SAID_COUNT };

static EVP_PKEY *platform, *stranger, *merchant, *host;
static struct platform_answer genuine[SAID_COUNT], forged[SAID_COUNT];
static char *merchant_pem, *platform_pem;
static char ca_file[] = "/tmp/fenzhang-torture-XXXXXX";
static SSL_CTX *tls;

/* ---- what it says ---- */

static void say(enum said what, char *body)
{
    platform_sign(&forged[what], stranger, SERIAL, SERVICE_NOW_MS / 1000, strdup(body));
    platform_sign(&genuine[what], platform, SERIAL, SERVICE_NOW_MS / 1000, body);
}

/* A callback about a refund, its resource sealed under the APIv3 key. */
static char *callback_body(void)
{
    static const char nonce[] = "fdasflkja484";
    unsigned char sealed[2048], base64[4096];
    int size = 0, more = 0;
    char *body = NULL;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, (const unsigned char *)SERVICE_APIV3_KEY, (const unsigned char *)nonce);
    EVP_EncryptUpdate(context, NULL, &more, (const unsigned char *)"refund", 6);
    EVP_EncryptUpdate(context, sealed, &size, (const unsigned char *)CALLED, (int)strlen(CALLED));
    EVP_EncryptFinal_ex(context, sealed + size, &more);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, sealed + size);
    EVP_CIPHER_CTX_free(context);
    EVP_EncodeBlock(base64, sealed, size + 16);
    if (asprintf(&body,
                 "{\"id\":\"EV-1\",\"create_time\":\"2026-01-05T10:00:00+08:00\",\"event_type\":\"REFUND.SUCCESS\","
                 "\"resource_type\":\"encrypt-resource\",\"summary\":\"x\",\"resource\":{\"algorithm\":\"AEAD_AES_256_GCM\","
                 "\"original_type\":\"refund\",\"ciphertext\":\"%s\",\"nonce\":\"%s\",\"associated_data\":\"refund\"}}",
                 base64, nonce) < 0)
        abort();
    return body;
}

struct fz_callback_request service_callback(void)
{
    const struct platform_answer *said = &(service.temper == FORGED ? forged : genuine)[SAID_CALLED];
    return (struct fz_callback_request){.size = sizeof(struct fz_callback_request), .timestamp = said->timestamp,
                                        .nonce = said->nonce, .serial = said->serial, .signature = said->signature,
                                        .body = said->body, .body_size = strlen(said->body)};
}

/* ---- its certificate ---- */

static void be_the_host(void)
{
    X509 *x509 = X509_new();
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 7);
    X509_gmtime_adj(X509_getm_notBefore(x509), -86400); /* TLS goes by the machine's clock */
    X509_gmtime_adj(X509_getm_notAfter(x509), 86400);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC, (const unsigned char *)"here", -1, -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(x509));
    X509_set_pubkey(x509, host);
    X509_EXTENSION *name = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(x509, name, -1);
    X509_EXTENSION_free(name);
    X509_sign(x509, host, EVP_sha256());
    tls = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(tls, x509);
    SSL_CTX_use_PrivateKey(tls, host);
    FILE *file = fdopen(mkstemp(ca_file), "w");
    PEM_write_X509(file, x509);
    fclose(file);
    X509_free(x509);
}

static char *private_pem(EVP_PKEY *key)
{
    char *data = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    long size = BIO_get_mem_data(bio, &data);
    char *text = strndup(data, (size_t)size);
    BIO_free(bio);
    return text;
}

void service_begin(void)
{
    service.inside = true;
    platform = EVP_RSA_gen(2048);
    stranger = EVP_RSA_gen(2048);
    merchant = EVP_RSA_gen(2048);
    host = EVP_EC_gen("P-256");
    merchant_pem = private_pem(merchant);
    platform_pem = platform_certificate(platform, SERIAL, SERVICE_NOW_MS / 1000 - 86400, SERVICE_NOW_MS / 1000 + 86400 * 1000);
    say(SAID_CERTIFICATES, platform_list(SERVICE_APIV3_KEY, (const char *const[]){platform_pem, NULL}));
    say(SAID_QUERIED, strdup(QUERIED));
    say(SAID_SUBMITTED, strdup(SUBMITTED));
    say(SAID_ORDERED, strdup(ORDERED));
    say(SAID_UPLOADED, strdup(UPLOADED));
    say(SAID_REFUSAL, strdup(REFUSAL));
    say(SAID_UNKNOWN, strdup(UNKNOWN));
    say(SAID_CALLED, callback_body());
    be_the_host();
    service.inside = false;
}

void service_end(void)
{
    service.inside = true;
    unlink(ca_file);
    SSL_CTX_free(tls);
    EVP_PKEY *const keys[] = {platform, stranger, merchant, host};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        EVP_PKEY_free(keys[i]);
    for (size_t i = 0; i < SAID_COUNT; i++) {
        free(genuine[i].body);
        free(forged[i].body);
    }
    free(merchant_pem);
    free(platform_pem);
    service.inside = false;
}

const char *service_ca_file(void)
{
    return ca_file;
}

const char *service_merchant_key(void)
{
    return merchant_pem;
}

/* ---- connections ---- */

static struct connection {
    int fd, other; /* the client's end, and this one; 0: none */
    SSL *ssl;
    BIO *in, *out;
    char request[16384];
    size_t used;
} connections[16];

static struct connection *connection_of(int fd)
{
    for (size_t i = 0; i < sizeof connections / sizeof connections[0]; i++)
        if (connections[i].other != 0 && connections[i].fd == fd)
            return &connections[i];
    return NULL;
}

unsigned service_open(void)
{
    unsigned count = 0;
    for (size_t i = 0; i < sizeof connections / sizeof connections[0]; i++)
        count += connections[i].other != 0;
    return count;
}

void service_accept(int fd, int other)
{
    service.inside = true;
    struct connection *connection = connections;
    while (connection->other != 0)
        connection++;
    assert(connection < connections + sizeof connections / sizeof connections[0]);
    *connection = (struct connection){.fd = fd, .other = other, .ssl = SSL_new(tls), .in = BIO_new(BIO_s_mem()),
                                      .out = BIO_new(BIO_s_mem())};
    SSL_set_bio(connection->ssl, connection->in, connection->out);
    SSL_set_accept_state(connection->ssl);
    service.inside = false;
}

bool service_has(int fd)
{
    return connection_of(fd) != NULL;
}

void service_close(int fd)
{
    struct connection *connection = connection_of(fd);
    if (connection == NULL)
        return;
    service.inside = true;
    SSL_free(connection->ssl);
    close(connection->other);
    connection->other = 0;
    service.inside = false;
}

/* ---- answering ---- */

static const struct {
    const char *begin;
    enum said said;
} paths[WRITES] = {[REFUND] = {"POST /v3/global/refunds", SAID_SUBMITTED},
                   [ORDER] = {"POST /v3/global/transactions/native", SAID_ORDERED},
                   [UPLOAD] = {"POST /v3/global/merchant-storage/file/upload", SAID_UPLOADED}};

static bool begins(const char *text, size_t size, const char *with)
{
    size_t length = strlen(with);
    return memcmp(text, with, size < length ? size : length) == 0;
}

static enum said choose(const struct connection *connection, int *status)
{
    *status = 200;
    if (begins(connection->request, connection->used, "GET /v3/certificates")) {
        service.certificates++;
        return SAID_CERTIFICATES;
    }
    if (begins(connection->request, connection->used, "GET /v3/global/refunds/out-refund-no/R1"))
        return SAID_QUERIED;
    *status = 404;
    if (connection->request[0] == 'G')
        return SAID_UNKNOWN;
    enum write write = REFUND;
    while (write + 1 < WRITES && !begins(connection->request, connection->used, paths[write].begin))
        write++;
    service.answered[write] = true;
    *status = service.temper == REFUSES || service.temper == STRANGER ? 400 : 200;
    return *status == 400 ? SAID_REFUSAL : paths[write].said;
}

static void answer(struct connection *connection)
{
    int status;
    char head[2048], signature[1400] = "";
    enum said what = choose(connection, &status);
    const struct platform_answer *said = &(service.temper == FORGED && what != SAID_CERTIFICATES ? forged : genuine)[what];
    if (service.temper != STRANGER || what != SAID_REFUSAL)
        snprintf(signature, sizeof signature,
                 "Wechatpay-Timestamp: %s\r\nWechatpay-Nonce: %s\r\nWechatpay-Serial: %s\r\nWechatpay-Signature: %s\r\n",
                 said->timestamp, said->nonce, said->serial, said->signature);
    int size = snprintf(head, sizeof head, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\nRequest-ID: 1-268590000\r\n%s\r\n", status,
                        strlen(said->body), signature);
    SSL_write(connection->ssl, head, size);
    SSL_write(connection->ssl, said->body, (int)strlen(said->body));
    connection->used = 0;
}

/* Whether a whole request is there. */
static bool is_whole(struct connection *connection)
{
    connection->request[connection->used] = '\0';
    const char *end = strstr(connection->request, "\r\n\r\n"), *length = strcasestr(connection->request, "\r\nContent-Length:");
    size_t body = length == NULL || end == NULL || length > end ? 0 : strtoul(length + 17, NULL, 10);
    return end != NULL && connection->used >= (size_t)(end + 4 - connection->request) + body;
}

static void take_request(struct connection *connection)
{
    int size;
    while ((size = SSL_read(connection->ssl, connection->request + connection->used,
                            (int)(sizeof connection->request - 1 - connection->used))) > 0) {
        connection->used += (size_t)size;
        for (int write = 0; write < WRITES; write++)
            if (begins(connection->request, connection->used, paths[write].begin))
                service.reached[write] = true;
        if (is_whole(connection))
            answer(connection);
    }
}

void service_serve(int fd)
{
    char bytes[16384];
    ssize_t size;
    struct connection *connection = connection_of(fd);
    service.inside = true;
    while ((size = recv_whole(connection->other, bytes, sizeof bytes)) > 0)
        BIO_write(connection->in, bytes, (int)size);
    take_request(connection);
    while ((size = BIO_read(connection->out, bytes, sizeof bytes)) > 0)
        send_whole(connection->other, bytes, (size_t)size);
    service.inside = false;
}
