/* fenzhang replay: sends one exchange of a server's request log again, signed anew. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/local/place.h"
#include "cli/replay/commands.h"
#include "cli/replay/replay.h"

#define KEY_TO 't'
#define MASK   "***" /* what the log has in the place of secrets */

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
    options,
    take_option,
    "REQUEST_ID",
    "Sends a request once more that is in a server's request log: the same method, target, headers and body, signed anew "
    "as the same merchant, and tells in what the answer differs. The keys are those beside the demo.env, or the "
    "profile's.\v"
    "Examples:\n"
    "  fenzhang replay 51E784658CC907D6A3700BD1F7AFB119-0 --env data/demo.env\n"
    "  fenzhang replay \"$(fenzhang requests --status 4xx --limit 1 --json | jq -r '.requests[0].request_id')\"\n"
    "\n"
    "What the log keeps as *** or cut cannot be sent again. Exit status 0: the same answer; 1: another one; 2: it could "
    "not be sent; 3: no answer, and it may have been done.",
    NULL,
    NULL,
    NULL};

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
    if (text_of(exchange, "method") == NULL || target == NULL || target[0] != '/') /* "@other.host/" would go elsewhere */
        return "that is no record of a request";
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
    if (line == NULL || strpbrk(line, "\r\n") != NULL)
        return false;
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

/* ---- sending ---- */

static int tell_no_answer(const char *host, const char *method, CURLcode code, const char *detail)
{
    bool came_so_far = code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_PARTIAL_FILE ||
                       code == CURLE_OPERATION_TIMEDOUT;
    bool may_be_done = came_so_far && strcmp(method, "GET") != 0;
    fprintf(stderr, "fenzhang: %s gave no answer: %s.%s\n", host, detail[0] == '\0' ? curl_easy_strerror(code) : detail,
            may_be_done ? " What was asked for may have been done." : "");
    return may_be_done ? FZ_EXIT_UNKNOWN : FZ_EXIT_TROUBLE;
}

static int send_again(const json_t *exchange, const struct fz_replay_identity *identity, const struct fz_place *place,
                      const char *host, bool json)
{
    const char *body = text_of(json_object_get(exchange, "request"), "body"),
               *proxy = place->profile.values[FZ_SETTING_PROXY];
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
    int status = code == CURLE_OK ? fz_replay_tell(exchange, &answer, json)
                                  : tell_no_answer(host, request.method, code, answer.detail);
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
    struct fz_replay_identity identity = {0};
    char *host = NULL;
    int status = FZ_EXIT_TROUBLE;
    if (not_again != NULL)
        fprintf(stderr, "fenzhang: it cannot be sent again: %s.\n", not_again);
    else if ((host = find_host(with, place)) != NULL &&
             fz_replay_identity_find(&place->profile, demo_env, text_of(exchange, "mchid"), &identity))
        status = send_again(exchange, &identity, place, host, with->place.caller.json);
    fz_replay_identity_done(&identity);
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
