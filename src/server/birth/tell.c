/* A world told: who there is, then what happened, step by step. */
#include "server/birth/tell.h"

#include <string.h>

#include "base/calendar.h"
#include "book/due/due.h"
#include "server/birth/telling.h"
#include "world/row.h"

#define RUN_AT_ONCE 1000

/* ---- the clock ---- */

static enum fz_result fault_of(struct fz_world_fault *fault, const struct fz_node *node, const char *why)
{
    return fz_world_fault(fault, node->line, node->column, "%s", why);
}

enum fz_result fz_world_end(const struct fz_world_file *file, int64_t otherwise_ms, int64_t *out, struct fz_world_fault *fault)
{
    const struct fz_node *now = fz_tree_member(fz_tree_member(file->root, "clock"), "now");
    *out = otherwise_ms;
    if (now == NULL || fz_parse_time(now->text, out) == FZ_OK)
        return FZ_OK;
    return fault_of(fault, now, "`now` is no RFC 3339 time: write one like 2026-01-05T10:00:00+08:00.");
}

bool fz_world_is_frozen(const struct fz_world_file *file, bool otherwise)
{
    return fz_world_boolean(fz_tree_member(file->root, "clock"), "frozen", otherwise);
}

static enum fz_result find_begin(struct fz_telling *telling)
{
    const struct fz_node *begins = fz_tree_member(fz_tree_member(telling->root, "clock"), "begins");
    if (begins == NULL)
        return FZ_OK;
    int64_t begin_ms = telling->anchors.now_ms;
    if (fz_moment_read(begins->text, &telling->anchors, &begin_ms) != FZ_OK || begin_ms > telling->anchors.now_ms || begin_ms < 0)
        return fault_of(telling->fault, begins,
                        "`begins` lies behind the end of the story, which is `now` of the clock, or before 1970: write an earlier "
                        "moment, like now - 5.");
    telling->anchors.begin_ms = begin_ms;
    telling->tx->now_ms = begin_ms;
    return FZ_OK;
}

/* Moves on to `time_ms`: what falls due on the way happens at its own time. */
static enum fz_result move_to(struct fz_tx *tx, int64_t time_ms)
{
    int64_t ran = 1, at_ms = tx->now_ms;
    enum fz_result result = FZ_OK;
    while (result == FZ_OK && ran > 0)
        result = fz_event_run(tx, time_ms, at_ms, RUN_AT_ONCE, &ran, &at_ms);
    tx->now_ms = time_ms;
    return result;
}

/* ---- steps ---- */

static const struct {
    const char *name;
    fz_telling_step *tell;
} steps[] = {{"pay", fz_telling_pay},
             {"place", fz_telling_place},
             {"close", fz_telling_close},
             {"payer_account", fz_telling_payer_account},
             {"add_receiver", fz_telling_receiver},
             {"change_receiver", fz_telling_change_receiver},
             {"distribute", fz_telling_distribute},
             {"unfreeze", fz_telling_unfreeze},
             {"refund", fz_telling_refund},
             {"refund_outcome", fz_telling_outcome},
             {"recharge", fz_telling_recharge}};

static enum fz_result find_time(const struct fz_telling *telling, const struct fz_node *step, int64_t *out)
{
    const struct fz_node *at = fz_tree_member(step, "at"), *after = fz_tree_member(step, "after");
    *out = telling->tx->now_ms;
    if (at != NULL && after != NULL)
        return fault_of(telling->fault, after, "A step has `at` or `after`, not both: take one of them out.");
    if (at != NULL && fz_moment_read(at->text, &telling->anchors, out) != FZ_OK)
        return fault_of(telling->fault, at, "`at` is no moment.");
    if (after != NULL && fz_add_duration(telling->tx->now_ms, after->text, out) != FZ_OK)
        return fault_of(telling->fault, after, "`after` leads beyond the year 9999.");
    return FZ_OK;
}

static enum fz_result move_on(const struct fz_telling *telling, const struct fz_node *step)
{
    char then[FZ_TIME_SIZE], other[FZ_TIME_SIZE];
    int64_t time_ms;
    enum fz_result result = find_time(telling, step, &time_ms);
    if (result != FZ_OK)
        return result;
    fz_format_time(then, time_ms);
    if (time_ms < telling->tx->now_ms) {
        fz_format_time(other, telling->tx->now_ms);
        return fz_world_fault(telling->fault, step->line, step->column,
                              "This step is at %s, and the story has come to %s already: book time never runs back. Put it further "
                              "up, or let the story begin earlier (`begins` of `clock`).",
                              then, other);
    }
    if (time_ms > telling->anchors.now_ms) {
        fz_format_time(other, telling->anchors.now_ms);
        return fz_world_fault(telling->fault, step->line, step->column,
                              "This step is at %s, and the story ends at %s: let it begin earlier, with `begins: now - 5` of `clock`, "
                              "or end later, with `now`.",
                              then, other);
    }
    return move_to(telling->tx, time_ms);
}

static enum fz_result tell_step(const struct fz_telling *telling, const struct fz_node *step)
{
    const struct fz_node *map = NULL;
    fz_telling_step *tell = NULL;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const struct fz_node *found = fz_tree_member(step, steps[i].name);
        if (found == NULL)
            continue;
        if (map != NULL)
            return fault_of(telling->fault, found, "One thing happens in a step: begin another, `- `, for this one.");
        map = found;
        tell = steps[i].tell;
    }
    enum fz_result result = move_on(telling, step);
    return result == FZ_OK && tell != NULL ? tell(telling, map) : result;
}

static enum fz_result tell_story(const struct fz_telling *telling)
{
    const struct fz_node *story = fz_tree_member(telling->root, "story");
    enum fz_result result = FZ_OK;
    for (size_t i = 0; story != NULL && i < story->count && result == FZ_OK; i++)
        result = tell_step(telling, story->entries[i].value);
    return result;
}

enum fz_result fz_world_tell(struct fz_tx *tx, const struct fz_secrets *secrets, const struct fz_world_file *file,
                             struct fz_world_fault *fault)
{
    struct fz_telling telling = {.tx = tx,
                                 .secrets = secrets,
                                 .root = file->root,
                                 .anchors = {.begin_ms = tx->now_ms, .now_ms = tx->now_ms},
                                 .fault = fault};
    enum fz_result result = find_begin(&telling);
    if (result == FZ_OK)
        result = fz_telling_who(&telling);
    if (result == FZ_OK)
        result = tell_story(&telling);
    return result == FZ_OK ? move_to(tx, telling.anchors.now_ms) : result;
}
