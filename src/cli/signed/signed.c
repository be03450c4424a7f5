/* Requests signed and sent as they stand. */
#include "cli/signed/signed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/random.h"
#include "wire/authorization.h"
#include "wire/header_line.h"
#include "wire/signature.h"

#define ANSWER_MAX         ((size_t)64 << 20)
#define CONNECT_TIMEOUT_MS 10000L
#define TIMEOUT_MS         30000L

/* ---- the signature ---- */

static bool sign(const struct fz_signed_request *request, struct fz_text *line)
{
    char nonce[33], timestamp[24], signature[FZ_SIGNATURE_BASE64_SIZE];
    struct fz_piece pieces[10];
    int64_t seconds = fz_wire_now_ms() / 1000;
    struct fz_signer *signer = fz_signer_new(request->key);
    snprintf(timestamp, sizeof timestamp, "%" PRId64, seconds);
    bool good = signer != NULL && fz_random_text_try(nonce, sizeof nonce) == FZ_OK;
    if (good) {
        fz_request_message(pieces, request->method, request->target, timestamp, nonce,
                           request->body == NULL ? "" : request->body, request->body_size);
        good = fz_sign(signer, pieces, sizeof pieces / sizeof pieces[0], signature) == FZ_OK;
    }
    if (good) {
        fz_text_string(line, "Authorization: ");
        fz_authorization_write(line, request->mchid, request->serial_no, nonce, seconds, signature);
    }
    fz_signer_free(signer);
    return good && !line->failed;
}

/* ---- what comes back ---- */

static size_t take_body(char *data, size_t one, size_t size, void *argument)
{
    struct fz_text *body = argument;
    fz_text_add(body, data, one * size);
    return body->failed ? 0 : one * size;
}

static size_t on_header(char *line, size_t size, size_t count, void *argument)
{
    struct fz_signed_answer *answer = argument;
    size *= count;
    fz_header_line_take(line, size, "Date", answer->date, sizeof answer->date);
    fz_header_line_take(line, size, "Request-ID", answer->request_id, sizeof answer->request_id);
    fz_header_line_take(line, size, "Wechatpay-Timestamp", answer->timestamp, sizeof answer->timestamp);
    fz_header_line_take(line, size, "Wechatpay-Nonce", answer->nonce, sizeof answer->nonce);
    fz_header_line_take(line, size, "Wechatpay-Serial", answer->serial, sizeof answer->serial);
    fz_header_line_take(line, size, "Wechatpay-Signature", answer->signature, sizeof answer->signature);
    fz_header_line_take(line, size, "Wechatpay-Signature-Type", answer->signature_type, sizeof answer->signature_type);
    return size;
}

/* ---- sending ---- */

CURLcode fz_signed_set_way(CURL *handle, const char *ca_file, const char *proxy)
{
    CURLcode code = curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    if (code == CURLE_OK)
        code = curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    if (code == CURLE_OK)
        code = curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    if (code == CURLE_OK)
        code = curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
    if (code == CURLE_OK && ca_file != NULL)
        code = curl_easy_setopt(handle, CURLOPT_CAINFO, ca_file);
    if (code == CURLE_OK && ca_file != NULL)
        code = curl_easy_setopt(handle, CURLOPT_CAPATH, NULL); /* that file alone counts */
    return code == CURLE_OK && proxy != NULL ? curl_easy_setopt(handle, CURLOPT_PROXY, proxy) : code;
}

static struct curl_slist *add(struct curl_slist *list, const char *line)
{
    struct curl_slist *longer = list == NULL && line == NULL ? NULL : curl_slist_append(list, line);
    if (longer == NULL)
        curl_slist_free_all(list);
    return longer;
}

/* New; NULL when memory is short. */
static struct curl_slist *make_headers(const struct fz_signed_request *request, const char *authorization)
{
    struct curl_slist *list = add(NULL, authorization);
    bool has_accept = false, has_agent = false, has_type = false;
    for (const struct curl_slist *at = request->headers; at != NULL && list != NULL; at = at->next) {
        has_accept |= strncasecmp(at->data, "Accept:", 7) == 0;
        has_agent |= strncasecmp(at->data, "User-Agent:", 11) == 0;
        has_type |= strncasecmp(at->data, "Content-Type:", 13) == 0;
        list = add(list, at->data);
    }
    if (list != NULL && !has_accept)
        list = add(list, "Accept: application/json");
    if (list != NULL && !has_agent)
        list = add(list, "User-Agent: fenzhang-cli/" FZ_VERSION);
    if (list != NULL && !has_type && request->body != NULL)
        list = add(list, "Content-Type: application/json");
    return list == NULL ? NULL : add(list, "Expect:");
}

static CURLcode set_request(CURL *handle, const struct fz_signed_request *request, const char *url,
                            struct curl_slist *headers, struct fz_signed_answer *answer)
{
    CURLcode code = fz_signed_set_way(handle, request->ca_file, request->proxy);
    if (code == CURLE_OK)
        code = curl_easy_setopt(handle, CURLOPT_URL, url);
    if (code == CURLE_OK)
        code = curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L); /* what is signed is what is sent */
    if (code == CURLE_OK)
        code = curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request->method);
    if (code == CURLE_OK && request->body != NULL) {
        code = curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size);
        code = code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request->body) : code;
    }
    if (code == CURLE_OK)
        code = curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    if (code == CURLE_OK)
        code = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
    if (code == CURLE_OK)
        code = curl_easy_setopt(handle, CURLOPT_HEADERDATA, answer);
    if (code == CURLE_OK)
        code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
    if (code == CURLE_OK)
        code = curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer->body);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, answer->detail) : code;
}

static CURLcode perform(CURL *handle, struct fz_signed_answer *answer)
{
    curl_off_t took = 0;
    CURLcode code = curl_easy_perform(handle);
    answer->came_ms = fz_wire_now_ms();
    (void)curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer->status);
    (void)curl_easy_getinfo(handle, CURLINFO_TOTAL_TIME_T, &took);
    answer->took_us = (int64_t)took;
    return code;
}

CURLcode fz_signed_send(const struct fz_signed_request *request, struct fz_signed_answer *answer)
{
    struct fz_text authorization = {.max = 4096};
    char *url = NULL;
    *answer = (struct fz_signed_answer){.body.max = ANSWER_MAX};
    bool good = sign(request, &authorization) && asprintf(&url, "%s%s", request->host, request->target) >= 0;
    struct curl_slist *headers = good ? make_headers(request, authorization.data) : NULL;
    CURL *handle = headers == NULL ? NULL : curl_easy_init();
    CURLcode code = handle == NULL ? CURLE_OUT_OF_MEMORY : set_request(handle, request, url, headers, answer);
    if (code == CURLE_OK)
        code = perform(handle, answer);
    curl_easy_cleanup(handle);
    curl_slist_free_all(headers);
    fz_text_done(&authorization);
    free(url);
    return code;
}

void fz_signed_answer_done(struct fz_signed_answer *answer)
{
    fz_text_done(&answer->body);
}
