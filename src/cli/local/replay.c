/* fenzhang replay: sends one exchange of a server's request log again, signed anew. */
#include <libgen.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/command/command.h"
#include "cli/local/commands.h"
#include "cli/local/difference.h"
#include "cli/local/place.h"
#include "cli/output/table.h"
#include "cli/signed/signed.h"
#include "server/data/data_directory.h"
#include "server/data/private_file.h"
#include "wire/key.h"

#define KEY_TO    't'
#define FILE_MAX  (64 << 10)
#define MASK      "***" /* what the log has in the place of secrets */

struct options {
    const char *to, *request_id;
    struct fz_place_options place;
};

static const struct argp_option options[] = {
    {"to", KEY_TO, "URL", 0, "Where to instead of the server's own API: http://127.0.0.1:8080", 0}, {0}};

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct options *into = state->input;
    switch (key) {
    case KEY_TO:
        into->to = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (into->request_id != NULL)
            return ARGP_ERR_UNKNOWN;
        into->request_id = argument;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "a Request-ID is missing: fenzhang replay REQUEST_ID. `fenzhang requests' lists them");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    options, take_option, "REQUEST_ID",
    "Sends a request once more that is in a server's request log: the same method, target, headers and body, signed anew as the same "
    "merchant, and tells in what the answer differs. The keys are those beside the demo.env, or the profile's.\v"
    "Examples:\n"
    "  fenzhang replay 51E784658CC907D6A3700BD1F7AFB119-0 --env data/demo.env\n"
    "  fenzhang replay \"$(fenzhang requests --status 4xx --limit 1 --json | jq -r '.requests[0].request_id')\"\n"
    "\n"
    "What the log keeps as *** or cut cannot be sent again. Exit status 0: the same answer; 1: another one; 2: it could not be sent; 3: no "
    "answer, and it may have been done.",
    NULL, NULL, NULL};

/* ---- who ---- */

/* One whose key is to sign. */
struct identity {
    char *serial_no;
    EVP_PKEY *key;
};

static void identity_done(struct identity *identity)
{
    free(identity->serial_no);
    EVP_PKEY_free(identity->key);
}

/* A file of `directory`, its first line. New; NULL: it cannot be read. */
static char *read_line(const char *directory, const char *name, bool whole)
{
    char path[FZ_PATH_SIZE], reason[200], *text = malloc(FILE_MAX);
    if (text == NULL || fz_path_join(path, directory, name) != FZ_OK || fz_private_file_read(path, text, FILE_MAX, reason, sizeof reason) != FZ_OK) {
        free(text);
        return NULL;
    }
    if (!whole)
        text[strcspn(text, "\r\n")] = '\0';
    return text;
}

static EVP_PKEY *take_key(char *pem)
{
    EVP_PKEY *key = pem == NULL ? NULL : fz_key_read(pem);
    if (pem != NULL)
        OPENSSL_cleanse(pem, strlen(pem));
    free(pem);
    return key;
}

/* DIR/merchants/MCHID beside DIR/demo.env. */
static bool find_beside(const char *demo_env, const char *mchid, struct identity *out)
{
    char *copy = strdup(demo_env), *directory = NULL;
    if (copy == NULL || asprintf(&directory, "%s/merchants/%s", dirname(copy), mchid) < 0)
        directory = NULL;
    if (directory != NULL) {
        out->serial_no = read_line(directory, "serial_no", false);
        out->key = take_key(read_line(directory, "apiclient_key.pem", true));
    }
    free(directory);
    free(copy);
    return out->serial_no != NULL && out->key != NULL;
}

static bool find_in_profile(const struct fz_profile *profile, const char *mchid, struct identity *out)
{
    const char *own = profile->values[FZ_SETTING_MCHID], *serial_no = profile->values[FZ_SETTING_SERIAL_NO];
    const char *path = profile->values[FZ_SETTING_PRIVATE_KEY_FILE];
    char reason[200], *text = malloc(FILE_MAX);
    if (text == NULL || own == NULL || strcmp(own, mchid) != 0 || serial_no == NULL || path == NULL ||
        fz_public_file_read(path, text, FILE_MAX, reason, sizeof reason) != FZ_OK) {
        free(text);
        return false;
    }
    out->serial_no = strdup(serial_no);
    out->key = take_key(text);
    return out->serial_no != NULL && out->key != NULL;
}

/* False after a message. */
static bool find_identity(const struct fz_place *place, const char *demo_env, const char *mchid, struct identity *out)
{
    if (mchid != NULL && strchr(mchid, '/') == NULL) {
        if (demo_env != NULL && find_beside(demo_env, mchid, out))
            return true;
        identity_done(out);
        *out = (struct identity){0};
        if (find_in_profile(&place->profile, mchid, out))
            return true;
    }
    fprintf(stderr, "fenzhang: it was sent by %s%s, whose key is not known here. Name the server's demo.env (--env FILE), beside which the keys of its "
                    "merchants lie, or a profile of that merchant.\n",
            mchid == NULL ? "nobody" : "merchant ", mchid == NULL ? "" : mchid);
    return false;
}

/* ---- what ---- */

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* NULL: it can be sent again as it was. */
static const char *why_not(const json_t *exchange)
{
    const json_t *request = json_object_get(exchange, "request");
    const char *body = text_of(request, "body"), *target = text_of(exchange, "target");
    if (body == NULL || target == NULL || strlen(body) != (size_t)json_integer_value(json_object_get(request, "body_bytes")))
        return strstr(body == NULL ? "" : body, MASK) != NULL ? "its body had secrets, in whose place the log has ***"
                                                              : "the log does not have its body whole";
    if (strstr(body, MASK) != NULL || strstr(target, MASK) != NULL)
        return "it had secrets, in whose place the log has ***";
    return json_is_true(json_object_get(request, "headers_cut")) ? "the log does not have all of its headers" : NULL;
}

/* Those that belong to the connection, or to the signature, are made anew. */
static bool is_kept(const char *line)
{
    static const char *const anew[] = {"Host:",       "Authorization:",     "Content-Length:", "Connection:",
                                       "Keep-Alive:", "Transfer-Encoding:", "Expect:",         "Accept-Encoding:"};
    for (size_t i = 0; i < sizeof anew / sizeof anew[0]; i++)
        if (strncasecmp(line, anew[i], strlen(anew[i])) == 0)
            return false;
    return strstr(line, MASK) == NULL;
}

static struct curl_slist *headers_of(const json_t *exchange)
{
    struct curl_slist *list = NULL;
    size_t i;
    json_t *line;
    json_array_foreach(json_object_get(json_object_get(exchange, "request"), "headers"), i, line)
    {
        if (is_kept(json_string_value(line)))
            list = curl_slist_append(list, json_string_value(line));
    }
    return list;
}

/* ---- how it was answered ---- */

/* A body as JSON, or as the text that it is. New. */
static json_t *body_of(const char *text, size_t size)
{
    json_t *body = json_loadb(text, size, JSON_DECODE_ANY, NULL);
    if (body == NULL)
        body = json_stringn(text, size);
    return body == NULL ? json_string("(not text)") : body;
}

static json_t *then_of(const json_t *exchange)
{
    const json_t *answer = json_object_get(exchange, "answer");
    const char *body = text_of(answer, "body");
    bool is_whole = body != NULL && !json_is_true(json_object_get(answer, "body_cut"));
    return json_pack("{s:O, s:O, s:O, s:o?}", "status", json_object_get(exchange, "status"), "duration_us", json_object_get(exchange, "duration_us"),
                     "request_id", json_object_get(exchange, "request_id"), "body", is_whole ? body_of(body, strlen(body)) : NULL);
}

static json_t *now_of(const struct fz_signed_answer *answer)
{
    return json_pack("{s:I, s:I, s:s, s:o}", "status", (json_int_t)answer->status, "duration_us", (json_int_t)answer->took_us, "request_id",
                     answer->request_id, "body", body_of(answer->body.data == NULL ? "" : answer->body.data, answer->body.size));
}

static void print_both(const json_t *then, const json_t *now)
{
    static const struct fz_column columns[] = {{"", false}, {"status", true}, {"took", true}, {"request_id", false}};
    const json_t *each[] = {then, now};
    struct fz_table *table = fz_table_new(columns, sizeof columns / sizeof columns[0], false);
    for (int i = 0; i < 2; i++) {
        char status[24], took[32];
        snprintf(status, sizeof status, "%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(each[i], "status")));
        snprintf(took, sizeof took, "%" JSON_INTEGER_FORMAT " us", json_integer_value(json_object_get(each[i], "duration_us")));
        fz_table_add(table, (const char *const[]){i == 0 ? "then" : "now", status, took, text_of(each[i], "request_id")});
    }
    fz_table_print(table, false);
    fz_table_free(table);
}

static void print_differences(const json_t *differences)
{
    static const struct fz_column columns[] = {{"member", false}, {"then", false}, {"now", false}};
    struct fz_table *table = fz_table_new(columns, sizeof columns / sizeof columns[0], false);
    size_t i;
    json_t *one;
    json_array_foreach(differences, i, one)
    {
        char *then = json_dumps(json_object_get(one, "then"), JSON_ENCODE_ANY | JSON_COMPACT);
        char *now = json_dumps(json_object_get(one, "now"), JSON_ENCODE_ANY | JSON_COMPACT);
        fz_table_add(table, (const char *const[]){text_of(one, "member"), then == NULL ? "-" : then, now == NULL ? "-" : now});
        free(then);
        free(now);
    }
    if (i > 0)
        fz_table_print(table, false);
    else
        puts("The answer is the same.");
    fz_table_free(table);
}

static int tell(const json_t *exchange, const struct fz_signed_answer *answer, bool json)
{
    json_t *then = then_of(exchange), *now = now_of(answer), *differences = json_array();
    if (json_integer_value(json_object_get(then, "status")) != answer->status)
        fz_difference_add(differences, "status", json_object_get(then, "status"), json_object_get(now, "status"));
    if (!json_is_null(json_object_get(then, "body")))
        fz_differences_find(differences, "", json_object_get(then, "body"), json_object_get(now, "body"));
    int status = json_array_size(differences) == 0 ? FZ_EXIT_DONE : FZ_EXIT_DIFFERS;
    if (!json) {
        print_both(then, now);
        print_differences(differences);
    } else if (fz_print_json(json_pack("{s:O, s:O, s:O}", "then", then, "now", now, "differences", differences)) != FZ_EXIT_DONE) {
        status = FZ_EXIT_TROUBLE;
    }
    json_decref(then);
    json_decref(now);
    json_decref(differences);
    return status;
}

/* ---- sending ---- */

static int tell_no_answer(const char *host, const char *method, CURLcode code, const char *detail)
{
    bool came_so_far = code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_PARTIAL_FILE || code == CURLE_OPERATION_TIMEDOUT;
    bool may_be_done = came_so_far && strcmp(method, "GET") != 0;
    fprintf(stderr, "fenzhang: %s gave no answer: %s.%s\n", host, detail[0] == '\0' ? curl_easy_strerror(code) : detail,
            may_be_done ? " What was asked for may have been done." : "");
    return may_be_done ? FZ_EXIT_UNKNOWN : FZ_EXIT_TROUBLE;
}

static int send_again(const json_t *exchange, const struct identity *identity, const struct fz_place *place, const char *host, bool json)
{
    const char *body = text_of(json_object_get(exchange, "request"), "body"), *proxy = place->profile.values[FZ_SETTING_PROXY];
    struct fz_signed_answer answer;
    struct curl_slist *headers = headers_of(exchange);
    const struct fz_signed_request request = {.mchid = text_of(exchange, "mchid"),
                                              .serial_no = identity->serial_no,
                                              .key = identity->key,
                                              .host = host,
                                              .ca_file = place->ca_file,
                                              .proxy = proxy == NULL ? "" : proxy,
                                              .method = text_of(exchange, "method"),
                                              .target = text_of(exchange, "target"),
                                              .body = body[0] == '\0' ? NULL : body,
                                              .body_size = strlen(body),
                                              .headers = headers};
    CURLcode code = fz_signed_send(&request, &answer);
    int status = code == CURLE_OK ? tell(exchange, &answer, json) : tell_no_answer(host, request.method, code, answer.detail);
    fz_signed_answer_done(&answer);
    curl_slist_free_all(headers);
    return status;
}

/* New: where to; NULL after a message. */
static char *find_host(const struct options *with, const struct fz_place *place)
{
    const char *hosts = with->to != NULL ? with->to : place->profile.values[FZ_SETTING_HOSTS];
    if (hosts == NULL) {
        fputs("fenzhang: where the server's API is nobody says: --env DIR/demo.env, or --to URL.\n", stderr);
        return NULL;
    }
    size_t size = strcspn(hosts, " ,\t");
    while (size > 0 && hosts[size - 1] == '/')
        size--;
    return strndup(hosts, size);
}

static int replay(const struct options *with, const struct fz_place *place, const json_t *exchange)
{
    const char *not_again = why_not(exchange), *variable = getenv("FENZHANG_ENV");
    const char *demo_env = with->place.caller.env_file != NULL ? with->place.caller.env_file : variable;
    struct identity identity = {0};
    char *host = NULL;
    int status = FZ_EXIT_TROUBLE;
    if (not_again != NULL)
        fprintf(stderr, "fenzhang: it cannot be sent again: %s.\n", not_again);
    else if ((host = find_host(with, place)) != NULL && find_identity(place, demo_env, text_of(exchange, "mchid"), &identity))
        status = send_again(exchange, &identity, place, host, with->place.caller.json);
    identity_done(&identity);
    free(host);
    return status;
}

static int find_and_replay(const struct options *with, const struct fz_place *place)
{
    struct fz_place_answer answer = {0};
    char *escaped = curl_easy_escape(NULL, with->request_id, (int)strlen(with->request_id)), *target = NULL;
    int status = FZ_EXIT_TROUBLE;
    if (escaped != NULL && asprintf(&target, "/requests/%s", escaped) >= 0)
        status = fz_place_ask(place, "GET", target, NULL, &answer);
    if (status == FZ_EXIT_DONE)
        status = fz_place_judge(&answer) == FZ_EXIT_DONE ? replay(with, place, answer.json) : FZ_EXIT_TROUBLE;
    fz_place_answer_done(&answer);
    free(target);
    curl_free(escaped);
    return status;
}

static int run(int argc, char **argv)
{
    struct options with = {0};
    struct fz_place place;
    fz_arguments_parse_shared(&fz_replay_command, argc, argv, &with, &with.place);
    int status = fz_place_find(&with.place, &place) ? find_and_replay(&with, &place) : FZ_EXIT_TROUBLE;
    fz_place_done(&place);
    return status;
}

const struct fz_command fz_replay_command = {
    .name = "replay",
    .summary = "sends a request of the log once more, signed anew, and compares the answers",
    .argp = &argp,
    .shared = &fz_place_argp,
    .run = run,
};
