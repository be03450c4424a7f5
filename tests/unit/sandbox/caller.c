/* A signed call. */
#include "unit/sandbox/caller.h"

#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

fz_sandbox *caller_sandbox(const struct fz_sandbox_options *options)
{
    char why[FZ_SANDBOX_WHY_SIZE] = "";
    fz_sandbox *sandbox = NULL;
    if (fz_sandbox_new(options, &sandbox, why, sizeof why) != 0)
        fail_msg("%s", why);
    return sandbox;
}

fz_sandbox *caller_seeded(void)
{
    struct fz_sandbox_options options = FZ_INIT(fz_sandbox_options);
    options.has_seed = true;
    options.seed = 7;
    return caller_sandbox(&options);
}

/* Base64 of RSA (PKCS #1 v1.5) over SHA-256. */
static void sign(const char *key_file, const char *message, char out[400])
{
    unsigned char signature[256];
    size_t size = sizeof signature;
    FILE *file = fopen(key_file, "r");
    assert_non_null(file);
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(context, signature, &size, (const unsigned char *)message, strlen(message)), 1);
    EVP_EncodeBlock((unsigned char *)out, signature, (int)size);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
}

static void authorize(fz_sandbox *sandbox, const char *mchid, const char *target, const char *body, char *out, size_t size)
{
    static atomic_int calls;
    char message[4096], signature[400], nonce[33];
    long now = (long)time(NULL);
    struct fz_sandbox_credentials credentials = FZ_INIT(fz_sandbox_credentials);
    if (fz_sandbox_get_credentials(sandbox, mchid, &credentials) != 0)
        fail_msg("%s", fz_sandbox_error());
    snprintf(nonce, sizeof nonce, "%032d", atomic_fetch_add(&calls, 1));
    snprintf(message, sizeof message, "%s\n%s\n%ld\n%s\n%s\n", body == NULL ? "GET" : "POST", target, now, nonce,
             body == NULL ? "" : body);
    sign(credentials.private_key_file, message, signature);
    snprintf(out, size,
             "Authorization: WECHATPAY2-SHA256-RSA2048 "
             "mchid=\"%s\",nonce_str=\"%s\",timestamp=\"%ld\",serial_no=\"%s\",signature=\"%s\"",
             credentials.mchid, nonce, now, credentials.serial_no, signature);
}

static size_t keep(char *data, size_t one, size_t count, void *into)
{
    return fwrite(data, one, count, into);
}

static long perform(fz_sandbox *sandbox, const char *url, struct curl_slist *headers, const char *body, FILE *answer)
{
    long status = 0;
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L); /* else it meddles with SIGPIPE, which a test looks at */
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "a-shop/1");
    if (body != NULL)
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    if (fz_sandbox_ca_file(sandbox) != NULL)
        curl_easy_setopt(easy, CURLOPT_CAINFO, fz_sandbox_ca_file(sandbox));
    assert_int_equal(curl_easy_perform(easy), CURLE_OK);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(easy);
    return status;
}

json_t *caller_call(fz_sandbox *sandbox, const char *mchid, const char *target, const char *body, long status)
{
    char url[1024], authorization[2048], *text = NULL;
    size_t size = 0;
    authorize(sandbox, mchid, target, body, authorization, sizeof authorization);
    snprintf(url, sizeof url, "%s%s", fz_sandbox_url(sandbox), target);
    struct curl_slist *headers = curl_slist_append(NULL, authorization);
    curl_slist_append(headers, "Accept: application/json");
    curl_slist_append(headers, "Content-Type: application/json");
    FILE *answer = open_memstream(&text, &size);
    long got = perform(sandbox, url, headers, body, answer);
    fclose(answer);
    curl_slist_free_all(headers);
    if (got != status)
        fail_msg("%s: %ld %s", target, got, text);
    json_t *json = json_loads(text, 0, NULL);
    free(text);
    return json;
}

const char *caller_text(const json_t *answer, const char *name)
{
    const char *text = json_string_value(json_object_get(answer, name));
    return text == NULL ? "" : text;
}
