/* POST /refunds/ID/outcome: what becomes of a refund. */
#include "book/refund/rail.h"
#include "server/control/calls/routes.h"
#include "server/schedule/scheduler.h"
#include "spec/refund/refund.h"

/* The API's own words; a refund never goes back to PROCESSING, which is the first of them. */
static const char *const *const status_words = fz_refund_status_words + 1;
static const enum fz_refund_state states[] = {FZ_REFUND_SUCCESS, FZ_REFUND_CLOSED, FZ_REFUND_ABNORMAL};

struct change {
    const char *refund_id;
    struct fz_refund_outcome outcome;
    struct fz_control_await await;
    struct fz_refund refund; /* out */
};

static enum fz_result apply(struct fz_tx *tx, void *argument)
{
    struct change *change = argument;
    struct fz_refund refund;
    enum fz_result result = fz_refund_find(tx, change->refund_id, &refund);
    if (result == FZ_OK)
        result = fz_await_begin(tx, &change->await);
    if (result == FZ_OK)
        result = fz_rail_refunded(tx, refund.id, &change->outcome);
    if (result == FZ_OK)
        result = fz_await_end(tx, &change->await);
    return result == FZ_OK ? fz_refund_find(tx, change->refund_id, &change->refund) : result;
}

static void answer_change(struct fz_control_call *call, const struct change *change, int status)
{
    fz_control_answer(call, json_pack("{s:s, s:s, s:s, s:s}", "id", change->refund.refund_id, "status",
                                      status_words[status], "channel",
                                      fz_refund_channel_words[change->refund.channel - FZ_CHANNEL_ORIGINAL],
                                      "recv_account", change->refund.recv_account));
}

void fz_control_set_outcome(struct fz_control_call *call)
{
    fz_body_only(call, call->members);
    fz_body_require(call, "status");
    int status = fz_body_word(call, "status", status_words, 0);
    int channel = fz_body_word(call, "channel", fz_refund_channel_words, -1);
    struct change change = {.refund_id = call->argument,
                            .outcome = {.state = states[status],
                                        .channel = (enum fz_refund_channel)(channel + FZ_CHANNEL_ORIGINAL),
                                        .recv_account = fz_body_text(call, "recv_account", 1, 64)},
                            .await = fz_await_read(call)};
    struct fz_error error = {0};
    if (!fz_body_is_sound(call))
        return;
    enum fz_result result = fz_store_write(call->parts->store, apply, &change, &error);
    if (result == FZ_OK) {
        fz_scheduler_await_due(
            call->parts->scheduler); /* money that comes back to an order that has ended goes on at once */
        answer_change(call, &change, status);
        fz_await_callback(call, &change.await);
    } else if (result == FZ_ABSENT) {
        fz_control_refuse(
            call, MHD_HTTP_NOT_FOUND,
            "The refund was not changed: no refund has this id. Send the id that submitting it gave.");
    } else if (result == FZ_CONFLICT) {
        fz_control_refuse(call, MHD_HTTP_CONFLICT,
                          "The refund was not changed: in its state it cannot become %s. PROCESSING becomes "
                          "SUCCESS, REFUNDCLOSE or ABNORMAL, and "
                          "ABNORMAL becomes SUCCESS or REFUNDCLOSE.",
                          status_words[status]);
    } else {
        fz_control_refuse_result(call, "The refund was not changed", result, &error);
    }
}
