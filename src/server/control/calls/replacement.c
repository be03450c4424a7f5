/* Another book comes in the place of this one. */
#include "server/control/calls/replacement.h"

#include <pthread.h>

#include "base/private_file.h"
#include "base/server/log.h"
#include "server/courier/courier.h"
#include "server/log/access_log.h"
#include "server/log/request_log.h"
#include "server/schedule/scheduler.h"

bool fz_control_pause(struct fz_control_call *call, const char *undone)
{
    enum fz_result result = fz_scheduler_pause(call->parts->scheduler);
    if (result == FZ_CONFLICT)
        fz_control_refuse(call, MHD_HTTP_CONFLICT,
                          "%s: its clock is being moved. Wait until that call has answered, then try again.", undone);
    else if (result != FZ_OK)
        fz_control_refuse(call, MHD_HTTP_SERVICE_UNAVAILABLE, "%s: the server stops. Start it again.", undone);
    return result == FZ_OK;
}

/* Callbacks stand still meanwhile, and whoever sees the new book at once waits: he would take it for another process's. The request log tells of
 * a book that is gone. */
static enum fz_result put(struct fz_control_call *call, const struct fz_replacement *replacement, char *why, size_t why_size)
{
    const struct fz_control_parts *parts = call->parts;
    fz_courier_pause(parts->courier);
    pthread_mutex_lock(parts->following);
    enum fz_result result = replacement->put(call, replacement->argument, why, why_size);
    pthread_mutex_unlock(parts->following);
    if (result == FZ_OK && parts->access_log != NULL)
        fz_access_log_flush(parts->access_log);
    if (result == FZ_OK && parts->request_log != NULL)
        fz_request_log_empty(parts->request_log);
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

void fz_control_replace(struct fz_control_call *call, const struct fz_replacement *replacement)
{
    char why[FZ_PATH_SIZE + 600];
    if (!fz_control_pause(call, replacement->undone))
        return;
    enum fz_result result = put(call, replacement, why, sizeof why);
    fz_scheduler_resume(call->parts->scheduler);
    if (result != FZ_MALFORMED)
        atomic_store(call->parts->reset_failed, result != FZ_OK);
    if (result == FZ_OK)
        fz_control_get_clock(call);
    else
        answer_failure(call, result, why);
}
