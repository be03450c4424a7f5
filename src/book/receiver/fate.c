/* Receivers: what the world outside does to relations: their audit, a penalty, a reason for which slices
 * fail. */
#include "base/text.h"
#include "book/event.h"
#include "book/receiver/rail.h"

FZ_STATEMENT(receiver_state, "SELECT state FROM receiver WHERE id = $1 FOR UPDATE", "i", "i");
FZ_STATEMENT(receiver_judge,
             "UPDATE receiver SET state = $2, fail_reason = $3, fail_description = $4 WHERE id = $1", "iitt",
             "");

/* All relations of an account, or those of one caller, or of one sub-merchant of it. */
#define NAMED " WHERE account = $2 AND caller = COALESCE($3, caller) AND sub_mchid = COALESCE($4, sub_mchid)"
FZ_STATEMENT(receiver_penalise, "UPDATE receiver SET penalised = $1" NAMED, "ittt", "");
FZ_STATEMENT(receiver_fails_with, "UPDATE receiver SET fails_with = $1" NAMED, "tttt", "");
FZ_STATEMENT(receiver_in_state,
             "SELECT id FROM receiver" NAMED " AND state = $1 AND id > $5 ORDER BY id LIMIT 1", "ittti", "i");

FZ_STATEMENT(
    receiver_any_penalised,
    "SELECT 1 FROM distribution d JOIN slice s ON s.distribution = d.id"
    " JOIN receiver r ON r.caller = d.caller AND r.sub_mchid = d.sub_mchid AND r.type = s.type"
    " AND r.account = s.account WHERE d.payment = $1 AND s.to_sponsor = 0 AND r.penalised = 1 LIMIT 1",
    "i", "i");

enum fz_result fz_rail_receiver_audited(struct fz_tx *tx, int64_t receiver,
                                        const struct fz_receiver_verdict *verdict)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &receiver_state, FZ_VALUES(FZ_I(receiver)), &row);
    if (result != FZ_OK)
        return result;
    if (fz_state_check(&fz_receiver_states, (unsigned)fz_int(&row, 0), verdict->state) != FZ_OK)
        return FZ_CONFLICT;
    fz_cursor_done(&row);
    result = fz_run(tx, &receiver_judge,
                    FZ_VALUES(FZ_I(receiver), FZ_I(verdict->state), FZ_T(verdict->fail_reason),
                              FZ_T(verdict->fail_description)),
                    NULL);
    /* The audit that would have ended by itself is over. */
    return result == FZ_OK ? fz_event_cancel(tx, FZ_EVENT_RECEIVER_AUDITED, receiver) : result;
}

enum fz_result fz_rail_receivers_audited(struct fz_tx *tx, const char *account, const char *caller,
                                         const char *sub_mchid, const struct fz_receiver_verdict *verdict)
{
    int64_t last = 0;
    for (;;) {
        FZ_CURSOR row = {0};
        enum fz_result result = fz_query_one(
            tx, &receiver_in_state,
            FZ_VALUES(FZ_I(FZ_RECEIVER_INIT), FZ_T(account), FZ_T(caller), FZ_T(sub_mchid), FZ_I(last)),
            &row);
        if (result == FZ_ABSENT)
            return last > 0 ? FZ_OK : FZ_CONFLICT;
        if (result == FZ_OK)
            last = fz_int(&row, 0);
        fz_cursor_done(&row);
        if (result == FZ_OK)
            result = fz_rail_receiver_audited(tx, last, verdict);
        if (result != FZ_OK)
            return result;
    }
}

enum fz_result fz_receiver_fail_slices(struct fz_tx *tx, const char *account, const char *caller,
                                       const char *sub_mchid, const char *fail_reason)
{
    int64_t changed;
    enum fz_result result =
        fz_run(tx, &receiver_fails_with,
               FZ_VALUES(FZ_T(fail_reason), FZ_T(account), FZ_T(caller), FZ_T(sub_mchid)), &changed);
    if (result != FZ_OK)
        return result;
    return changed > 0 ? FZ_OK : FZ_ABSENT;
}

enum fz_result fz_receiver_penalise(struct fz_tx *tx, const char *account, const char *caller,
                                    const char *sub_mchid, bool penalised)
{
    int64_t changed;
    enum fz_result result =
        fz_run(tx, &receiver_penalise,
               FZ_VALUES(FZ_I(penalised), FZ_T(account), FZ_T(caller), FZ_T(sub_mchid)), &changed);
    if (result != FZ_OK)
        return result;
    return changed > 0 ? FZ_OK : FZ_ABSENT;
}

enum fz_result fz_receiver_any_penalised(struct fz_tx *tx, int64_t payment, bool *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &receiver_any_penalised, FZ_VALUES(FZ_I(payment)), &row);
    if (result != FZ_OK && result != FZ_ABSENT)
        return result;
    *out = result == FZ_OK;
    return FZ_OK;
}
