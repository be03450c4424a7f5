/* POST /reset: back to the book as it was created. */
#include "server/control_call.h"
#include "server/courier.h"
#include "server/creation.h"
#include "server/faults.h"
#include "server/request_log.h"
#include "server/scheduler.h"

void fz_control_reset(struct fz_control_call *call)
{
    static const char *const names[] = {NULL};
    char why[600];
    fz_body_only(call, names);
    if (!fz_body_is_sound(call))
        return;
    struct fz_scheduler *scheduler = call->server->scheduler;
    enum fz_result result = fz_scheduler_pause(scheduler);
    if (result == FZ_CONFLICT) {
        fz_control_refuse(call, MHD_HTTP_CONFLICT,
                          "The book was not reset: its clock is being moved. Wait until that call has "
                          "answered, then try again.");
        return;
    }
    if (result != FZ_OK) {
        fz_control_refuse(call, MHD_HTTP_SERVICE_UNAVAILABLE,
                          "The book was not reset: the server stops. Start it again.");
        return;
    }
    fz_courier_pause(call->server->courier);
    result = fz_book_recreate(call->server, call->reader, why, sizeof why);
    if (result == FZ_OK && call->server->request_log != NULL)
        fz_request_log_empty(call->server->request_log); /* it tells of a book that is gone */
    atomic_store(&call->server->callbacks_on_book_clock, false);
    fz_courier_resume(call->server->courier);
    fz_scheduler_resume(scheduler);
    (void)fz_faults_clear(call->server->faults, 0);
    if (result == FZ_OK)
        fz_control_get_clock(call);
    else
        fz_control_refuse(call, MHD_HTTP_INTERNAL_SERVER_ERROR, "%s", why);
}
