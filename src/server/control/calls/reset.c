/* POST /reset: back to the book as it was created. */
#include <pthread.h>
#include <stdio.h>

#include "base/calendar.h"
#include "base/private_file.h"
#include "base/server/log.h"
#include "server/birth/creation.h"
#include "server/birth/env.h"
#include "server/control/calls/replaced.h"
#include "server/control/calls/replacement.h"
#include "server/control/calls/world_faults.h"
#include "server/courier/courier.h"
#include "server/fault/faults.h"
#include "server/files/bill_file.h"
#include "server/keys/changes.h"
#include "server/keys/identity.h"
#include "server/log/access_log.h"
#include "server/log/request_log.h"
#include "server/work/limits.h"

/* On the writer's thread: all that is in memory and belongs to a book becomes that of the new one, which is
 * as it was created in everything. */
static void replace(void *argument, const struct fz_origin *origin, const struct fz_world_file *file)
{
    const struct fz_control_parts *parts = argument;
    fz_bill_files_set_book(parts->bill_files, origin->name);
    (void)fz_faults_clear(parts->faults, 0);
    fz_limits_reset(parts->limits);
    fz_courier_use_book_clock(parts->courier, false);
    struct fz_world_fault fault = {0};
    if (fz_faults_of_world(parts->faults, file, &fault) != FZ_OK)
        fz_log_error("a fault of the world does not stand any more: %s", fault.why);
}

/* Copies and files follow the new book. */
static enum fz_result follow(const struct fz_control_parts *parts, struct fz_reader *reader, const struct fz_origin *origin,
                             const struct fz_world_file *file, char *why, size_t why_size)
{
    fz_bill_files_sweep(parts->data, origin->name, fz_day_of(origin->created_ms), false);
    if (fz_exports_follow(reader, parts->secrets, parts->data) == FZ_OK)
        return file == NULL ? FZ_OK : fz_demo_write_env(parts->demo_env, file, origin->created_ms, why, why_size);
    snprintf(why, why_size,
             "The book was reset, but the copies of its keys could not be written to %s. Make room there, or let this user write "
             "it, then reset again.",
             parts->data);
    return FZ_FAILED;
}

static enum fz_result recreate(struct fz_control_call *call, void *again, char *why, size_t why_size)
{
    const struct fz_control_parts *parts = call->parts;
    const struct fz_book_place place = {
        .world = parts->world, .store = parts->store, .secrets = parts->secrets};
    struct fz_book_recreation recreation = {.reader = call->reader,
                                            .directory = parts->directory,
                                            .again = *(const bool *)again,
                                            .replaced = replace,
                                            .argument = (void *)(uintptr_t)parts};
    enum fz_result result = fz_book_recreate(&place, &recreation, why, why_size);
    if (result == FZ_OK)
        result = follow(parts, call->reader, &recreation.origin, recreation.file, why, why_size);
    fz_world_file_free(recreation.file);
    if (result == FZ_OK)
        fz_courier_forget_modes(parts->courier);
    return result;
}

void fz_control_reset(struct fz_control_call *call)
{
    fz_body_only(call, call->members);
    bool again = fz_body_boolean(call, "again", false);
    const struct fz_replacement reset = {.undone = "The book was not reset", .put = recreate, .argument = &again};
    if (fz_body_is_sound(call))
        fz_control_replace(call, &reset);
}

/* ---- a reset by another process ---- */

struct book {
    const struct fz_control_parts *parts;
    struct fz_origin origin;
    struct fz_world_file *file; /* NULL: it began empty */
};

static enum fz_result read_book(struct fz_tx *tx, void *argument)
{
    struct book *book = argument;
    fz_world_file_free(book->file);
    book->file = NULL;
    enum fz_result result = fz_origin_load(tx, &book->origin);
    return result == FZ_OK ? fz_book_file(tx, book->parts->secrets, &book->origin, &book->file) : result;
}

static void turn_to(const struct book *book, struct fz_reader *reader)
{
    const struct fz_control_parts *parts = book->parts;
    char why[FZ_PATH_SIZE + 600];
    fz_origin_draw(&book->origin, parts->secrets, parts->world);
    replace((void *)(uintptr_t)parts, &book->origin, book->file);
    fz_courier_forget_modes(parts->courier);
    if (parts->access_log != NULL)
        fz_access_log_flush(parts->access_log);
    if (parts->request_log != NULL)
        fz_request_log_empty(parts->request_log);
    if (follow(parts, reader, &book->origin, book->file, why, sizeof why) != FZ_OK)
        fz_log_error("%s", why);
}

enum fz_result fz_control_follow_replacement(const struct fz_control_parts *parts, struct fz_reader *reader, const char *book)
{
    struct book other = {.parts = parts};
    enum fz_result result = FZ_OK;
    pthread_mutex_lock(parts->following);
    if (!fz_bill_files_are_of(parts->bill_files, book)) {
        result = fz_store_read(reader, read_book, &other, NULL);
        if (result == FZ_OK)
            turn_to(&other, reader);
        fz_world_file_free(other.file);
    }
    pthread_mutex_unlock(parts->following);
    return result == FZ_OK ? FZ_OK : FZ_FAILED;
}

static enum fz_result read_changes(struct fz_tx *tx, void *out)
{
    return fz_changes_read(tx, out);
}

bool fz_control_knows_its_book(struct fz_control_call *call, const char *undone)
{
    const struct fz_control_parts *parts = call->parts;
    struct fz_changes changes;
    struct fz_error error = {0};
    if (!fz_store_has_others(parts->store))
        return true;
    enum fz_result result = fz_store_read(call->reader, read_changes, &changes, &error);
    if (result == FZ_OK)
        result = fz_control_follow_replacement(parts, call->reader, changes.book);
    if (result != FZ_OK)
        fz_control_refuse_result(call, undone, result, &error);
    return result == FZ_OK;
}
