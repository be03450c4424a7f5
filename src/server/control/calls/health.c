/* GET /health: how the server fares. */
#include "server/control/calls/health.h"

#include "base/calendar.h"
#include "book/due/due.h"
#include "server/control/calls/routes.h"
#include "server/data/data_directory.h"

/* ---- events that were set aside ---- */

#define ASIDE_MAX 10 /* told of */

static enum fz_result add_aside(void *list, const struct fz_event_aside *aside)
{
    char due[FZ_TIME_SIZE];
    fz_format_time(due, aside->due_ms);
    json_t *event = json_pack("{s:s, s:I, s:s, s:s}", "event", aside->kind, "subject",
                              (json_int_t)aside->subject, "due", due, "reason", aside->why);
    if (event == NULL || json_array_append_new(list, event) != 0)
        return FZ_FAILED;
    return json_array_size(list) < ASIDE_MAX ? FZ_OK : FZ_ABSENT;
}

static enum fz_result list_aside(struct fz_tx *tx, void *list)
{
    json_array_clear(list);
    enum fz_result result = fz_event_each_aside(tx, add_aside, list);
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* ---- GET /health ---- */

const char *fz_control_trouble(const struct fz_control_parts *parts, const struct fz_store_health *store)
{
    if (store->damaged)
        return "The book is damaged, so nothing is written to it any more. The log says what was found. Stop the server, "
               "keep a copy of the book and its WAL, and put a sound copy in their place.";
    if (store->outdated)
        return "The book was brought to the schema of a newer version of this program, beside which this one cannot go on. Start the newer "
               "version in its place.";
    if (!fz_store_is_there(parts->store))
        return "The book, or its WAL, is no longer where it was opened: it was moved, removed or replaced, so nothing is "
               "acknowledged any more. Put the files back, and the server goes on by itself.";
    if (!fz_data_directory_is_there(parts->data, parts->data_lock))
        return "The data directory is no longer where it was opened: it was moved, removed or replaced, and with it the "
               "secret that opens the book. Put it back, and the server goes on by itself.";
    if (atomic_load(parts->reset_failed))
        return "The last POST /reset, or restoring of a snapshot, failed; its answer and the log say why, and what is there now. "
               "Mend that, then do it again or restart the server.";
    if (!store->writable && store->shared)
        return "The book's database cannot be reached, or takes no writes. Requests are answered with 503 until it does; it is looked for all "
               "the time, and the log says what was wrong.";
    if (!store->writable)
        return "The book cannot be written: the last commit failed. Look at the disk; it is tried again every second, "
               "and reads go on.";
    return NULL;
}

/* What wants looking after, although everything works: text of the member `warning`; NULL if nothing does. */
static const char *find_warning(const struct fz_store_health *store)
{
    if (store->wal_kept)
        return "The book's file could not be brought to the disk (fsync failed). Nothing is lost: the WAL has it all, and "
               "grows until the server is started again. Look at the disk, then restart it.";
    if (store->checkpoint_code != 0 && store->checkpoint_code != FZ_CHECKPOINT_BUSY)
        return "The WAL cannot be brought into the book's file, and grows until it can. Look at the disk; it is tried "
               "again every few seconds.";
    return NULL;
}

static void answer_alive(struct fz_control_call *call, const struct fz_store_health *store)
{
    json_t *aside = json_array();
    fz_reader_hurry(call->reader, FZ_CONTROL_GLANCE_MS);
    if (aside != NULL && fz_store_read(call->reader, list_aside, aside, NULL) != FZ_OK)
        json_array_clear(aside);
    fz_reader_hurry(call->reader, 0);
    bool none = json_array_size(aside) == 0;
    const char *warning = find_warning(store);
    json_t *answer =
        json_pack("{s:s, s:I, s:I, s:s*}", "status", none && warning == NULL ? "ok" : "attention", "waiting",
                  (json_int_t)store->waiting, "commits", (json_int_t)store->commits, "warning", warning);
    if (answer != NULL)
        json_object_update_new(answer, json_pack("{s:s, s:s}", "process", call->parts->process_id, "process_name", call->parts->process_name));
    if (answer != NULL && !none)
        json_object_set(answer, "set_aside", aside);
    json_decref(aside);
    fz_control_answer(call, answer);
}

void fz_control_health(struct fz_control_call *call)
{
    struct fz_store_health store;
    fz_store_health(call->parts->store, &store);
    const char *trouble = fz_control_trouble(call->parts, &store);
    if (trouble == NULL)
        answer_alive(call, &store);
    else
        fz_control_refuse(call, MHD_HTTP_SERVICE_UNAVAILABLE, "%s", trouble);
}
