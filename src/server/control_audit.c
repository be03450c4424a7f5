/* POST /audit: re-adds the book. */
#include "book/audit.h"
#include "server/control_call.h"

static enum fz_result audit(struct fz_tx *tx, void *out)
{
    return fz_audit(tx, out);
}

static json_t *totals(const struct fz_audit *audit)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "entries",
                     (json_int_t)audit->entries, "postings", (json_int_t)audit->postings, "payments",
                     (json_int_t)audit->payments, "distributions", (json_int_t)audit->distributions, "slices",
                     (json_int_t)audit->slices, "refunds", (json_int_t)audit->refunds, "pools",
                     (json_int_t)audit->pools, "held", (json_int_t)audit->held, "paid_in",
                     (json_int_t)audit->paid_in, "findings", (json_int_t)audit->findings);
}

static json_t *first_findings(const struct fz_audit *audit)
{
    json_t *list = json_array();
    for (int64_t i = 0; i < audit->findings && i < FZ_AUDIT_FINDINGS_MAX; i++)
        (void)json_array_append_new(list, json_string(audit->list[i].what));
    return list;
}

void fz_control_audit(struct fz_control_call *call)
{
    static const char *const names[] = {NULL};
    struct fz_audit found;
    struct fz_error error = {0};
    fz_body_only(call, names);
    if (!fz_body_is_sound(call))
        return;
    enum fz_result result = fz_store_read(call->reader, audit, &found, &error);
    if (result != FZ_OK) {
        fz_control_refuse_result(call, "The book was not audited", result, &error);
        return;
    }
    if (found.findings == 0) {
        fz_control_answer(call, totals(&found));
        return;
    }
    fz_control_refuse(call, MHD_HTTP_CONFLICT,
                      "The book does not add up: %lld findings; the first: %s. Keep a copy of it, and report "
                      "how it came about.",
                      (long long)found.findings, found.list[0].what);
    json_t *figures = totals(&found);
    if (call->answer != NULL && json_object_update(call->answer, figures) == 0)
        (void)json_object_set_new(call->answer, "first", first_findings(&found));
    json_decref(figures);
}
