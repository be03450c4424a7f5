/* POST /reset: back to the book as it was created. */
#include "base/server/log.h"
#include "server/birth/creation.h"
#include "server/control/request/call.h"
#include "server/courier/courier.h"
#include "server/log/access_log.h"
#include "server/log/request_log.h"
#include "server/schedule/scheduler.h"

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

/* Events and callbacks stand still meanwhile. */
static enum fz_result reset(struct fz_control_call *call, bool again, char *why, size_t why_size)
{
    struct fz_server *server = call->server;
    fz_courier_pause(server->courier);
    enum fz_result result = fz_book_recreate(server, call->reader, again, why, why_size);
    if (result == FZ_OK)
        fz_courier_forget_modes(server->courier);
    if (result == FZ_OK && server->access_log != NULL)
        fz_access_log_flush(server->access_log);
    if (result == FZ_OK && server->request_log != NULL)
        fz_request_log_empty(server->request_log); /* it tells of a book that is gone */
    fz_courier_resume(server->courier);
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
    static const char *const names[] = {"again", NULL};
    char why[600];
    fz_body_only(call, names);
    bool again = fz_body_boolean(call, "again", false);
    if (!fz_body_is_sound(call))
        return;
    struct fz_scheduler *scheduler = call->server->scheduler;
    enum fz_result result = fz_scheduler_pause(scheduler);
    if (result != FZ_OK) {
        refuse_pause(call, result);
        return;
    }
    result = reset(call, again, why, sizeof why);
    fz_scheduler_resume(scheduler);
    if (result != FZ_MALFORMED)
        atomic_store(&call->server->reset_failed, result != FZ_OK);
    if (result == FZ_OK)
        fz_control_get_clock(call);
    else
        answer_failure(call, result, why);
}
