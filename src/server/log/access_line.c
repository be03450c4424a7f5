/* One line an exchange, one a callback. */
#include "server/log/access_line.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/calendar.h"
#include "server/log/filter.h"
#include "server/log/json.h"
#include "server/log/mask.h"
#include "wire/json_dumped.h"

#define TARGET_CHARACTERS 300
#define WORDS_CHARACTERS  160
#define CLEAN_SIZE(characters) (3 * (characters) + 1)

const char *const fz_callback_outcome_words[] = {"delivered", "refused", "unanswered"};

/* ---- text ---- */

#define DIM    "2"
#define RED    "31"
#define GREEN  "32"
#define YELLOW "33"
#define CYAN   "36"

/* A column, and the blank behind it. */
static void column(struct fz_text *out, struct fz_access_style style, const char *paint, const char *text)
{
    if (style.colour && paint != NULL)
        fz_text_format(out, "\033[%sm%s\033[0m ", paint, text);
    else
        fz_text_format(out, "%s ", text);
}

static void end_line(struct fz_text *out)
{
    if (!out->failed && out->size > 0)
        out->data[out->size - 1] = '\n'; /* in the place of the last blank */
}

/* Every line begins with it. */
static void mark(struct fz_text *out, struct fz_access_style style, bool is_trouble)
{
    if (style.journal)
        fz_text_format(out, "<%d>", is_trouble ? LOG_WARNING : LOG_INFO);
}

static void time_column(struct fz_text *out, struct fz_access_style style, int64_t time_ms)
{
    char time[FZ_TIME_SIZE];
    if (style.journal)
        return;
    fz_format_time(time, time_ms);
    column(out, style, DIM, time);
}

/* Three digits that count: 870us, 12.3ms, 4.56s. */
static void duration_column(struct fz_text *out, struct fz_access_style style, int64_t us)
{
    char text[32];
    if (us < 1000)
        snprintf(text, sizeof text, "%" PRId64 "us", us);
    else if (us < 1000000)
        snprintf(text, sizeof text, "%" PRId64 ".%" PRId64 "ms", us / 1000, us % 1000 / 100);
    else
        snprintf(text, sizeof text, "%" PRId64 ".%02" PRId64 "s", us / 1000000, us % 1000000 / 10000);
    column(out, style, NULL, text);
}

static const char *paint_of(int status)
{
    return status >= 200 && status < 300 ? GREEN : status < 500 && status > 0 ? YELLOW : RED;
}

static void status_column(struct fz_text *out, struct fz_access_style style, int status)
{
    char text[16] = "-";
    if (status > 0)
        snprintf(text, sizeof text, "%d", status);
    column(out, style, paint_of(status), text);
}

static void words_column(struct fz_text *out, const struct fz_text *words)
{
    if (words->size > 0)
        fz_text_format(out, "\"%s\" ", words->data);
}

/* What a peer sent, or what is made of it, without anything that a terminal would obey. */
static void add_clean(struct fz_text *out, const char *text, size_t size, size_t characters)
{
    char clean[CLEAN_SIZE(TARGET_CHARACTERS)];
    fz_copy_clean(clean, sizeof clean, text, size, characters);
    fz_text_string(out, clean);
    if (fz_utf8_length(clean, strlen(clean)) == (long)characters && size > strlen(clean))
        fz_text_string(out, "…");
}

static void part_column(struct fz_text *out, const struct fz_request_record *record, enum fz_record_part part)
{
    add_clean(out, record->text + record->parts[part].at, record->parts[part].size, TARGET_CHARACTERS);
    fz_text_string(out, " ");
}

/* ---- an exchange ---- */

static const char *member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text == NULL ? "" : text;
}

/* Cuts behind the first sentence: what to do then is for who sent it. */
static void add_sentence(struct fz_text *out, const char *text)
{
    const char *end = strstr(text, ". "), *chinese = strstr(text, "。");
    size_t size = chinese != NULL && (end == NULL || chinese < end) ? (size_t)(chinese - text)
                  : end != NULL                                     ? (size_t)(end - text)
                                                                    : strlen(text);
    fz_text_add(out, text, size);
}

/* What a refusal says beyond its code and name: the mistake in the signature, the parameter at fault, else its message. */
static void find_words(const struct fz_request_record *record, struct fz_text *out)
{
    const struct fz_kept *body = &record->parts[FZ_PART_ANSWER_BODY];
    struct fz_text words = {.max = 16384};
    if (record->row == FZ_ROW_NONE)
        return;
    json_t *answer = json_loadb(record->text + body->at, body->size, 0, NULL);
    const json_t *diagnosis = json_object_get(answer, "diagnosis"), *detail = json_object_get(answer, "detail");
    if (diagnosis != NULL) {
        fz_text_format(&words, "%s: ", member(diagnosis, "mistake"));
        add_sentence(&words, member(diagnosis, "message"));
    } else if (member(detail, "issue")[0] != '\0') {
        fz_text_format(&words, "%s: ", member(detail, "field"));
        fz_text_string(&words, member(detail, "issue"));
    } else {
        add_sentence(&words, member(answer, "message"));
    }
    json_decref(answer);
    if (words.size > 0)
        add_clean(out, words.data, words.size, WORDS_CHARACTERS);
    fz_text_done(&words);
}

static void exchange_text(struct fz_text *out, struct fz_access_style style, const struct fz_request_record *record,
                          const struct fz_text *words)
{
    time_column(out, style, record->wire_ms);
    part_column(out, record, FZ_PART_METHOD);
    part_column(out, record, FZ_PART_TARGET);
    status_column(out, style, record->status);
    if (record->row != FZ_ROW_NONE) {
        column(out, style, paint_of(record->status), fz_record_code(record));
        if (strcmp(fz_record_code(record), fz_row_text(record->row)->name) != 0)
            column(out, style, NULL, fz_row_text(record->row)->name);
        words_column(out, words);
    }
    duration_column(out, style, record->duration_us);
    column(out, style, DIM, record->request_id);
    end_line(out);
}

/* Takes over the object; a line that memory does not suffice for fails `out`. */
static void json_line(struct fz_text *out, json_t *object)
{
    char *text = object == NULL ? NULL : fz_json_dumped(object, JSON_COMPACT);
    json_decref(object);
    if (text == NULL)
        out->failed = true;
    else
        fz_text_format(out, "%s\n", text);
    free(text);
}

static json_t *exchange_json(const struct fz_request_record *record, const struct fz_text *words)
{
    json_t *line = json_pack("{s:s}", "log", "exchange"), *summary = fz_record_summary(record);
    if (line != NULL && json_object_update(line, summary) == 0 && words->size > 0)
        (void)json_object_set_new(line, "diagnosis", json_string(words->data));
    json_decref(summary);
    return line;
}

void fz_access_exchange(struct fz_text *out, struct fz_access_style style, const struct fz_request_record *record)
{
    struct fz_text words = {.max = 4096};
    find_words(record, &words);
    mark(out, style, record->status >= 500);
    if (style.json)
        json_line(out, exchange_json(record, &words));
    else
        exchange_text(out, style, record, &words);
    fz_text_done(&words);
}

/* ---- a callback ---- */

/* As of a target: a token in a query is a secret. */
static void add_url(struct fz_text *out, const char *url)
{
    char text[FZ_KEPT_TARGET];
    struct fz_masked masked = {.text = text, .max = sizeof text};
    fz_mask_text(&masked, url, strlen(url), NULL);
    add_clean(out, text, masked.size, TARGET_CHARACTERS);
}

/* Why it failed, and when it is sent again. */
static void callback_words(struct fz_text *out, const struct fz_called_back *called)
{
    char next[FZ_TIME_SIZE];
    add_clean(out, called->error, strlen(called->error), WORDS_CHARACTERS);
    if (called->next_ms == 0)
        return;
    fz_format_time(next, called->next_ms);
    fz_text_format(out, "%sagain at %s of the book", out->size > 0 ? "; " : "", next);
}

static void callback_text(struct fz_text *out, struct fz_access_style style, const struct fz_called_back *called,
                          const char *url)
{
    struct fz_text words = {.max = 4096};
    const char *paint = called->outcome == FZ_CALLBACK_DELIVERED ? GREEN : RED;
    callback_words(&words, called);
    time_column(out, style, called->wire_ms);
    column(out, style, CYAN, "callback");
    column(out, style, NULL, url);
    if (called->status > 0)
        status_column(out, style, called->status);
    else
        column(out, style, paint, "-");
    column(out, style, paint, fz_callback_outcome_words[called->outcome]);
    column(out, style, NULL, called->kind);
    words_column(out, &words);
    duration_column(out, style, 1000 * called->duration_ms);
    column(out, style, DIM, called->event_id);
    end_line(out);
    fz_text_done(&words);
}

static void set_given(json_t *object, const char *name, const char *text)
{
    if (text[0] != '\0')
        (void)json_object_set_new(object, name, json_string(text));
}

static void set_time(json_t *object, const char *name, int64_t time_ms)
{
    char time[FZ_TIME_SIZE];
    fz_format_time_ms(time, time_ms);
    (void)json_object_set_new(object, name, json_string(time));
}

static json_t *callback_json(const struct fz_called_back *called, const char *url)
{
    char error[CLEAN_SIZE(WORDS_CHARACTERS)];
    fz_copy_clean(error, sizeof error, called->error, strlen(called->error), WORDS_CHARACTERS);
    json_t *line = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s}", "log", "callback", "id", called->event_id,
                             "event_type", called->event_type, "kind", called->kind, "notify_url", url, "outcome",
                             fz_callback_outcome_words[called->outcome], "duration_ms",
                             (json_int_t)called->duration_ms, "mchid", called->mchid);
    if (line == NULL)
        return NULL;
    set_time(line, "time", called->wire_ms);
    set_time(line, "book_time", called->book_ms);
    set_given(line, "sub_mchid", called->sub_mchid);
    set_given(line, "out_trade_no", called->out_trade_no);
    set_given(line, "out_refund_no", called->out_refund_no);
    set_given(line, "error", error);
    if (called->status > 0)
        (void)json_object_set_new(line, "status", json_integer(called->status));
    if (called->next_ms != 0)
        set_time(line, "due_time", called->next_ms);
    return line;
}

void fz_access_callback(struct fz_text *out, struct fz_access_style style, const struct fz_called_back *called)
{
    struct fz_text url = {.max = 4096};
    add_url(&url, called->url);
    mark(out, style, called->outcome != FZ_CALLBACK_DELIVERED);
    if (url.failed || url.size == 0)
        out->failed = true;
    else if (style.json)
        json_line(out, callback_json(called, url.data));
    else
        callback_text(out, style, called, url.data);
    fz_text_done(&url);
}

/* ---- what is missing ---- */

void fz_access_missed(struct fz_text *out, struct fz_access_style style, uint64_t missed, int64_t wire_ms)
{
    char words[120];
    mark(out, style, true);
    if (style.json) {
        json_t *line = json_pack("{s:s, s:I}", "log", "missed", "lines", (json_int_t)missed);
        set_time(line, "time", wire_ms);
        json_line(out, line);
        return;
    }
    snprintf(words, sizeof words, "%" PRIu64 " lines are missing here: they came faster than they were taken", missed);
    time_column(out, style, wire_ms);
    column(out, style, YELLOW, "warning");
    column(out, style, YELLOW, words);
    end_line(out);
}
