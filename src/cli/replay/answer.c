/* Two answers to the same request, and in what they differ. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command/command.h"
#include "cli/output/table.h"
#include "cli/replay/difference.h"
#include "cli/replay/replay.h"

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

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
    return json_pack("{s:O, s:O, s:O, s:o?}", "status", json_object_get(exchange, "status"), "duration_us",
                     json_object_get(exchange, "duration_us"), "request_id", json_object_get(exchange, "request_id"), "body",
                     is_whole ? body_of(body, strlen(body)) : NULL);
}

static json_t *now_of(const struct fz_signed_answer *answer)
{
    return json_pack("{s:I, s:I, s:s, s:o}", "status", (json_int_t)answer->status, "duration_us",
                     (json_int_t)answer->took_us, "request_id", answer->request_id, "body",
                     body_of(answer->body.data == NULL ? "" : answer->body.data, answer->body.size));
}

static void print_both(const json_t *then, const json_t *now)
{
    static const struct fz_column columns[] = {{"", false}, {"status", true}, {"took", true}, {"request_id", false}};
    const json_t *each[] = {then, now};
    struct fz_table *table = fz_table_new(columns, sizeof columns / sizeof columns[0], false);
    for (int i = 0; i < 2; i++) {
        char status[24], took[32];
        snprintf(status, sizeof status, "%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(each[i], "status")));
        snprintf(took, sizeof took, "%" JSON_INTEGER_FORMAT " us",
                 json_integer_value(json_object_get(each[i], "duration_us")));
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
        fz_table_add(table,
                     (const char *const[]){text_of(one, "member"), then == NULL ? "-" : then, now == NULL ? "-" : now});
        free(then);
        free(now);
    }
    if (i > 0)
        fz_table_print(table, false);
    else
        puts("The answer is the same.");
    fz_table_free(table);
}

int fz_replay_tell(const json_t *exchange, const struct fz_signed_answer *answer, bool json)
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
    } else if (fz_print_json(json_pack("{s:O, s:O, s:O}", "then", then, "now", now, "differences", differences)) !=
               FZ_EXIT_DONE) {
        status = FZ_EXIT_TROUBLE;
    }
    json_decref(then);
    json_decref(now);
    json_decref(differences);
    return status;
}
