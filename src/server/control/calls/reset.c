/* POST /reset: back to the book as it was created. */
#include "base/calendar.h"
#include "base/server/log.h"
#include "server/birth/creation.h"
#include "server/birth/env.h"
#include "server/control/calls/routes.h"
#include "server/control/calls/world_faults.h"
#include "server/courier/courier.h"
#include "server/fault/faults.h"
#include "server/files/bill_file.h"
#include "server/keys/identity.h"
#include "server/log/access_log.h"
#include "server/log/request_log.h"
#include "server/schedule/scheduler.h"
#include "server/work/limits.h"

static void refuse_pause(struct fz_control_call *call, enum fz_result result)
{
    if (result == FZ_CONFLICT)
        fz_control_refuse(call, MHD_HTTP_CONFLICT,
                          "The book was not reset: its clock is being moved. Wait until that call has "
                          "answered, then try again.");
    else
        fz_control_refuse(call, MHD_HTTP_SERVICE_UNAVAILABLE,
                          "The book was not reset: the server stops. Start it again.");
}

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
static enum fz_result follow(const struct fz_control_parts *parts, const struct fz_book_recreation *made, char *why, size_t why_size)
{
    const struct fz_origin *origin = &made->origin;
    fz_bill_files_sweep(parts->data, origin->name, fz_day_of(origin->created_ms), false);
    fz_merchant_exports_remove(parts->data);
    return made->file == NULL ? FZ_OK : fz_demo_write_env(parts->demo_env, made->file, origin->created_ms, why, why_size);
}

static enum fz_result recreate(struct fz_control_call *call, bool again, char *why, size_t why_size)
{
    const struct fz_control_parts *parts = call->parts;
    const struct fz_book_place place = {
        .world = parts->world, .store = parts->store, .secrets = parts->secrets};
    struct fz_book_recreation recreation = {.reader = call->reader,
                                            .directory = parts->directory,
                                            .again = again,
                                            .replaced = replace,
                                            .argument = (void *)(uintptr_t)parts};
    enum fz_result result = fz_book_recreate(&place, &recreation, why, why_size);
    if (result == FZ_OK)
        result = follow(parts, &recreation, why, why_size);
    fz_world_file_free(recreation.file);
    return result;
}

/* Events and callbacks stand still meanwhile. */
static enum fz_result reset(struct fz_control_call *call, bool again, char *why, size_t why_size)
{
    const struct fz_control_parts *parts = call->parts;
    fz_courier_pause(parts->courier);
    enum fz_result result = recreate(call, again, why, why_size);
    if (result == FZ_OK)
        fz_courier_forget_modes(parts->courier);
    if (result == FZ_OK && parts->access_log != NULL)
        fz_access_log_flush(parts->access_log);
    if (result == FZ_OK && parts->request_log != NULL)
        fz_request_log_empty(parts->request_log); /* it tells of a book that is gone */
    fz_courier_resume(parts->courier);
    return result;
}

static void answer_failure(struct fz_control_call *call, enum fz_result result, const char *why)
{
    if (result != FZ_MALFORMED)
        fz_log_error("%s", why);
    fz_control_refuse(
        call, result == FZ_MALFORMED ? MHD_HTTP_BAD_REQUEST : MHD_HTTP_INTERNAL_SERVER_ERROR, "%s", why);
}

void fz_control_reset(struct fz_control_call *call)
{
    char why[600];
    fz_body_only(call, call->members);
    bool again = fz_body_boolean(call, "again", false);
    if (!fz_body_is_sound(call))
        return;
    struct fz_scheduler *scheduler = call->parts->scheduler;
    enum fz_result result = fz_scheduler_pause(scheduler);
    if (result != FZ_OK) {
        refuse_pause(call, result);
        return;
    }
    result = reset(call, again, why, sizeof why);
    fz_scheduler_resume(scheduler);
    if (result != FZ_MALFORMED)
        atomic_store(call->parts->reset_failed, result != FZ_OK);
    if (result == FZ_OK)
        fz_control_get_clock(call);
    else
        answer_failure(call, result, why);
}
