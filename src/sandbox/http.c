/* The control interface, called over loopback. */
#include "sandbox/http.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#define ANSWER_MAX (256 << 20)
#define URL_SIZE   4096

static size_t take(char *data, size_t one, size_t count, void *argument)
{
    struct fz_text *answer = argument;
    fz_text_add(answer, data, one * count);
    return answer->failed ? 0 : count;
}

/* Whatever the environment says of proxies, this goes to loopback. Signals are the program's. */
static bool set_up(CURL *easy, const struct fz_sandbox_call *call, const char *url, struct curl_slist *headers)
{
    return curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOPROXY, "*") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method) == CURLE_OK;
}

static bool set_body(CURL *easy, const char *body)
{
    return body == NULL || (curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(body)) == CURLE_OK &&
                            curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body) == CURLE_OK);
}

static CURLcode perform(CURL *easy, const struct fz_sandbox_call *call, struct fz_text *answer, long *status)
{
    char url[URL_SIZE];
    int size = snprintf(url, sizeof url, "%s%s", call->base, call->path);
    if (size < 0 || (size_t)size >= sizeof url)
        return CURLE_URL_MALFORMAT;
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    CURLcode code = CURLE_OUT_OF_MEMORY;
    if (headers != NULL && set_up(easy, call, url, headers) && set_body(easy, call->body) &&
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer) == CURLE_OK)
        code = curl_easy_perform(easy);
    if (code == CURLE_OK)
        code = curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, status);
    curl_slist_free_all(headers);
    return code;
}

const char *fz_sandbox_send(const struct fz_sandbox_call *call, struct fz_text *answer, long *status)
{
    CURL *easy = curl_easy_init();
    *status = 0;
    answer->max = ANSWER_MAX;
    CURLcode code = easy == NULL ? CURLE_OUT_OF_MEMORY : perform(easy, call, answer, status);
    curl_easy_cleanup(easy);
    return code == CURLE_OK ? NULL : curl_easy_strerror(code);
}
