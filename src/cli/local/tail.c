/* fenzhang tail: the exchanges of a server as they come. */
#include "cli/local/tail.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command/command.h"
#include "cli/local/follow.h"

#define LINE_MAX_BYTES ((size_t)1 << 20)
#define SENTENCE_MAX   300
#define WAIT_MS        1000

/* Server-sent events on their way. */
struct stream {
    const struct fz_place *place;
    bool json;
    struct fz_text received; /* lines that are not worked on yet */
    char event[16];          /* of the event whose lines come now */
};

static size_t take(char *data, size_t one, size_t size, void *argument)
{
    struct stream *stream = argument;
    fz_text_add(&stream->received, data, one * size);
    return stream->received.failed ? 0 : one * size;
}

/* ---- what is said ---- */

/* The first sentence: what to do then is for who sent it. */
static void print_sentence(const char *name, const char *text)
{
    char words[SENTENCE_MAX];
    const char *end = strstr(text, ". ");
    (void)fz_copy_part(words, sizeof words, text, end == NULL ? strlen(text) : (size_t)(end - text));
    char *whole = NULL;
    if (asprintf(&whole, "%s%s%s", name == NULL ? "" : name, name == NULL ? "" : ": ", words) >= 0)
        fz_follow_column(name == NULL ? FZ_COLOUR_NONE : FZ_COLOUR_YELLOW, whole);
    free(whole);
}

/* Why it was refused: what the diagnosis of a signature found, else the answer's message. */
static void print_reason(const struct stream *stream, const char *request_id)
{
    struct fz_place_answer whole = {0};
    char target[128];
    snprintf(target, sizeof target, "/requests/%.80s", request_id);
    if (fz_place_ask(stream->place, "GET", target, NULL, &whole) == FZ_EXIT_DONE) {
        const char *text = fz_follow_text(json_object_get(whole.json, "answer"), "body");
        json_t *body = text == NULL ? NULL : json_loads(text, 0, NULL), *diagnosis = json_object_get(body, "diagnosis");
        const char *mistake = fz_follow_text(diagnosis, "mistake"),
                   *message = fz_follow_text(diagnosis == NULL ? body : diagnosis, "message");
        if (message != NULL)
            print_sentence(mistake, message);
        json_decref(body);
    }
    fz_place_answer_done(&whole);
}

static void print_exchange(const struct stream *stream, const json_t *entry)
{
    int64_t status = json_integer_value(json_object_get(entry, "status"));
    const char *request_id = fz_follow_text(entry, "request_id");
    fz_follow_column(FZ_COLOUR_DIM, fz_follow_text(entry, "time"));
    fz_follow_column(FZ_COLOUR_BOLD, fz_follow_text(entry, "method"));
    fz_follow_column(FZ_COLOUR_NONE, fz_follow_text(entry, "target"));
    fz_follow_status(status);
    fz_follow_column(FZ_COLOUR_NONE, fz_follow_text(entry, "code"));
    fz_follow_column(FZ_COLOUR_CYAN, fz_follow_text(entry, "mchid"));
    fz_follow_duration(json_integer_value(json_object_get(entry, "duration_us")));
    if (status >= 400 && request_id != NULL)
        print_reason(stream, request_id);
    fz_follow_column(FZ_COLOUR_DIM, request_id);
    fz_follow_end_line();
}

static void tell_event(const struct stream *stream, const char *data)
{
    json_t *value = json_loads(data, 0, NULL);
    if (strcmp(stream->event, "gap") == 0)
        fprintf(stderr, "fenzhang: %" JSON_INTEGER_FORMAT " exchanges came too fast and are left out.\n",
                json_integer_value(json_object_get(value, "missed")));
    else if (strcmp(stream->event, "reset") == 0)
        fputs("fenzhang: the book was reset, and the log with it.\n", stderr);
    else if (stream->json)
        fz_follow_json(value);
    else
        print_exchange(stream, value);
    json_decref(value);
}

/* One line of the stream, terminated: "event: request", "data: {…}", "id: 7", ": a comment" or "". */
static void take_line(struct stream *stream, const char *line)
{
    if (strncmp(line, "event: ", 7) == 0)
        (void)fz_copy(stream->event, sizeof stream->event, line + 7);
    else if (strncmp(line, "data: ", 6) == 0)
        tell_event(stream, line + 6);
}

static void take_lines(struct stream *stream)
{
    char *at = stream->received.data, *end = at == NULL ? NULL : at + stream->received.size, *feed;
    while (at != NULL && (feed = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        *feed = '\0';
        take_line(stream, at);
        at = feed + 1;
    }
    if (at == NULL)
        return;
    stream->received.size = (size_t)(end - at);
    memmove(stream->received.data, at, stream->received.size);
}

/* ---- the connection ---- */

static CURLcode set_stream(CURL *handle, struct curl_slist *headers, struct stream *stream, char detail[CURL_ERROR_SIZE])
{
    CURLcode code = curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    if (code == CURLE_OK)
        code = curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, detail);
    if (code == CURLE_OK)
        code = curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
    if (code == CURLE_OK)
        code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_WRITEDATA, stream) : code;
}

/* A refusal is told by asking once more for its text. */
static int tell_end(const struct fz_place *place, const char *target, CURLcode code, const char *detail)
{
    struct fz_place_answer answer = {0};
    int status = FZ_EXIT_TROUBLE;
    if (code == CURLE_HTTP_RETURNED_ERROR) {
        if (fz_place_ask(place, "GET", target, NULL, &answer) == FZ_EXIT_DONE)
            status = fz_place_judge(&answer);
    } else if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
               code == CURLE_PEER_FAILED_VERIFICATION) {
        fz_place_tell_trouble(place, code, detail);
    } else {
        fprintf(stderr, "fenzhang: the server at %s has ended.\n", place->url);
    }
    fz_place_answer_done(&answer);
    return status == FZ_EXIT_DONE ? FZ_EXIT_TROUBLE : status;
}

/* The end of the transfer; false while it goes on. */
static bool has_ended(CURLM *multi, CURLcode *code)
{
    int left;
    for (const CURLMsg *message; (message = curl_multi_info_read(multi, &left)) != NULL;)
        if (message->msg == CURLMSG_DONE) {
            *code = message->data.result;
            return true;
        }
    return false;
}

/* True: the reader or the user ended it; else `code` says how the server did. */
static bool follow(CURLM *multi, struct stream *stream, struct pollfd handles[FZ_FOLLOW_HANDLES], CURLcode *code)
{
    struct curl_waitfd more[FZ_FOLLOW_HANDLES];
    for (;;) {
        int running;
        (void)curl_multi_perform(multi, &running);
        take_lines(stream);
        if (fz_follow_is_over(handles))
            return true;
        if (has_ended(multi, code))
            return false;
        for (size_t i = 0; i < FZ_FOLLOW_HANDLES; i++)
            more[i] =
                (struct curl_waitfd){.fd = handles[i].fd, .events = handles[i].events == POLLIN ? CURL_WAIT_POLLIN : 0};
        (void)curl_multi_poll(multi, more, FZ_FOLLOW_HANDLES, WAIT_MS, NULL);
    }
}

int fz_tail(const struct fz_place *place, const char *target, bool json)
{
    struct stream stream = {.place = place, .json = json, .received.max = LINE_MAX_BYTES};
    struct pollfd handles[FZ_FOLLOW_HANDLES];
    struct curl_slist *headers = NULL;
    char detail[CURL_ERROR_SIZE] = "";
    CURL *handle = fz_place_handle(place, target, &headers);
    CURLM *multi = curl_multi_init();
    CURLcode code = handle == NULL || multi == NULL ? CURLE_OUT_OF_MEMORY : set_stream(handle, headers, &stream, detail);
    int status = FZ_EXIT_TROUBLE;
    if (code == CURLE_OK && curl_multi_add_handle(multi, handle) == CURLM_OK && fz_follow_begin(handles))
        status = follow(multi, &stream, handles, &code) ? FZ_EXIT_DONE : tell_end(place, target, code, detail);
    if (multi != NULL && handle != NULL)
        (void)curl_multi_remove_handle(multi, handle);
    curl_easy_cleanup(handle);
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
    fz_text_done(&stream.received);
    return status;
}
