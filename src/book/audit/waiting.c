/* Money that waits: the event that moves it on has to be planned, or it would wait for ever. */
#include "book/audit/parts.h"
#include "book/event.h"

/* Rows in some state for which no event of kind $3 is planned; what the states are is said below. Looked up one by one: a database whose statistics are
 * older than the rows takes them for few, and would compare each with all events of the range. */
#define NOT_PLANNED(number, noun, state)                                                                     \
    "SELECT n." number " FROM " noun " n WHERE n.id > $1 AND n.id <= $2 AND " state                          \
    " AND (SELECT e.id FROM event e WHERE e.kind = $3 AND e.subject = n.id) IS NULL ORDER BY n.id"
/* FREEZING */
FZ_LARGE_STATEMENT(audit_not_frozen, NOT_PLANNED("transaction_id", "payment", "n.funds_state = 1"), "iii", "t");
/* FREEZING and FROZEN; ENDED with money that came back */
FZ_LARGE_STATEMENT(
    audit_not_released,
    NOT_PLANNED("transaction_id", "payment",
                "(n.funds_state = 1 OR n.funds_state = 2 OR (n.funds_state = 3 AND n.distributable <> 0))"),
    "iii", "t");
/* PROCESSING, both */
FZ_LARGE_STATEMENT(audit_not_distributed, NOT_PLANNED("order_id", "distribution", "n.state = 1"), "iii", "t");
FZ_LARGE_STATEMENT(audit_not_refunded, NOT_PLANNED("refund_id", "refund", "n.state = 1"), "iii", "t");

static const struct {
    enum fz_audit_span span;
    const struct fz_statement *statement;
    enum fz_event_kind kind;
    const char *noun, *what;
} waiting[] = {
    {FZ_AUDIT_ORDERS, &audit_not_frozen, FZ_EVENT_FROZEN, "payment", "its money is being frozen, and the end of that"},
    {FZ_AUDIT_ORDERS, &audit_not_released, FZ_EVENT_RELEASE, "payment", "it holds money, and its release"},
    {FZ_AUDIT_DISTRIBUTIONS, &audit_not_distributed, FZ_EVENT_DISTRIBUTED, "distribution", "it is under way, and its end"},
    {FZ_AUDIT_REFUNDS, &audit_not_refunded, FZ_EVENT_REFUNDED, "refund", "it is under way, and its arrival"},
};

enum fz_result fz_audit_waiting(struct fz_audit_run *run)
{
    enum fz_result result = FZ_ABSENT;
    for (size_t i = 0; result == FZ_ABSENT && i < sizeof waiting / sizeof waiting[0]; i++) {
        FZ_CURSOR row = {0};
        if ((run->span & waiting[i].span) == 0)
            continue;
        result = fz_query(run->tx, waiting[i].statement, FZ_VALUES(FZ_AUDIT_RANGE(run), FZ_I(waiting[i].kind)), &row);
        while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK)
            fz_audit_find(run, "%s %s: %s is not planned", waiting[i].noun, fz_string(&row, 0),
                          waiting[i].what);
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}
