/* What a server was asked, as JSON and back. */
#include "server/snapshot/asked.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/server/refusal.h"
#include "base/text.h"
#include "wire/json_dumped.h"

static int place_of(const char *word, const char *const words[])
{
    for (int i = 0; word != NULL && words[i] != NULL; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}

/* ---- faults ---- */

static json_t *fault_json(const struct fz_fault_state *state)
{
    const struct fz_fault_rule *rule = &state->rule;
    const struct fz_fault *fault = &rule->fault;
    int64_t left_ms = rule->until_ticks_ms == 0 ? -1 : rule->until_ticks_ms - fz_ticks_ms();
    return json_pack("{s:I, s:s, s:s, s:b, s:I, s:s, s:s, s:s, s:s, s:b, s:i, s:I, s:I, s:I, s:I, s:I, s:I}", "id",
                     (json_int_t)state->id, "effect", fz_fault_effect_words[fault->effect - FZ_FAULT_ERROR], "error",
                     fault->row == FZ_ROW_NONE ? "" : fz_row_text(fault->row)->name, "after", fault->moment == FZ_FAULT_AFTER,
                     "delay_ms", (json_int_t)fault->delay_ms, "endpoint", rule->endpoint, "path", rule->path, "mchid",
                     rule->mchid, "sub_mchid", rule->sub_mchid, "refusals", rule->refusals, "share", rule->share, "seed",
                     (json_int_t)rule->seed, "count", (json_int_t)rule->count, "left_ms", (json_int_t)left_ms, "until_ms",
                     (json_int_t)rule->until_book_ms, "seen", (json_int_t)state->seen, "hits", (json_int_t)state->hits);
}

static bool fault_of_json(json_t *json, struct fz_fault_state *out)
{
    const char *effect, *error, *endpoint, *path, *mchid, *sub_mchid;
    int after, refusals, share;
    json_int_t id, delay, seed, count, left, until, seen, hits;
    if (json_unpack(json, "{s:I, s:s, s:s, s:b, s:I, s:s, s:s, s:s, s:s, s:b, s:i, s:I, s:I, s:I, s:I, s:I, s:I}", "id", &id,
                    "effect", &effect, "error", &error, "after", &after, "delay_ms", &delay, "endpoint", &endpoint, "path", &path,
                    "mchid", &mchid, "sub_mchid", &sub_mchid, "refusals", &refusals, "share", &share, "seed", &seed, "count",
                    &count, "left_ms", &left, "until_ms", &until, "seen", &seen, "hits", &hits) != 0)
        return false;
    int place = place_of(effect, fz_fault_effect_words);
    struct fz_fault_rule rule = {.fault = {.effect = (enum fz_fault_effect)(place + FZ_FAULT_ERROR),
                                           .row = error[0] == '\0' ? FZ_ROW_NONE : fz_row_named(error),
                                           .moment = after ? FZ_FAULT_AFTER : FZ_FAULT_BEFORE,
                                           .delay_ms = delay},
                                 .refusals = refusals != 0,
                                 .share = share,
                                 .seed = (uint64_t)seed,
                                 .count = count,
                                 .until_ticks_ms = left < 0 ? 0 : fz_ticks_ms() + left,
                                 .until_book_ms = until};
    fz_copy(rule.endpoint, sizeof rule.endpoint, endpoint);
    fz_copy(rule.path, sizeof rule.path, path);
    fz_copy(rule.mchid, sizeof rule.mchid, mchid);
    fz_copy(rule.sub_mchid, sizeof rule.sub_mchid, sub_mchid);
    *out = (struct fz_fault_state){.id = id, .rule = rule, .seen = seen, .hits = hits};
    bool has_row = rule.fault.effect == FZ_FAULT_ERROR;
    return place >= 0 && has_row == (rule.fault.row != FZ_ROW_NONE) && id > 0 && delay >= 0 && delay <= FZ_FAULT_DELAY_MAX_MS;
}

/* Those that are over have nothing left to do. */
static json_t *faults_json(struct fz_faults *faults, int64_t now_ms)
{
    struct fz_fault_state states[FZ_FAULTS_MAX];
    size_t count = fz_faults_list(faults, fz_ticks_ms(), now_ms, states);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        if (!states[i].over)
            (void)json_array_append_new(list, fault_json(&states[i]));
    return list;
}

static bool set_faults(struct fz_faults *faults, json_t *list)
{
    struct fz_fault_state states[FZ_FAULTS_MAX];
    size_t count = 0, i;
    bool good = true;
    json_t *json;
    json_array_foreach(list, i, json) {
        bool understood = count < FZ_FAULTS_MAX && fault_of_json(json, &states[count]);
        if (understood && states[count].rule.fault.effect == FZ_FAULT_EXPIRED_CERTIFICATE)
            understood = fz_faults_make_expired(faults) == FZ_OK; /* a new key, if this process has made none yet */
        count += understood;
        good &= understood;
    }
    return fz_faults_replace(faults, states, count) == count && good;
}

/* ---- modes ---- */

static json_t *mode_json(const struct fz_courier_mode *mode)
{
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:s, s:b}", "mchid", mode->mchid, "mode", fz_courier_mode_words[mode->kind],
                     "left", (json_int_t)mode->left, "until_ms", (json_int_t)mode->until_ms, "delay_ms",
                     (json_int_t)mode->delay_ms, "header", mode->header, "holds_next", mode->holds_next);
}

static bool mode_of_json(json_t *json, struct fz_courier_mode *out)
{
    const char *mchid, *word, *header;
    int holds_next;
    json_int_t left, until, delay;
    if (json_unpack(json, "{s:s, s:s, s:I, s:I, s:I, s:s, s:b}", "mchid", &mchid, "mode", &word, "left", &left, "until_ms",
                    &until, "delay_ms", &delay, "header", &header, "holds_next", &holds_next) != 0)
        return false;
    int kind = place_of(word, fz_courier_mode_words);
    *out = (struct fz_courier_mode){.kind = (enum fz_courier_mode_kind)kind,
                                    .left = left,
                                    .until_ms = until,
                                    .delay_ms = delay,
                                    .holds_next = holds_next != 0};
    fz_copy(out->mchid, sizeof out->mchid, mchid);
    fz_copy(out->header, sizeof out->header, header);
    return kind >= 0;
}

static json_t *modes_json(struct fz_courier *courier)
{
    struct fz_courier_mode modes[FZ_COURIER_MODES_MAX];
    size_t count = fz_courier_list_modes(courier, modes);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(list, mode_json(&modes[i]));
    return list;
}

static bool set_modes(struct fz_courier *courier, json_t *list)
{
    bool good = true;
    struct fz_courier_mode mode;
    size_t i;
    json_t *json;
    fz_courier_forget_modes(courier);
    json_array_foreach(list, i, json)
        good &= mode_of_json(json, &mode) && fz_courier_set_mode(courier, &mode) == FZ_OK;
    return good;
}

/* ---- all of it ---- */

char *fz_asked_tell(const struct fz_asked *asked, int64_t now_ms)
{
    json_t *json = json_pack("{s:b, s:b, s:o, s:o}", "limits", fz_limits_are_on(asked->limits), "book_clock",
                             fz_courier_uses_book_clock(asked->courier), "faults", faults_json(asked->faults, now_ms), "modes",
                             modes_json(asked->courier));
    char *text = json == NULL ? NULL : fz_json_dumped(json, JSON_COMPACT);
    json_decref(json);
    return text;
}

bool fz_asked_set(const struct fz_asked *asked, const char *text)
{
    json_t *json = text == NULL ? json_object() : json_loads(text, 0, NULL);
    const json_t *limits = json_object_get(json, "limits");
    if (json_is_boolean(limits))
        fz_limits_switch(asked->limits, json_is_true(limits));
    fz_courier_use_book_clock(asked->courier, json_is_true(json_object_get(json, "book_clock")));
    bool faults = set_faults(asked->faults, json_object_get(json, "faults"));
    bool modes = set_modes(asked->courier, json_object_get(json, "modes"));
    bool good = json != NULL && faults && modes;
    json_decref(json);
    return good;
}
