/* GET /callbacks, GET /callbacks/ID, POST /callbacks/ID/resend: what notify_urls were told, how often, and
 * what they answered. */
#include <stdlib.h>
#include <string.h>

#include "api/callback/callback.h"
#include "base/calendar.h"
#include "base/text.h"
#include "book/refund/notify.h"
#include "server/control/calls/routes.h"

#define PAGE_MAX  100
#define PAGE      50
#define LINE_SIZE 4200

/* ---- a notification ---- */

static json_t *time_or_null(int64_t time_ms)
{
    char text[FZ_TIME_SIZE];
    if (time_ms == 0)
        return json_null();
    fz_format_time(text, time_ms);
    return json_string(text);
}

static const char *text_or_null(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

static json_t *as_json(const struct fz_notification *row)
{
    bool waits = row->state == FZ_NOTIFICATION_WAITING;
    return json_pack("{s:s, s:s, s:s, s:s*, s:s, s:s*, s:s, s:s, s:o, s:o, s:o, s:i, s:i}", "id",
                     row->event_id, "event_type", fz_notification_event_type(row->kind), "mchid", row->caller,
                     "sub_mchid", text_or_null(row->sub_mchid), "out_trade_no", row->out_trade_no,
                     "out_refund_no", text_or_null(row->out_refund_no), "notify_url", row->url, "state",
                     fz_callback_state_words[row->state - FZ_NOTIFICATION_WAITING], "create_time",
                     time_or_null(row->created_ms), "due_time", time_or_null(waits ? row->due_ms : 0),
                     "delivered_time", time_or_null(row->delivered_ms), "attempts", row->attempts, "resends",
                     row->resends);
}

/* ---- its attempts ---- */

/* What came from outside, line by line, each made clean; at most `lines` of them. */
static json_t *lines_json(const char *data, size_t size)
{
    json_t *lines = json_array();
    for (size_t at = 0; lines != NULL && at < size;) {
        const char *end = memchr(data + at, '\n', size - at);
        size_t length = end == NULL ? size - at : (size_t)(end - data) - at;
        size_t shown = length > 0 && data[at + length - 1] == '\r' ? length - 1 : length;
        char line[LINE_SIZE];
        fz_copy_clean(line, sizeof line, data + at, shown, sizeof line);
        if (line[0] != '\0' && json_array_append_new(lines, json_string(line)) != 0) {
            json_decref(lines);
            return NULL;
        }
        at += length + 1;
    }
    return lines;
}

/* New: text that keeps its line ends. */
static json_t *text_json(const char *data, size_t size)
{
    struct fz_text text = {.max = 4 * LINE_SIZE};
    for (size_t at = 0; at < size;) {
        const char *end = memchr(data + at, '\n', size - at);
        size_t length = end == NULL ? size - at : (size_t)(end - data) - at;
        char line[LINE_SIZE];
        fz_copy_clean(line, sizeof line, data + at, length, sizeof line);
        fz_text_string(&text, line);
        if (end != NULL)
            fz_text_string(&text, "\n");
        at += length + 1;
    }
    json_t *json = text.failed ? NULL : json_string(text.data == NULL ? "" : text.data);
    fz_text_done(&text);
    return json;
}

static json_t *answer_json(const struct fz_attempt *attempt)
{
    if (attempt->status == 0)
        return json_null();
    return json_pack("{s:i, s:o, s:o}", "status", attempt->status, "headers",
                     lines_json(attempt->answer_headers, attempt->answer_headers_size), "body",
                     text_json(attempt->answer_body, attempt->answer_body_size));
}

static enum fz_result append_attempt(void *list, int number, const struct fz_attempt *attempt)
{
    json_t *request =
        json_pack("{s:o, s:s}", "headers", lines_json(attempt->headers, strlen(attempt->headers)), "body",
                  attempt->body);
    json_t *json = json_pack("{s:i, s:s, s:o, s:o, s:I, s:o, s:o, s:s?}", "number", number, "kind",
                             fz_attempt_kind_word(attempt->kind), "time",
                             time_or_null(attempt->time_ms), "wire_time", time_or_null(attempt->wire_ms),
                             "duration_ms", (json_int_t)attempt->duration_ms, "request",
                             attempt->headers[0] == '\0' ? json_null() : json_incref(request), "answer",
                             answer_json(attempt), "error", attempt->error);
    json_decref(request);
    return json_array_append_new(list, json) == 0 ? FZ_OK : FZ_FAILED;
}

/* ---- one of them ---- */

struct lookup {
    const char *event_id;
    struct fz_notification notification;
    json_t *attempts;
    char *plain;
};

static enum fz_result find_callback(struct fz_tx *tx, void *argument)
{
    struct lookup *lookup = argument;
    struct fz_payment payment;
    struct fz_refund refund;
    enum fz_result result = fz_notification_by_event_id(tx, lookup->event_id, &lookup->notification);
    if (result == FZ_OK)
        result = fz_notification_subject(tx, &lookup->notification, &payment, &refund);
    if (result != FZ_OK)
        return result;
    free(lookup->plain);
    lookup->plain = fz_notification_plain(&lookup->notification, &payment, &refund);
    json_array_clear(lookup->attempts);
    return lookup->plain == NULL
               ? FZ_FAILED
               : fz_attempt_each(tx, lookup->notification.id, append_attempt, lookup->attempts);
}

static void refuse(struct fz_control_call *call, const char *what, enum fz_result result,
                   const struct fz_error *error)
{
    if (result == FZ_ABSENT)
        fz_control_refuse(call, MHD_HTTP_NOT_FOUND, "%s: no callback has this id. GET /callbacks lists all.",
                          what);
    else
        fz_control_refuse_result(call, what, result, error);
}

void fz_control_show_callback(struct fz_control_call *call)
{
    struct lookup lookup = {.event_id = call->argument, .attempts = json_array()};
    struct fz_error error = {0};
    enum fz_result result = fz_store_read(call->reader, find_callback, &lookup, &error);
    json_t *json = result == FZ_OK ? as_json(&lookup.notification) : NULL;
    if (result != FZ_OK) {
        refuse(call, "The callback was not read", result, &error);
    } else if (json_object_set_new(json, "resource", json_loads(lookup.plain, 0, NULL)) == 0 &&
               json_object_set(json, "sent", lookup.attempts) == 0) {
        fz_control_answer(call, json);
    } else {
        json_decref(json);
        fz_control_answer(call, NULL);
    }
    free(lookup.plain);
    json_decref(lookup.attempts);
}

/* ---- all of them ---- */

struct listing {
    struct fz_notification_filter filter;
    const char *before;
    json_t *list;
    char last[FZ_EVENT_ID_SIZE];
};

static enum fz_result append(void *argument, const struct fz_notification *notification)
{
    struct listing *listing = argument;
    fz_copy(listing->last, sizeof listing->last, notification->event_id);
    return json_array_append_new(listing->list, as_json(notification)) == 0 ? FZ_OK : FZ_FAILED;
}

static enum fz_result list(struct fz_tx *tx, void *argument)
{
    struct listing *listing = argument;
    struct fz_notification before;
    json_array_clear(listing->list);
    listing->filter.before_ms = listing->filter.before = INT64_MAX;
    enum fz_result result =
        listing->before == NULL ? FZ_OK : fz_notification_by_event_id(tx, listing->before, &before);
    if (result == FZ_OK && listing->before != NULL) {
        listing->filter.before_ms = before.created_ms;
        listing->filter.before = before.id;
    }
    return result == FZ_OK ? fz_notification_each(tx, &listing->filter, append, listing) : result;
}

/* NULL if not given. */
static const char *read_text(struct fz_control_call *call, const char *name, size_t max)
{
    const char *text = fz_control_query_text(call, name, max);
    return text[0] == '\0' ? NULL : text;
}

/* 0: any. */
static enum fz_notification_state read_state(struct fz_control_call *call)
{
    const char *word = fz_control_query_text(call, "state", 9);
    int state = 0;
    if (word[0] == '\0')
        return 0;
    while (fz_callback_state_words[state] != NULL && strcmp(fz_callback_state_words[state], word) != 0)
        state++;
    if (fz_callback_state_words[state] == NULL)
        fz_body_fault(call, "\"state\" is none of WAITING, DELIVERED and FAILED: send one");
    return (enum fz_notification_state)(state + FZ_NOTIFICATION_WAITING);
}

void fz_control_list_callbacks(struct fz_control_call *call)
{
    fz_control_query_read(call);
    struct listing listing = {.filter = {.mchid = read_text(call, "mchid", FZ_MCHID_SIZE - 1),
                                         .out_trade_no = read_text(call, "out_trade_no", 64),
                                         .out_refund_no = read_text(call, "out_refund_no", 64),
                                         .state = read_state(call),
                                         .limit = fz_control_query_integer(call, "limit", 1, PAGE_MAX, PAGE)},
                              .before = read_text(call, "before", FZ_EVENT_ID_SIZE - 1)};
    struct fz_error error = {0};
    if (!fz_control_query_is_sound(call))
        return;
    listing.list = json_array();
    enum fz_result result = fz_store_read(call->reader, list, &listing, &error);
    if (result == FZ_OK) {
        bool full = (int64_t)json_array_size(listing.list) == listing.filter.limit;
        fz_control_answer(call, json_pack("{s:o, s:s?}", "callbacks", listing.list, "next",
                                          full ? listing.last : NULL));
        return;
    }
    json_decref(listing.list);
    refuse(call, "The callbacks were not read", result, &error);
}

/* ---- once more ---- */

struct again {
    const char *event_id;
    struct fz_notification notification;
    struct fz_control_await await;
};

static enum fz_result resend(struct fz_tx *tx, void *argument)
{
    struct again *again = argument;
    enum fz_result result = fz_notification_resend(tx, again->event_id, &again->notification);
    return result == FZ_OK ? fz_await_known(tx, &again->notification, &again->await) : result;
}

void fz_control_resend_callback(struct fz_control_call *call)
{
    fz_body_only(call, call->members);
    struct again again = {.event_id = call->argument, .await = fz_await_read(call)};
    if (!fz_body_is_sound(call))
        return;
    struct fz_error error = {0};
    enum fz_result result = fz_store_write(call->parts->store, resend, &again, &error);
    if (result == FZ_OK) {
        fz_control_answer(call, as_json(&again.notification));
        fz_await_callback(call, &again.await);
    } else if (result == FZ_CONFLICT)
        fz_control_refuse(
            call, MHD_HTTP_CONFLICT,
            "The callback was not sent again: that was done %d times, which is as often as can be.",
            FZ_RESENDS_MAX);
    else
        refuse(call, "The callback was not sent again", result, &error);
}
