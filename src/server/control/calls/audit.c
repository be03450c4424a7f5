/* POST /audit: re-adds the book. */
#include "book/audit/audit.h"
#include "server/control/calls/audit_json.h"
#include "server/control/calls/routes.h"

void fz_control_audit(struct fz_control_call *call)
{
    struct fz_audit found;
    struct fz_error error = {0};
    fz_body_only(call, call->members);
    if (!fz_body_is_sound(call))
        return;
    enum fz_result result = fz_audit_book(call->parts->store, call->reader, &found, &error);
    if (result == FZ_FULL) {
        fz_control_refuse(call, MHD_HTTP_SERVICE_UNAVAILABLE, "The book was not audited: %s.", error.issue);
        return;
    }
    if (result != FZ_OK) {
        fz_control_refuse_result(call, "The book was not audited", result, &error);
        return;
    }
    if (found.findings == 0) {
        fz_control_answer(call, fz_audit_json(&found));
        return;
    }
    fz_control_refuse(call, MHD_HTTP_CONFLICT,
                      "The book does not add up: %lld findings; the first: %s. Keep a copy of it, and report "
                      "how it came about.",
                      (long long)found.findings, found.list[0].what);
    json_t *figures = fz_audit_json(&found);
    if (call->answer != NULL)
        (void)json_object_update(call->answer, figures);
    json_decref(figures);
}
