/* Makes a client from its options, and ends it. */
#include <curl/curl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "client/client.h"
#include "client/error.h"
#include "client/lane.h"
#include "wire/key.h"

#define PEM_MAX       65536 /* bytes of a key's file: the largest has a few thousand */
#define DEADLINE_MS   30000 /* as long as somebody at a till waits */
#define ATTEMPT_MS    10000 /* three hosts fit into a deadline */
#define BACKOFF_MS    200
#define ATTEMPTS      4     /* each host once, and one of them again */
#define TOLERANCE_S   300   /* the vendor's window for requests, taken for answers too */
#define AGENT         "fenzhang/" FZ_VERSION

/* In the order in which they are tried (the vendor's document on access points: apihk is the nearest for most). */
static const char *const default_hosts[] = {"https://apihk.mch.weixin.qq.com", "https://apius.mch.weixin.qq.com",
                                            "https://apieu.mch.weixin.qq.com", NULL};

int64_t fz_client_now_ms(const fz_client *client)
{
    return client->now_ms == NULL ? fz_wire_now_ms() : client->now_ms(client->clock);
}

/* ---- libcurl ---- */

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static bool curl_is_ready;

static void begin_curl(void)
{
    curl_is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

/* ---- pieces ---- */

/* A whole file as text; NULL: it cannot be read. */
static char *read_file(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = file == NULL ? NULL : fz_allocate(PEM_MAX + 1);
    size_t size = text == NULL ? 0 : fread(text, 1, PEM_MAX, file);
    if (file != NULL)
        fclose(file);
    if (text != NULL)
        text[size] = '\0';
    return text;
}

static void wipe(char *text)
{
    if (text != NULL)
        OPENSSL_cleanse(text, strlen(text));
    fz_release(text);
}

static fz_error *wrong(const char *what)
{
    return fz_error_make(FZ_CODE_OPTIONS, FZ_OUTCOME_NOT_SENT, "The client was not made: %s", what);
}

static fz_error *load_key(const struct fz_client_options *options, fz_client *client)
{
    char *pem = NULL;
    if (options->sign != NULL) {
        client->sign = options->sign;
        client->signer = options->signer;
        return NULL;
    }
    if (options->private_key != NULL)
        pem = fz_text_copy(options->private_key);
    else if (options->private_key_file != NULL)
        pem = read_file(options->private_key_file);
    else
        return wrong("it has no private key. Set private_key_file, private_key, or sign.");
    if (pem == NULL)
        return fz_error_make(FZ_CODE_FILE, FZ_OUTCOME_NOT_SENT,
                             "The client was not made: the private key in %s cannot be read. Look at the path and its permissions.",
                             options->private_key_file == NULL ? "memory" : options->private_key_file);
    client->key = fz_key_read(pem);
    wipe(pem);
    return client->key != NULL ? NULL : wrong("its private key is no RSA key in PEM (PKCS #8) without a password.");
}

static fz_error *load_trust(const struct fz_client_options *options, fz_client *client)
{
    char why[512] = "";
    char *from_file = options->public_key == NULL && options->public_key_file != NULL ? read_file(options->public_key_file) : NULL;
    if (options->public_key == NULL && options->public_key_file != NULL && from_file == NULL)
        return fz_error_make(FZ_CODE_FILE, FZ_OUTCOME_NOT_SENT,
                             "The client was not made: the platform's public key in %s cannot be read.", options->public_key_file);
    const struct fz_trust_setup setup = {
        .certificates = options->platform_certificates,
        .directory = options->certificate_directory,
        .public_key_id = options->public_key_id,
        .public_key = options->public_key != NULL ? options->public_key : from_file,
        .fixed = options->fixed_certificates,
        .apiv3_key = client->has_apiv3_key ? client->apiv3_key : NULL,
    };
    enum fz_result result = fz_trust_new(&setup, fz_client_now_ms(client), &client->trust, why, sizeof why);
    fz_release(from_file);
    if (result == FZ_FAILED)
        return fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_NOT_SENT, " ");
    return result == FZ_OK ? NULL : fz_error_make(FZ_CODE_OPTIONS, FZ_OUTCOME_NOT_SENT, "The client was not made: %s", why);
}

/* A copy without the slash at its end. */
static char *copy_host(const char *host)
{
    char *copy = fz_text_copy(host);
    for (size_t size = copy == NULL ? 0 : strlen(copy); size > 0 && copy[size - 1] == '/'; size--)
        copy[size - 1] = '\0';
    return copy;
}

static fz_error *load_hosts(const struct fz_client_options *options, fz_client *client)
{
    const char *const *hosts = options->hosts == NULL ? default_hosts : options->hosts;
    size_t count = 0;
    while (hosts[count] != NULL)
        count++;
    if (count == 0)
        return wrong("`hosts` has none. Leave it NULL for the service's own, or name one.");
    client->hosts = fz_allocate_zeroed(count * sizeof *client->hosts);
    for (; client->hosts != NULL && client->host_count < count; client->host_count++) {
        const char *host = hosts[client->host_count];
        if (strncmp(host, "https://", 8) != 0 && strncmp(host, "http://", 7) != 0)
            return wrong("a host has no scheme. Write https://HOST or https://HOST:PORT.");
        client->hosts[client->host_count] = copy_host(host);
        if (client->hosts[client->host_count] == NULL)
            break;
    }
    return client->host_count == count ? NULL : fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_NOT_SENT, " ");
}

static int64_t or_default(int64_t value, int64_t fallback)
{
    return value > 0 ? value : fallback;
}

static void load_limits(const struct fz_client_options *options, fz_client *client)
{
    client->deadline_ms = or_default(options->deadline_ms, DEADLINE_MS);
    client->attempt_ms = or_default(options->attempt_ms, ATTEMPT_MS);
    client->backoff_ms = or_default(options->backoff_ms, BACKOFF_MS);
    client->attempts = (int)or_default(options->attempts, ATTEMPTS);
    client->tolerance_s = options->has_tolerance ? options->timestamp_tolerance_s : TOLERANCE_S;
    client->now_ms = options->now_ms;
    client->clock = options->clock;
    client->chinese = options->chinese;
}

/* NULL texts stay NULL. False: memory is short. */
static bool copy_texts(const struct fz_client_options *options, fz_client *client)
{
    struct fz_text agent = {.max = 1024};
    client->mchid = fz_text_copy(options->mchid);
    client->serial_no = fz_text_copy(options->serial_no);
    client->proxy = fz_text_copy(options->proxy);
    client->ca_file = fz_text_copy(options->ca_file);
    if (options->user_agent != NULL)
        fz_text_format(&agent, "%s ", options->user_agent);
    fz_text_string(&agent, AGENT);
    client->user_agent = agent.failed ? NULL : agent.data;
    return client->mchid != NULL && client->serial_no != NULL && client->user_agent != NULL &&
           (client->proxy != NULL) == (options->proxy != NULL) && (client->ca_file != NULL) == (options->ca_file != NULL);
}

static fz_error *check_texts(const struct fz_client_options *options)
{
    if (options->mchid == NULL || options->mchid[0] == '\0')
        return wrong("`mchid` is missing: the number of the merchant or institution that calls.");
    if (options->serial_no == NULL || options->serial_no[0] == '\0')
        return wrong("`serial_no` is missing: the serial number of the caller's API certificate (openssl x509 -serial shows it).");
    if (options->apiv3_key != NULL && strlen(options->apiv3_key) != 32)
        return wrong("`apiv3_key` has to be the 32 characters that were set in the console.");
    return NULL;
}

static fz_error *load(const struct fz_client_options *options, fz_client *client)
{
    fz_error *error = check_texts(options);
    if (error == NULL && !copy_texts(options, client))
        error = fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_NOT_SENT, " ");
    if (error != NULL)
        return error;
    load_limits(options, client);
    client->has_apiv3_key = options->apiv3_key != NULL;
    if (client->has_apiv3_key)
        memcpy(client->apiv3_key, options->apiv3_key, sizeof client->apiv3_key);
    error = load_key(options, client);
    if (error == NULL)
        error = load_hosts(options, client);
    return error == NULL ? load_trust(options, client) : error;
}

int fz_client_new(const struct fz_client_options *options, fz_client **out, fz_error **error)
{
    struct fz_client_options known = {0};
    if (options->size < sizeof(size_t))
        return fz_fail(error, wrong("the options begin with no size. Start them with FZ_CLIENT_OPTIONS_INIT."));
    memcpy(&known, options, options->size < sizeof known ? options->size : sizeof known);
    pthread_once(&curl_once, begin_curl);
    fz_client *client = curl_is_ready ? fz_allocate_zeroed(sizeof *client) : NULL;
    if (client == NULL)
        return fz_fail(error, fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_NOT_SENT, " "));
    pthread_mutex_init(&client->lock, NULL);
    client->process = getpid();
    fz_error *what = load(&known, client);
    if (what == NULL) {
        *out = client;
        return 0;
    }
    fz_client_free(client);
    return fz_fail(error, what);
}

void fz_client_free(fz_client *client)
{
    if (client == NULL)
        return;
    fz_lanes_free(client, client->process == getpid());
    fz_trust_free(client->trust);
    EVP_PKEY_free(client->key);
    for (size_t i = 0; client->hosts != NULL && i < client->host_count; i++)
        fz_release(client->hosts[i]);
    fz_release(client->hosts);
    fz_release(client->mchid);
    fz_release(client->serial_no);
    fz_release(client->proxy);
    fz_release(client->ca_file);
    fz_release(client->user_agent);
    OPENSSL_cleanse(client->apiv3_key, sizeof client->apiv3_key);
    pthread_mutex_destroy(&client->lock);
    fz_release(client);
}

void fz_set_allocator(void *(*allocate)(size_t), void *(*reallocate)(void *, size_t), void (*release)(void *))
{
    fz_memory_use(allocate, reallocate, release);
}
