/* One control call: sent, answered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command/command.h"
#include "cli/local/place.h"

#define ANSWER_MAX         ((size_t)256 << 20)
#define CONNECT_TIMEOUT_MS 5000L

void fz_place_answer_done(struct fz_place_answer *answer)
{
    fz_text_done(&answer->body);
    json_decref(answer->json);
    *answer = (struct fz_place_answer){0};
}

CURL *fz_place_handle(const struct fz_place *place, const char *target, struct curl_slist **headers)
{
    CURL *handle = curl_easy_init();
    char *url = NULL;
    *headers = place->bearer == NULL ? NULL : curl_slist_append(NULL, place->bearer);
    bool good = handle != NULL && asprintf(&url, "%s%s", place->url, target) >= 0 &&
                curl_easy_setopt(handle, CURLOPT_URL, url) == CURLE_OK &&
                curl_easy_setopt(handle, CURLOPT_NOPROXY, "*") == CURLE_OK &&
                curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
                curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
                curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS) == CURLE_OK &&
                curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, place->timeout_ms) == CURLE_OK &&
                (place->ca_file == NULL || curl_easy_setopt(handle, CURLOPT_CAINFO, place->ca_file) == CURLE_OK);
    free(url);
    if (good)
        return handle;
    curl_slist_free_all(*headers);
    *headers = NULL;
    curl_easy_cleanup(handle);
    return NULL;
}

/* ---- troubles ---- */

void fz_place_tell_trouble(const struct fz_place *place, CURLcode code, const char *detail)
{
    const char *why = detail[0] == '\0' ? curl_easy_strerror(code) : detail;
    if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST)
        fprintf(stderr, "fenzhang: no server answers at %s (%s). %s\n", place->url, why,
                place->is_guessed
                    ? "Start one: fenzhang serve --demo --data ./data; or say where it is: --env DIR/demo.env, or "
                      "--control URL."
                    : "Start it, or say where it is: --env DIR/demo.env, or --control URL.");
    else if (code == CURLE_PEER_FAILED_VERIFICATION)
        fprintf(stderr,
                "fenzhang: the certificate of %s is not trusted (%s). Its CA is ca_file of a profile, or CA_CERT_PEM of "
                "--env FILE.\n",
                place->url, why);
    else
        fprintf(stderr, "fenzhang: the server at %s gave no answer: %s.\n", place->url, why);
}

/* Whether the server may have had the whole request. */
static bool may_be_done(CURLcode code, const char *method)
{
    bool came_so_far = code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_PARTIAL_FILE ||
                       code == CURLE_OPERATION_TIMEDOUT;
    return came_so_far && strcmp(method, "GET") != 0;
}

/* ---- asking ---- */

static size_t take(char *data, size_t one, size_t size, void *argument)
{
    struct fz_text *body = argument;
    fz_text_add(body, data, one * size);
    return body->failed ? 0 : one * size;
}

static CURLcode set_request(CURL *handle, const char *method, const char *body, struct curl_slist *headers,
                            struct fz_text *into)
{
    CURLcode code = curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method);
    if (code == CURLE_OK && body != NULL)
        code = curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, body);
    if (code == CURLE_OK)
        code = curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    if (code == CURLE_OK)
        code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_WRITEDATA, into) : code;
}

static CURLcode perform(const struct fz_place *place, const char *method, const char *target, const char *body,
                        struct fz_place_answer *answer, char detail[CURL_ERROR_SIZE])
{
    struct curl_slist *headers, *more;
    CURL *handle = fz_place_handle(place, target, &headers);
    if (handle == NULL)
        return CURLE_OUT_OF_MEMORY;
    more = body == NULL ? headers : curl_slist_append(headers, "Content-Type: application/json");
    headers = more == NULL ? headers : more;
    CURLcode code = curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, detail);
    if (code == CURLE_OK)
        code = set_request(handle, method, body, headers, &answer->body);
    if (code == CURLE_OK)
        code = curl_easy_perform(handle);
    if (code == CURLE_OK)
        code = curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer->status);
    curl_easy_cleanup(handle);
    curl_slist_free_all(headers);
    return code;
}

int fz_place_ask(const struct fz_place *place, const char *method, const char *target, json_t *body,
                 struct fz_place_answer *answer)
{
    char detail[CURL_ERROR_SIZE] = "", *text = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);
    *answer = (struct fz_place_answer){.body.max = ANSWER_MAX};
    CURLcode code =
        body != NULL && text == NULL ? CURLE_OUT_OF_MEMORY : perform(place, method, target, text, answer, detail);
    free(text);
    if (code == CURLE_OK) {
        answer->json =
            json_loadb(answer->body.data == NULL ? "" : answer->body.data, answer->body.size, JSON_DECODE_ANY, NULL);
        return FZ_EXIT_DONE;
    }
    fz_place_tell_trouble(place, code, detail);
    if (!may_be_done(code, method))
        return FZ_EXIT_TROUBLE;
    fputs("fenzhang: what was asked for may have been done: look before asking again.\n", stderr);
    return FZ_EXIT_UNKNOWN;
}

int fz_place_judge(const struct fz_place_answer *answer)
{
    const char *error = json_string_value(json_object_get(answer->json, "error"));
    if (answer->status >= 200 && answer->status < 300)
        return FZ_EXIT_DONE;
    if (error != NULL) {
        char *words = strdup(error);
        if (words != NULL)
            fz_clean_controls(words);
        fprintf(stderr, "fenzhang: %s\n", words == NULL ? "refused" : words);
        free(words);
        return FZ_EXIT_REFUSED;
    }
    fprintf(stderr,
            "fenzhang: the answer has the status %ld and is none of a control interface: that has an address of its own, "
            "CONTROL_URL in demo.env.\n",
            answer->status);
    return FZ_EXIT_TROUBLE;
}
