/* One request over libcurl: signed, sent, and its answer collected. */
#include "client/attempt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/random.h"
#include "wire/authorization.h"
#include "wire/base64.h"
#include "wire/header_line.h"

#define HEADER_LINE_MAX 8192
#define FILE_PIECE      (256L << 10) /* bytes of a file that are received at once */
#define SIGNATURE_MAX   512 /* bytes, of RSA-4096 */

/* ---- the signature ---- */

/* By the program's own function: the message in one piece. */
static enum fz_result sign_elsewhere(const fz_client *client, const struct fz_piece *pieces, size_t count,
                                     char out[FZ_SIGNATURE_BASE64_SIZE])
{
    struct fz_text message = {.max = 8 << 20};
    unsigned char signature[SIGNATURE_MAX];
    size_t size = sizeof signature;
    for (size_t i = 0; i < count; i++)
        fz_text_add(&message, pieces[i].data, pieces[i].size);
    bool made = !message.failed && client->sign(client->signer, message.data, message.size, signature, &size) == 0 &&
                size <= sizeof signature;
    fz_text_done(&message);
    if (made)
        fz_base64_write(out, signature, size);
    return made ? FZ_OK : FZ_FAILED;
}

static enum fz_result sign(const fz_client *client, struct fz_signer *signer, const struct fz_sending *sending, struct fz_text *line)
{
    char nonce[33], timestamp[24], signature[FZ_SIGNATURE_BASE64_SIZE];
    int64_t seconds = fz_client_now_ms(client) / 1000;
    if (fz_random_text_try(nonce, sizeof nonce) != FZ_OK)
        return FZ_FAILED;
    snprintf(timestamp, sizeof timestamp, "%" PRId64, seconds);
    struct fz_piece pieces[10];
    fz_request_message(pieces, sending->method, sending->target, timestamp, nonce, sending->body == NULL ? "" : sending->body,
                       sending->body_size);
    enum fz_result result = signer != NULL ? fz_sign(signer, pieces, sizeof pieces / sizeof pieces[0], signature)
                                           : sign_elsewhere(client, pieces, sizeof pieces / sizeof pieces[0], signature);
    if (result == FZ_OK) {
        fz_text_string(line, "Authorization: ");
        fz_authorization_write(line, client->mchid, client->serial_no, nonce, seconds, signature);
    }
    return result;
}

/* ---- what comes back ---- */

/* libcurl sends a request once more, unasked, when a kept connection ends before any of its answer. A query may go out so; that a
 * write does is counted nowhere, so it is ended here. */
static int on_request(void *argument, char *local, char *remote, int local_port, int remote_port)
{
    (void)local, (void)remote, (void)local_port, (void)remote_port;
    struct fz_attempt *attempt = argument;
    attempt->broke = attempt->began && attempt->sending->once;
    attempt->began = true;
    return attempt->broke ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static void forget_headers(struct fz_attempt *attempt)
{
    attempt->is_framed = false;
    attempt->timestamp[0] = attempt->nonce[0] = attempt->serial[0] = attempt->signature[0] = '\0';
    attempt->request_id[0] = attempt->retry_after[0] = attempt->sha1[0] = '\0';
}

static void take_signature(struct fz_attempt *attempt, const char *line, size_t size)
{
    fz_header_line_take(line, size, "Wechatpay-Timestamp", attempt->timestamp, sizeof attempt->timestamp);
    fz_header_line_take(line, size, "Wechatpay-Nonce", attempt->nonce, sizeof attempt->nonce);
    fz_header_line_take(line, size, "Wechatpay-Serial", attempt->serial, sizeof attempt->serial);
    fz_header_line_take(line, size, "Wechatpay-Signature", attempt->signature, sizeof attempt->signature);
    fz_header_line_take(line, size, "Wechatpay-Statement-Sha1", attempt->sha1, sizeof attempt->sha1);
}

static bool begins(const char *line, size_t size, const char *name)
{
    return size >= strlen(name) && strncasecmp(line, name, strlen(name)) == 0;
}

/* Of an answer in between (100) nothing counts. HTTP/1 without a header that tells where its body ends does so by closing
 * (RFC 9112, 6.3); later versions have frames. */
static void take_version(struct fz_attempt *attempt, const char *line, size_t size)
{
    if (!begins(line, size, "HTTP/"))
        return;
    forget_headers(attempt);
    attempt->is_framed = begins(line, size, "HTTP/2") || begins(line, size, "HTTP/3");
}

/* By their first letter, as most are of none of these. */
static size_t on_header(char *line, size_t size, size_t count, void *argument)
{
    struct fz_attempt *attempt = argument;
    size *= count;
    switch (size == 0 ? '\0' : line[0] | 0x20) {
    case 'h':
        take_version(attempt, line, size);
        break;
    case 'w':
        take_signature(attempt, line, size);
        break;
    case 'r':
        fz_header_line_take(line, size, "Request-ID", attempt->request_id, sizeof attempt->request_id);
        fz_clean_controls(attempt->request_id);
        fz_header_line_take(line, size, "Retry-After", attempt->retry_after, sizeof attempt->retry_after);
        break;
    case 'c':
        attempt->is_framed = attempt->is_framed || begins(line, size, "Content-Length:");
        break;
    case 't':
        attempt->is_framed = attempt->is_framed || begins(line, size, "Transfer-Encoding:");
        break;
    default:
        break;
    }
    return size;
}

static size_t on_body(char *data, size_t size, size_t count, void *argument)
{
    struct fz_attempt *attempt = argument;
    const struct fz_sending *sending = attempt->sending;
    size *= count;
    long status = 0;
    curl_easy_getinfo(attempt->easy, CURLINFO_RESPONSE_CODE, &status);
    if (sending->take != NULL && status == 200) /* what a refusal says is kept all the same */
        return sending->take(sending->taker, data, size) ? size : 0;
    if (attempt->body.size + size > attempt->body.max) {
        attempt->too_large = true;
        return 0;
    }
    fz_text_add(&attempt->body, data, size);
    return attempt->body.failed ? 0 : size;
}

/* ---- the handle ---- */

static bool add_header(struct fz_attempt *attempt, const char *line)
{
    struct curl_slist *longer = curl_slist_append(attempt->headers, line);
    if (longer != NULL)
        attempt->headers = longer;
    return longer != NULL;
}

static bool add_headers(struct fz_attempt *attempt, const fz_client *client, const char *authorization)
{
    const struct fz_sending *sending = attempt->sending;
    char serial[160];
    bool good = add_header(attempt, authorization) && add_header(attempt, "Accept: application/json");
    if (good && client->chinese)
        good = add_header(attempt, "Accept-Language: zh-CN");
    if (good && sending->body != NULL && sending->file == NULL)
        good = add_header(attempt, "Content-Type: application/json");
    if (good && sending->platform_serial != NULL && sending->platform_serial[0] != '\0') {
        snprintf(serial, sizeof serial, "Wechatpay-Serial: %s", sending->platform_serial);
        good = add_header(attempt, serial);
    }
    if (good && strcmp(sending->method, "GET") != 0)
        good = add_header(attempt, "Expect:"); /* no 100-continue: bodies are small */
    return good;
}

/* The form of an upload: `meta`, which is signed, and the file. */
static bool add_form(struct fz_attempt *attempt)
{
    const struct fz_sending *sending = attempt->sending;
    attempt->form = curl_mime_init(attempt->easy);
    curl_mimepart *meta = attempt->form == NULL ? NULL : curl_mime_addpart(attempt->form);
    curl_mimepart *file = meta == NULL ? NULL : curl_mime_addpart(attempt->form);
    return file != NULL && curl_mime_name(meta, "meta") == CURLE_OK && curl_mime_type(meta, "application/json") == CURLE_OK &&
           curl_mime_data(meta, sending->body, sending->body_size) == CURLE_OK && curl_mime_name(file, "file") == CURLE_OK &&
           curl_mime_filename(file, sending->file_name) == CURLE_OK && curl_mime_type(file, sending->file_type) == CURLE_OK &&
           curl_mime_data(file, sending->file, sending->file_size) == CURLE_OK &&
           curl_easy_setopt(attempt->easy, CURLOPT_MIMEPOST, attempt->form) == CURLE_OK;
}

static bool add_body(struct fz_attempt *attempt)
{
    const struct fz_sending *sending = attempt->sending;
    CURL *easy = attempt->easy;
    if (sending->file != NULL)
        return add_form(attempt);
    if (sending->body != NULL)
        return curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)sending->body_size) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_POSTFIELDS, sending->body) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, sending->method) == CURLE_OK;
    if (strcmp(sending->method, "GET") == 0)
        return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    return curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, sending->method) == CURLE_OK;
}

static bool can_unpack(void)
{
    return (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_LIBZ) != 0;
}

/* No redirect is followed: where else a signed request may go is not for an answer to say. */
static bool set_up(struct fz_attempt *attempt, const fz_client *client, const char *url, int64_t timeout_ms)
{
    CURL *easy = attempt->easy;
    curl_easy_reset(easy);
    bool good = curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK && curl_easy_setopt(easy, CURLOPT_HTTPHEADER, attempt->headers) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_USERAGENT, client->user_agent) == CURLE_OK;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L); /* nothing for the whole process */
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L); /* what is sent has to be what was signed */
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    /* libcurl 7.88 frees a session twice when memory is short. A new connection takes 0.6 ms more for it, and most are kept. */
    curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    if (attempt->sending->take != NULL) {
        curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, FILE_PIECE);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)(client->attempt_ms + 999) / 1000);
    }
    if (attempt->sending->packed && can_unpack())
        good = good && curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip") == CURLE_OK;
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, attempt);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, attempt);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, attempt);
    if (client->ca_file != NULL)
        good = good && curl_easy_setopt(easy, CURLOPT_CAINFO, client->ca_file) == CURLE_OK;
    if (client->proxy != NULL)
        good = good && curl_easy_setopt(easy, CURLOPT_PROXY, client->proxy) == CURLE_OK;
    return good;
}

enum fz_result fz_attempt_prepare(struct fz_attempt *attempt, const fz_client *client, struct fz_signer *signer,
                                  const struct fz_sending *sending, int64_t timeout_ms, bool *signing)
{
    struct fz_text line = {.max = HEADER_LINE_MAX}, url = {.max = HEADER_LINE_MAX};
    CURL *easy = attempt->easy;
    *attempt = (struct fz_attempt){.easy = easy, .sending = sending, .body = {.max = sending->answer_max}};
    *signing = sign(client, signer, sending, &line) != FZ_OK;
    fz_text_format(&url, "%s%s", sending->host, sending->target);
    bool good = !*signing && !line.failed && !url.failed && add_headers(attempt, client, line.data) &&
                set_up(attempt, client, url.data, timeout_ms) && add_body(attempt) &&
                (sending->take == NULL || sending->take(sending->taker, NULL, 0));
    fz_text_done(&line);
    fz_text_done(&url);
    return good ? FZ_OK : FZ_FAILED;
}

void fz_attempt_end(struct fz_attempt *attempt, CURLcode code)
{
    attempt->code = code;
    curl_easy_getinfo(attempt->easy, CURLINFO_RESPONSE_CODE, &attempt->status);
}

void fz_attempt_done(struct fz_attempt *attempt)
{
    curl_slist_free_all(attempt->headers);
    curl_mime_free(attempt->form);
    fz_text_done(&attempt->body);
    attempt->headers = NULL;
    attempt->form = NULL;
}

static const char *or_none(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

struct fz_signed_headers fz_attempt_signed(const struct fz_attempt *attempt)
{
    return (struct fz_signed_headers){.timestamp = or_none(attempt->timestamp),
                                      .nonce = or_none(attempt->nonce),
                                      .serial = or_none(attempt->serial),
                                      .signature = or_none(attempt->signature)};
}
