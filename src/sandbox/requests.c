/* Requests: what goes wrong with them, what became of them; and the book that they were about. */
#include <inttypes.h>
#include <stdio.h>

#include "sandbox/sandbox.h"

/* ---- faults and limits ---- */

int fz_sandbox_add_fault(fz_sandbox *sandbox, const char *rule, int64_t *id)
{
    json_t *body = fz_sandbox_object(rule), *answer = NULL;
    int result = body == NULL ? -1 : fz_sandbox_call(sandbox, "POST", "/faults", body, &answer);
    if (result == 0 && id != NULL)
        *id = json_integer_value(json_object_get(answer, "id"));
    json_decref(answer);
    return result;
}

int fz_sandbox_faults(fz_sandbox *sandbox, char **faults)
{
    return fz_sandbox_call_text(sandbox, "GET", "/faults", NULL, faults);
}

int fz_sandbox_clear_fault(fz_sandbox *sandbox, int64_t id)
{
    char target[64];
    snprintf(target, sizeof target, "/faults/%" PRId64, id);
    return fz_sandbox_call(sandbox, "DELETE", target, NULL, NULL);
}

int fz_sandbox_clear_faults(fz_sandbox *sandbox)
{
    return fz_sandbox_call(sandbox, "DELETE", "/faults", NULL, NULL);
}

int fz_sandbox_set_limits(fz_sandbox *sandbox, bool hold)
{
    return fz_sandbox_call(sandbox, "POST", "/limits", json_pack("{s:s}", "limits", hold ? "real" : "off"), NULL);
}

/* ---- the request log ---- */

int fz_sandbox_request(fz_sandbox *sandbox, const char *request_id, char **request)
{
    char target[FZ_SANDBOX_TARGET_SIZE];
    fz_sandbox_target(target, "/requests/", request_id, "");
    return fz_sandbox_call_text(sandbox, "GET", target, NULL, request);
}

int fz_sandbox_requests(fz_sandbox *sandbox, const char *query, char **requests)
{
    return fz_sandbox_list(sandbox, "/requests", query, requests);
}

/* ---- the book ---- */

int fz_sandbox_audit(fz_sandbox *sandbox, char **totals)
{
    return fz_sandbox_call_text(sandbox, "POST", "/audit", NULL, totals);
}

int fz_sandbox_reset(fz_sandbox *sandbox, bool again)
{
    json_t *body = json_object();
    if (again)
        (void)json_object_set_new(body, "again", json_true());
    return fz_sandbox_call(sandbox, "POST", "/reset", body, NULL);
}
