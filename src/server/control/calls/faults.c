/* /faults: requests that go wrong on demand. */
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "server/control/calls/replaced.h"
#include "server/control/calls/routes.h"
#include "server/control/calls/world_faults.h"
#include "server/fault/faults.h"
#include "server/schedule/scheduler.h"
#include "spec/calls.h"
#include "world/read.h"

#define SECONDS_MAX (INT64_C(366) * 24 * 60 * 60)

/* As enum fz_fault_moment. */
static const char *const moment_words[] = {"before", "after", NULL};

/* ---- reading ---- */

static const char *read_endpoint(struct fz_control_call *call)
{
    const char *name = fz_body_text(call, "endpoint", 1, FZ_FAULT_NAME_SIZE - 1);
    size_t count;
    const struct fz_spec *const *specs = fz_specs(&count);
    for (size_t i = 0; name != NULL && i < count; i++)
        if (strcmp(specs[i]->name, name) == 0)
            return name;
    if (name != NULL)
        fz_body_fault(call,
                      "\"endpoint\" is not the name of one: send an operationId of `fenzhang openapi`, like "
                      "refund-submit, or a \"path\"");
    return NULL;
}

static const char *read_path(struct fz_control_call *call)
{
    const char *path = fz_body_text(call, "path", 1, FZ_FAULT_PATH_SIZE / 3);
    const char *star = path == NULL ? NULL : strchr(path, '*');
    if (path != NULL &&
        (path[0] != '/' || strchr(path, '?') != NULL || (star != NULL && strchr(star + 1, '*'))))
        fz_body_fault(call,
                      "\"path\" is none: send one like /v3/global/refunds or /hk/v3/*, without a query, with "
                      "one * at most");
    return path;
}

/* Errors, delays and resets may come before the work or after it; what concerns the answer comes after it. */
static void read_effect(struct fz_control_call *call, struct fz_fault *out)
{
    const char *name = fz_body_text(call, "error", 1, 64);
    out->delay_ms = fz_body_integer(call, "delay_ms", 1, FZ_FAULT_DELAY_MAX_MS, 0);
    int usual = (name != NULL        ? FZ_FAULT_ERROR
                 : out->delay_ms > 0 ? FZ_FAULT_DELAY
                                     : FZ_FAULT_NONE) -
                FZ_FAULT_ERROR;
    out->effect = (enum fz_fault_effect)(fz_body_word(call, "effect", fz_fault_effect_words, usual) + FZ_FAULT_ERROR);
    bool has_moment =
        out->effect == FZ_FAULT_ERROR || out->effect == FZ_FAULT_DELAY || out->effect == FZ_FAULT_RESET;
    int moment = fz_body_word(call, "when", moment_words, has_moment ? FZ_FAULT_BEFORE : FZ_FAULT_AFTER);
    out->moment = (enum fz_fault_moment)moment;
    out->row = name == NULL ? FZ_ROW_NONE : fz_row_named(name);
    if (out->effect == FZ_FAULT_NONE)
        fz_body_fault(call, "\"effect\" is missing: send it, or \"error\", or \"delay_ms\"");
    if (name != NULL && out->row == FZ_ROW_NONE)
        fz_body_fault(
            call, "\"error\" is no row of the table: send an identifier that `fenzhang errors` tells, like "
                  "SYSTEM_ERROR");
    if ((name != NULL) != (out->effect == FZ_FAULT_ERROR))
        fz_body_fault(call, "\"error\" and the effect \"error\" belong together: send both or neither");
    if (out->effect == FZ_FAULT_DELAY && out->delay_ms == 0)
        fz_body_require(call, "delay_ms");
    if (!has_moment && out->moment == FZ_FAULT_BEFORE)
        fz_body_fault(call, "\"when\" of an effect on the answer is \"after\": leave it away");
}

/* Without a seed one is drawn, and told: a run can be repeated with it. */
static uint64_t read_seed(struct fz_control_call *call)
{
    uint64_t drawn;
    fz_random(&drawn, sizeof drawn);
    return (uint64_t)fz_body_integer(call, "seed", 0, INT64_MAX, (int64_t)(drawn >> 33));
}

static void read_end(struct fz_control_call *call, struct fz_fault_rule *out)
{
    out->count = fz_body_integer(call, "count", 1, INT64_MAX, 0);
    int64_t seconds = fz_body_integer(call, "seconds", 1, SECONDS_MAX, 0);
    out->until_ticks_ms = seconds == 0 ? 0 : fz_ticks_ms() + seconds * 1000;
    const char *until = fz_body_text(call, "until", 1, 40);
    if (until != NULL && fz_parse_time(until, &out->until_book_ms) != FZ_OK)
        fz_body_fault(call, "\"until\" is no time: send one like 2026-01-02T10:00:00+08:00 (book time)");
}

static void read_rule(struct fz_control_call *call, struct fz_fault_rule *out)
{
    *out = (struct fz_fault_rule){0};
    fz_body_only(call, call->members);
    read_effect(call, &out->fault);
    fz_copy(out->endpoint, sizeof out->endpoint, read_endpoint(call));
    fz_copy(out->path, sizeof out->path, read_path(call));
    fz_copy(out->mchid, sizeof out->mchid, fz_body_letters(call, "mchid", 1, 32, FZ_DIGIT_LETTERS));
    fz_copy(out->sub_mchid, sizeof out->sub_mchid,
            fz_body_letters(call, "sub_mchid", 1, 32, FZ_DIGIT_LETTERS));
    out->share = (int)fz_body_integer(call, "share", 1, FZ_FAULT_SHARE_ALL, FZ_FAULT_SHARE_ALL);
    out->refusals = fz_body_boolean(call, "refusals", false);
    out->seed = read_seed(call);
    read_end(call, out);
}

/* ---- telling ---- */

static const char *or_absent(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

static json_t *number_or_absent(int64_t number)
{
    return number == 0 ? NULL : json_integer(number);
}

static void add_end(json_t *object, const struct fz_fault_rule *rule)
{
    char until[FZ_TIME_SIZE];
    (void)json_object_set_new(object, "count", number_or_absent(rule->count));
    if (rule->until_ticks_ms != 0) {
        int64_t left_ms = rule->until_ticks_ms - fz_ticks_ms();
        (void)json_object_set_new(object, "seconds", json_integer(left_ms > 0 ? (left_ms + 999) / 1000 : 0));
    }
    if (rule->until_book_ms != 0) {
        fz_format_time(until, rule->until_book_ms);
        (void)json_object_set_new(object, "until", json_string(until));
    }
}

/* Members that were not asked for are left out. */
static json_t *as_json(const struct fz_fault_state *state)
{
    const struct fz_fault_rule *rule = &state->rule;
    const struct fz_fault *fault = &rule->fault;
    const char *error = fault->effect == FZ_FAULT_ERROR ? fz_row_text(fault->row)->name : NULL;
    json_t *object = json_pack(
        "{s:I, s:s, s:s*, s:o*, s:s, s:s*, s:s*, s:s*, s:s*, s:i, s:b, s:I, s:I, s:I, s:b}", "id",
        (json_int_t)state->id, "effect", fz_fault_effect_words[fault->effect - FZ_FAULT_ERROR], "error", error,
        "delay_ms", number_or_absent(fault->delay_ms), "when", moment_words[fault->moment], "endpoint",
        or_absent(rule->endpoint), "path", or_absent(rule->path), "mchid", or_absent(rule->mchid),
        "sub_mchid", or_absent(rule->sub_mchid), "share", rule->share, "refusals", rule->refusals, "seed", (json_int_t)rule->seed, "seen",
        (json_int_t)state->seen, "hits", (json_int_t)state->hits, "over", state->over);
    if (object != NULL)
        add_end(object, rule);
    return object;
}

/* ---- the calls ---- */

/* A client can only know the expired certificate from here. */
static void answer_made(struct fz_control_call *call, const struct fz_fault_state *state)
{
    json_t *object = as_json(state);
    const struct fz_expired_identity *expired = fz_faults_expired(call->parts->faults);
    if (object != NULL && state->rule.fault.effect == FZ_FAULT_EXPIRED_CERTIFICATE) {
        (void)json_object_set_new(object, "serial_no", json_string(expired->serial));
        (void)json_object_set_new(object, "certificate", json_stringn(expired->pem.data, expired->pem.size));
    }
    fz_control_answer(call, object);
}

static enum fz_result add(struct fz_faults *faults, const struct fz_fault_rule *rule, int64_t *id)
{
    enum fz_result result = rule->fault.effect == FZ_FAULT_EXPIRED_CERTIFICATE ? fz_faults_make_expired(faults) : FZ_OK;
    return result == FZ_OK ? fz_faults_add(faults, rule, id) : result;
}

void fz_control_add_fault(struct fz_control_call *call)
{
    struct fz_fault_state made = {0};
    read_rule(call, &made.rule);
    if (!fz_body_is_sound(call) || !fz_control_knows_its_book(call, "The fault was not set"))
        return;
    enum fz_result result = add(call->parts->faults, &made.rule, &made.id);
    if (result == FZ_OK)
        answer_made(call, &made);
    else if (result == FZ_FULL)
        fz_control_refuse(
            call, MHD_HTTP_CONFLICT,
            "The fault was not set: %d stand already. End some with DELETE /faults/ID, or all with "
            "DELETE /faults.",
            FZ_FAULTS_MAX);
    else
        fz_control_refuse(call, MHD_HTTP_INTERNAL_SERVER_ERROR,
                          "The fault was not set: memory is short. Try again.");
}

void fz_control_list_faults(struct fz_control_call *call)
{
    struct fz_fault_state states[FZ_FAULTS_MAX];
    int64_t now_ms;
    bool frozen;
    fz_scheduler_clock(call->parts->scheduler, &now_ms, &frozen);
    size_t count = fz_faults_list(call->parts->faults, fz_ticks_ms(), now_ms, states);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(list, as_json(&states[i]));
    fz_control_answer(call, json_pack("{s:o}", "faults", list));
}

void fz_control_clear_faults(struct fz_control_call *call)
{
    fz_body_only(call, call->members);
    if (fz_body_is_sound(call) && fz_control_knows_its_book(call, "No fault was ended"))
        fz_control_answer(
            call, json_pack("{s:I}", "cleared", (json_int_t)fz_faults_clear(call->parts->faults, 0)));
}

void fz_control_clear_fault(struct fz_control_call *call)
{
    int64_t id;
    if (!fz_control_knows_its_book(call, "No fault was ended"))
        return;
    if (fz_parse_int(call->argument, &id) == FZ_OK && id > 0 &&
        fz_faults_clear(call->parts->faults, id) == 1)
        fz_control_answer(call, json_pack("{s:i}", "cleared", 1));
    else
        fz_control_refuse(call, MHD_HTTP_NOT_FOUND,
                          "No fault was ended: none has this id. GET /faults lists them.");
}

/* ---- a world's ---- */

static enum fz_result add_of_world(struct fz_faults *faults, const struct fz_node *item, struct fz_world_fault *fault)
{
    struct fz_control_call call = {.members = fz_control_route_named("POST /faults")->members, .body = fz_world_json(item)};
    struct fz_fault_rule rule;
    int64_t id;
    if (call.body == NULL)
        return FZ_FAILED;
    read_rule(&call, &rule);
    enum fz_result result = call.fault[0] == '\0' ? add(faults, &rule, &id) : FZ_MALFORMED;
    json_decref(call.body);
    if (call.fault[0] != '\0')
        return fz_world_fault(fault, item->line, item->column, "The fault cannot be set: %s.", call.fault);
    return result == FZ_OK ? FZ_OK : fz_world_fault(fault, item->line, item->column, "The fault cannot be set: memory is short.");
}

enum fz_result fz_faults_of_world(struct fz_faults *faults, const struct fz_world_file *file, struct fz_world_fault *fault)
{
    const struct fz_node *list = file == NULL ? NULL : fz_tree_member(file->root, "faults");
    enum fz_result result = FZ_OK;
    for (size_t i = 0; list != NULL && i < list->count && result == FZ_OK; i++)
        result = add_of_world(faults, list->entries[i].value, fault);
    return result;
}

enum fz_result fz_world_faults_check(const struct fz_world_file *file, struct fz_world_fault *fault)
{
    struct fz_faults *faults = fz_faults_new();
    if (faults == NULL)
        return fz_world_fault(fault, 0, 0, "Memory is short. Make room, then try again.");
    enum fz_result result = fz_faults_of_world(faults, file, fault);
    fz_faults_free(faults);
    return result;
}
