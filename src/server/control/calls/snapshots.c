/* /snapshots: the whole world as it is at one instant, kept, and come back to. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/server/log.h"
#include "server/birth/env.h"
#include "server/birth/restoration.h"
#include "server/control/calls/replacement.h"
#include "server/files/bill_file.h"
#include "server/keys/identity.h"
#include "server/schedule/scheduler.h"
#include "server/snapshot/asked.h"
#include "server/snapshot/shelf.h"

static struct fz_asked asked_of(const struct fz_control_parts *parts)
{
    return (struct fz_asked){.limits = parts->limits, .faults = parts->faults, .courier = parts->courier};
}

/* A database of its own kind keeps copies of its own kind. */
static bool is_for_snapshots(struct fz_control_call *call)
{
    if (!fz_store_is_shared(call->parts->book))
        return true;
    fz_control_refuse(call, MHD_HTTP_CONFLICT,
                      "There are no snapshots of a book in PostgreSQL. Keep a copy with pg_dump, or serve a book in SQLite (without --store).");
    return false;
}

static void refuse_absent(struct fz_control_call *call, const char *undone)
{
    fz_control_refuse(call, MHD_HTTP_NOT_FOUND, "%s: there is none of this name. GET /snapshots lists those that there are.",
                      undone);
}

static json_t *as_json(const struct fz_snapshot *snapshot)
{
    char created[FZ_TIME_SIZE];
    fz_format_time(created, snapshot->created_ms);
    return json_pack("{s:s, s:s, s:I}", "name", snapshot->name, "created", created, "bytes", (json_int_t)snapshot->bytes);
}

void fz_control_list_snapshots(struct fz_control_call *call)
{
    struct fz_snapshot all[FZ_SNAPSHOTS_MAX];
    size_t count = fz_snapshots_list(call->parts->data, all);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(list, as_json(&all[i]));
    fz_control_answer(call, json_pack("{s:o}", "snapshots", list));
}

/* ---- taking ---- */

static enum fz_result take(struct fz_control_call *call, const char *name, char *why, size_t why_size)
{
    const struct fz_control_parts *parts = call->parts;
    const struct fz_asked asked = asked_of(parts);
    char *said = fz_asked_tell(&asked, fz_book_now_ms(parts->world));
    struct fz_snapshot_marks marks = {.world = parts->world, .asked = said};
    const struct fz_copy_change change = {.world = parts->world, .work = fz_snapshot_mark, .argument = &marks};
    enum fz_result result = FZ_FAILED;
    if (said == NULL)
        snprintf(why, why_size, "The snapshot was not made: memory is short. Try again.");
    else
        result = fz_snapshot_take(parts->data, name, parts->book, &change, why, why_size);
    free(said);
    return result;
}

static void answer_taken(struct fz_control_call *call, const char *name)
{
    struct fz_snapshot all[FZ_SNAPSHOTS_MAX];
    size_t count = fz_snapshots_list(call->parts->data, all);
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i].name, name) == 0) {
            fz_control_answer(call, as_json(&all[i]));
            return;
        }
    refuse_absent(call, "The snapshot was made, and is gone");
}

static const char *read_name(struct fz_control_call *call)
{
    fz_body_only(call, call->members);
    fz_body_require(call, "name");
    const char *name = fz_body_text(call, "name", 1, FZ_SNAPSHOT_NAME_SIZE - 1);
    if (name != NULL && !fz_snapshot_is_name(name))
        fz_body_fault(call, "\"name\" is none of a snapshot. " FZ_SNAPSHOT_NAME_RULE);
    return name;
}

/* What happens by itself stands still meanwhile, so that clock and book are of one instant; requests go on. */
void fz_control_take_snapshot(struct fz_control_call *call)
{
    char why[2 * FZ_PATH_SIZE];
    const char *name = read_name(call);
    if (!fz_body_is_sound(call) || !is_for_snapshots(call) || !fz_control_pause(call, "The snapshot was not made"))
        return;
    enum fz_result result = take(call, name, why, sizeof why);
    fz_scheduler_resume(call->parts->scheduler);
    if (result == FZ_OK) {
        answer_taken(call, name);
        return;
    }
    bool asks_for_more = result == FZ_CONFLICT || result == FZ_FULL;
    if (!asks_for_more)
        fz_log_error("%s", why);
    fz_control_refuse(call, asks_for_more ? MHD_HTTP_CONFLICT : MHD_HTTP_INTERNAL_SERVER_ERROR, "%s", why);
}

/* ---- coming back ---- */

struct restoring {
    const char *path;
    bool again;
};

/* On the writer's thread: all that is in memory and belongs to a book becomes that of the snapshot. */
static void replace(void *argument, const struct fz_origin *origin, const char *said)
{
    const struct fz_control_parts *parts = argument;
    const struct fz_asked asked = asked_of(parts);
    fz_bill_files_set_book(parts->bill_files, origin->name);
    fz_limits_reset(parts->limits);
    if (!fz_asked_set(&asked, said))
        fz_log_warning("the snapshot was restored, but for a fault or a callbacks' mode in it that this program does not know");
}

/* Copies and files follow the book. */
static enum fz_result follow(struct fz_control_call *call, const struct fz_book_restoration *made, char *why, size_t why_size)
{
    const struct fz_origin *origin = &made->origin;
    const struct fz_control_parts *parts = call->parts;
    fz_bill_files_sweep(parts->data, origin->name, fz_day_of(fz_book_now_ms(parts->world)), false);
    if (fz_exports_follow(call->reader, parts->secrets, parts->data) == FZ_OK)
        return made->file == NULL ? FZ_OK : fz_demo_write_env(parts->demo_env, made->file, origin->created_ms, why, why_size);
    snprintf(why, why_size,
             "The snapshot was restored, but the copies of its keys could not be written to %s. Make room there, or let this "
             "user write it; they are written at the next start.",
             parts->data);
    return FZ_FAILED;
}

static enum fz_result restore(struct fz_control_call *call, void *argument, char *why, size_t why_size)
{
    const struct fz_control_parts *parts = call->parts;
    const struct restoring *restoring = argument;
    const struct fz_book_place place = {.world = parts->world, .store = parts->store, .secrets = parts->secrets};
    struct fz_book_restoration restoration = {.reader = call->reader,
                                              .directory = parts->directory,
                                              .from = restoring->path,
                                              .again = restoring->again,
                                              .replaced = replace,
                                              .argument = (void *)(uintptr_t)parts};
    enum fz_result result = fz_book_restore(&place, &restoration, why, why_size);
    if (result == FZ_OK)
        result = follow(call, &restoration, why, why_size);
    fz_world_file_free(restoration.file);
    return result;
}

void fz_control_restore_snapshot(struct fz_control_call *call)
{
    char path[FZ_PATH_SIZE], why[2 * FZ_PATH_SIZE];
    fz_body_only(call, call->members);
    struct restoring restoring = {.path = path, .again = fz_body_boolean(call, "again", false)};
    const struct fz_replacement replacement = {
        .undone = "The snapshot was not restored", .put = restore, .argument = &restoring};
    if (!fz_body_is_sound(call) || !is_for_snapshots(call))
        return;
    enum fz_result result = fz_snapshot_is_name(call->argument)
                                ? fz_snapshot_find(call->parts->data, call->argument, path, why, sizeof why)
                                : FZ_ABSENT;
    if (result == FZ_OK)
        fz_control_replace(call, &replacement);
    else if (result == FZ_ABSENT)
        refuse_absent(call, replacement.undone);
    else
        fz_control_refuse(call, MHD_HTTP_INTERNAL_SERVER_ERROR, "%s. %s", replacement.undone, why);
}

/* ---- removing ---- */

void fz_control_remove_snapshot(struct fz_control_call *call)
{
    enum fz_result result = fz_snapshot_remove(call->parts->data, call->argument);
    if (result == FZ_OK)
        fz_control_answer(call, json_pack("{s:s}", "removed", call->argument));
    else if (result == FZ_ABSENT)
        refuse_absent(call, "The snapshot was not removed");
    else
        fz_control_refuse(call, MHD_HTTP_INTERNAL_SERVER_ERROR,
                          "The snapshot was not removed (%s). Let this user write %s/snapshots, then try again.",
                          strerrordesc_np(errno), call->parts->data);
}
