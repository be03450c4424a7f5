/* fenzhang watch: the callbacks of a server as they come, each time that something is sent. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "cli/command/command.h"
#include "cli/local/commands.h"
#include "cli/local/follow.h"
#include "cli/local/place.h"

#define PAUSE_MS  200
#define PAGES_MAX 50
#define PAGE      "100"

/* What is known of the callbacks: how often each was tried when it was looked at last. */
struct watch {
    const struct fz_place *place;
    bool json;
    json_t *attempts; /* by id */
    json_t *waiting;  /* ids that waited when they were looked at last, and those that do now */
    json_t *waits;
    char since[FZ_TIME_SIZE]; /* wire time: what was sent before is not told */
};

/* ---- what is said ---- */

static void print_sent(const json_t *callback, const json_t *sent, bool is_latest)
{
    const json_t *answer = json_object_get(sent, "answer");
    const char *kind = fz_follow_text(sent, "kind");
    int64_t status = json_integer_value(json_object_get(answer, "status"));
    bool is_plain = kind != NULL && strcmp(kind, "NOTIFICATION") == 0;
    fz_follow_column(FZ_COLOUR_DIM, fz_follow_text(sent, "wire_time"));
    fz_follow_column(FZ_COLOUR_BOLD, fz_follow_text(callback, "event_type"));
    fz_follow_column(FZ_COLOUR_NONE, fz_follow_text(callback, "notify_url"));
    fz_follow_status(status);
    fz_follow_column(FZ_COLOUR_YELLOW, is_plain ? NULL : kind);
    fz_follow_column(FZ_COLOUR_CYAN, fz_follow_text(callback, "out_refund_no") != NULL
                                         ? fz_follow_text(callback, "out_refund_no")
                                         : fz_follow_text(callback, "out_trade_no"));
    fz_follow_duration(1000 * json_integer_value(json_object_get(sent, "duration_ms")));
    fz_follow_column(FZ_COLOUR_RED, fz_follow_text(sent, "error"));
    if (is_latest && fz_follow_text(callback, "due_time") != NULL) {
        fz_follow_column(FZ_COLOUR_NONE, "again at");
        fz_follow_column(FZ_COLOUR_NONE, fz_follow_text(callback, "due_time"));
    }
    fz_follow_column(FZ_COLOUR_DIM, fz_follow_text(callback, "id"));
    fz_follow_end_line();
}

/* The callback without what else was sent. */
static void print_json(json_t *callback, json_t *sent)
{
    json_t *line = json_copy(callback);
    (void)json_object_del(line, "sent");
    (void)json_object_update(line, sent);
    fz_follow_json(line);
    json_decref(line);
}

/* ---- looking ---- */

/* What was sent of it since it was looked at last. */
static void tell_news(struct watch *watch, json_t *callback)
{
    const char *id = fz_follow_text(callback, "id");
    json_t *known = json_object_get(watch->attempts, id), *all = json_object_get(callback, "sent"), *sent;
    size_t i;
    json_array_foreach(all, i, sent)
    {
        const char *time = fz_follow_text(sent, "wire_time");
        bool is_new = known != NULL ? json_integer_value(json_object_get(sent, "number")) > json_integer_value(known)
                                    : time != NULL && strcmp(time, watch->since) >= 0;
        if (is_new && watch->json)
            print_json(callback, sent);
        else if (is_new)
            print_sent(callback, sent, i + 1 == json_array_size(all));
    }
    (void)json_object_set(watch->attempts, id, json_object_get(callback, "attempts"));
}

/* One callback whole. A reset may have taken it away. */
static int look_at(struct watch *watch, const char *id)
{
    struct fz_place_answer answer;
    char target[160];
    snprintf(target, sizeof target, "/callbacks/%.100s", id);
    int status = fz_place_ask(watch->place, "GET", target, NULL, &answer);
    if (status == FZ_EXIT_DONE && answer.status == 200)
        tell_news(watch, answer.json);
    fz_place_answer_done(&answer);
    return status;
}

/* A row of the list. True in `is_news` if something was sent of it that was not seen yet, or if it is new. */
static int look_at_row(struct watch *watch, const json_t *row, bool *is_news)
{
    const char *id = fz_follow_text(row, "id"), *state = fz_follow_text(row, "state");
    const json_t *attempts = json_object_get(row, "attempts"), *known = json_object_get(watch->attempts, id);
    if (id == NULL || state == NULL)
        return FZ_EXIT_TROUBLE;
    if (strcmp(state, "WAITING") == 0)
        (void)json_object_set_new(watch->waits, id, json_true());
    *is_news = known == NULL || json_integer_value(known) < json_integer_value(attempts);
    if (known == NULL && json_integer_value(attempts) == 0)
        (void)json_object_set_new(watch->attempts, id, json_integer(0));
    return *is_news && json_integer_value(attempts) > 0 ? look_at(watch, id) : FZ_EXIT_DONE;
}

/* A page; `next` (the id behind which the next one begins) is "" at the end, or when a page has no news and `only_news`.
 * Oldest first. */
static int look_at_page(struct watch *watch, const char *query, char next[100], bool only_news)
{
    struct fz_place_answer answer;
    char target[300];
    snprintf(target, sizeof target, "/callbacks?limit=" PAGE "%s%s%s", query, next[0] == '\0' ? "" : "&before=", next);
    int status = fz_place_ask(watch->place, "GET", target, NULL, &answer);
    next[0] = '\0';
    if (status == FZ_EXIT_DONE)
        status = fz_place_judge(&answer);
    json_t *rows = json_object_get(answer.json, "callbacks");
    bool goes_on = false;
    for (size_t i = json_array_size(rows); i-- > 0 && status == FZ_EXIT_DONE;) {
        bool is_news = false;
        status = look_at_row(watch, json_array_get(rows, i), &is_news);
        goes_on |= is_news && i + 1 == json_array_size(rows);
    }
    if (!only_news || goes_on)
        (void)fz_copy(next, 100, fz_follow_text(answer.json, "next"));
    fz_place_answer_done(&answer);
    return status;
}

static int look_at_pages(struct watch *watch, const char *query, bool only_news)
{
    char next[100] = "";
    int status = look_at_page(watch, query, next, only_news);
    for (int i = 1; i < PAGES_MAX && status == FZ_EXIT_DONE && next[0] != '\0'; i++)
        status = look_at_page(watch, query, next, only_news);
    return status;
}

/* Those that wait no more without having been seen among the newest. */
static int look_at_done(struct watch *watch)
{
    const char *id;
    json_t *value;
    int status = FZ_EXIT_DONE;
    json_object_foreach(watch->waiting, id, value)
    {
        if (status == FZ_EXIT_DONE && json_object_get(watch->waits, id) == NULL)
            status = look_at(watch, id);
    }
    json_decref(watch->waiting);
    watch->waiting = watch->waits;
    watch->waits = json_object();
    return status;
}

/* Everything that was sent since the last time belongs to a callback that is among the newest, waits, or waited then. */
static int look(struct watch *watch)
{
    int status = look_at_pages(watch, "", true);
    if (status == FZ_EXIT_DONE)
        status = look_at_pages(watch, "&state=WAITING", false);
    return status == FZ_EXIT_DONE ? look_at_done(watch) : status;
}

static int watch_it(struct watch *watch)
{
    struct pollfd handles[FZ_FOLLOW_HANDLES];
    int status = fz_follow_begin(handles) ? look(watch) : FZ_EXIT_TROUBLE;
    while (status == FZ_EXIT_DONE && !fz_follow_is_over(handles)) {
        (void)poll(handles, FZ_FOLLOW_HANDLES, PAUSE_MS);
        if (fz_follow_is_over(handles))
            break;
        status = look(watch);
    }
    return status;
}

static const struct argp argp = {
    NULL,
    NULL,
    NULL,
    "Prints a line each time that a server of one's own sends a callback: time, what it is about, where to, the answer's "
    "status, the order's or refund's number, how long it took, and when it is sent again. Until Ctrl-C.\v"
    "Examples:\n"
    "  fenzhang watch --env data/demo.env\n"
    "  fenzhang watch --json | jq -r .answer.status\n"
    "\n"
    "Of callbacks that are not among the 100 newest, one that is sent again by hand may be missed if it arrives at once.\n"
    "Exit status 0: Ctrl-C, or nobody reads any more; 2: the server has gone.",
    NULL,
    NULL,
    NULL};

static int run(int argc, char **argv)
{
    struct fz_place_options with = {0};
    struct fz_place place;
    fz_arguments_parse_shared(&fz_watch_command, argc, argv, NULL, &with);
    struct watch watch = {.place = &place,
                          .json = with.caller.json,
                          .attempts = json_object(),
                          .waiting = json_object(),
                          .waits = json_object()};
    fz_format_time(watch.since, fz_wire_now_ms());
    int status = fz_place_find(&with, &place) ? watch_it(&watch) : FZ_EXIT_TROUBLE;
    fz_place_done(&place);
    json_decref(watch.attempts);
    json_decref(watch.waiting);
    json_decref(watch.waits);
    return status;
}

const struct fz_command fz_watch_command = {
    .name = "watch",
    .summary = "follows the callbacks, a line each time that one is sent, until Ctrl-C",
    .argp = &argp,
    .shared = &fz_place_argp,
    .run = run,
};
