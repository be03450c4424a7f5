/* What an audit found, as JSON. */
#include "server/control/calls/audit_json.h"

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

json_t *fz_audit_json(const struct fz_audit *audit)
{
    json_t *told = totals(audit);
    if (told != NULL && audit->findings > 0)
        (void)json_object_set_new(told, "first", first_findings(audit));
    return told;
}
