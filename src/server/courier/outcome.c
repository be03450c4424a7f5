/* What came of sending is taken down: all that landed, in one transaction. */
#include "api/callback/callback.h"
#include "base/server/log.h"
#include "server/courier/ladder.h"
#include "server/courier/state.h"
#include "server/log/access_log.h"

#define LOG_EVERY_MS 1000

static struct fz_attempt attempt_of(const struct fz_sending *sending)
{
    return (struct fz_attempt){.kind = sending->kind,
                               .time_ms = sending->time_ms,
                               .wire_ms = sending->wire_ms,
                               .duration_ms = sending->duration_ms,
                               .headers =
                                   sending->request.headers.data == NULL ? "" : sending->request.headers.data,
                               .body = sending->request.body == NULL ? "" : sending->request.body,
                               .status = sending->status,
                               .answer_headers = sending->answer_headers.data,
                               .answer_headers_size = sending->answer_headers.size,
                               .answer_body = sending->answer_body.data,
                               .answer_body_size = sending->answer_body.size,
                               .error = sending->error[0] == '\0' ? NULL : sending->error};
}

/* Only the answer to the notification itself counts; where it was sent twice, the better one. */
static enum fz_callback_outcome outcome_of(const struct fz_delivery *delivery)
{
    enum fz_callback_outcome outcome = FZ_CALLBACK_UNANSWERED;
    for (size_t i = 0; i < delivery->count; i++) {
        const struct fz_sending *sending = &delivery->sendings[i];
        if (sending->kind != FZ_ATTEMPT_TRUE || !sending->whole)
            continue;
        if (sending->status >= 200 && sending->status <= 299)
            return FZ_CALLBACK_DELIVERED;
        outcome = FZ_CALLBACK_REFUSED;
    }
    return outcome;
}

/* What is not this process's any more (it stood still for so long that another one has taken it, or the book was reset) is not put down: it
 * is sent again, as if this process had died. */
static enum fz_result conclude(struct fz_tx *tx, const struct fz_courier *courier,
                               const struct fz_delivery *delivery)
{
    bool ours = true;
    enum fz_result ended =
        courier->owner == NULL ? FZ_OK : fz_flight_end(tx, delivery->own.notification.id, courier->owner, &ours);
    if (ended != FZ_OK || !ours)
        return ended;
    if (delivery->put_off_ms != 0)
        return fz_notification_put_off(tx, delivery->own.notification.id, delivery->put_off_ms);
    struct fz_attempt attempts[FZ_SENDINGS_MAX];
    for (size_t i = 0; i < delivery->count; i++)
        attempts[i] = attempt_of(&delivery->sendings[i]);
    struct fz_notification_outcome outcome = {
        .sent = &delivery->own.notification,
        .attempts = attempts,
        .count = delivery->count,
        .delivered = outcome_of(delivery) == FZ_CALLBACK_DELIVERED,
        .next_due_ms = fz_ladder_next_ms(&courier->setup.ladder,
                                         delivery->own.notification.step, delivery->time_ms)};
    enum fz_result result = fz_notification_conclude(tx, &outcome);
    return result == FZ_ABSENT ? FZ_OK : result;
}

static enum fz_result conclude_all(struct fz_tx *tx, void *argument)
{
    const struct fz_courier *courier = argument;
    enum fz_result result = FZ_OK;
    for (const struct fz_delivery *at = courier->landed; result == FZ_OK && at != NULL; at = at->next)
        result = conclude(tx, courier, at);
    return result;
}

void fz_courier_log_failure(struct fz_courier *courier, const char *what, const char *issue)
{
    int64_t now_ms = fz_ticks_ms();
    if (courier->last_log_ticks_ms != 0 && now_ms - courier->last_log_ticks_ms < LOG_EVERY_MS)
        return;
    courier->last_log_ticks_ms = now_ms;
    fz_log_error("%s%s%s; trying again", what, issue[0] == '\0' ? "" : ": ", issue);
}

static enum fz_callback_outcome sending_outcome(const struct fz_sending *sending)
{
    if (!sending->whole)
        return FZ_CALLBACK_UNANSWERED;
    return sending->status >= 200 && sending->status <= 299 ? FZ_CALLBACK_DELIVERED : FZ_CALLBACK_REFUSED;
}

/* A line for each request that was sent. When it is sent again is said where it failed, of the notification itself. */
static void tell(const struct fz_courier *courier, const struct fz_delivery *delivery)
{
    const struct fz_notification *own = &delivery->own.notification;
    bool delivered = outcome_of(delivery) == FZ_CALLBACK_DELIVERED || own->delivered_ms != 0; /* before, and resent by hand */
    int64_t next_ms =
        delivered ? 0 : fz_ladder_next_ms(&courier->setup.ladder, own->step, delivery->time_ms);
    for (size_t i = 0; i < delivery->count; i++) {
        const struct fz_sending *sending = &delivery->sendings[i];
        bool foreign = sending->kind == FZ_ATTEMPT_OTHER_SUB_MERCHANT;
        const struct fz_notification *sent = foreign ? &delivery->foreign.notification : own;
        fz_access_log_callback(courier->setup.access_log,
                               &(struct fz_called_back){.event_id = sent->event_id,
                                                        .event_type = fz_notification_event_type(sent->kind),
                                                        .mchid = sent->caller,
                                                        .sub_mchid = sent->sub_mchid,
                                                        .out_trade_no = sent->out_trade_no,
                                                        .out_refund_no = sent->out_refund_no,
                                                        .url = own->url,
                                                        .kind = fz_attempt_kind_word(sending->kind),
                                                        .wire_ms = sending->wire_ms,
                                                        .book_ms = sending->time_ms,
                                                        .duration_ms = sending->duration_ms,
                                                        .status = sending->status,
                                                        .outcome = sending_outcome(sending),
                                                        .error = sending->error,
                                                        .next_ms = sending->kind == FZ_ATTEMPT_TRUE ? next_ms : 0});
    }
}

/* It is put down: others may know. */
static void publish(struct fz_courier *courier, const struct fz_delivery *delivery)
{
    if (delivery->put_off_ms != 0)
        return;
    atomic_fetch_add_explicit(&courier->outcomes[outcome_of(delivery)], 1, memory_order_relaxed);
    if (courier->setup.access_log != NULL)
        tell(courier, delivery);
}

bool fz_courier_take_down(struct fz_courier *courier)
{
    if (courier->landed == NULL)
        return true;
    struct fz_error error = {0};
    if (fz_store_write(courier->setup.store, conclude_all, courier, &error) != FZ_OK) {
        courier->failures++;
        fz_courier_log_failure(courier, "what came of callbacks cannot be put down", error.issue);
        return false;
    }
    courier->failures = 0;
    courier->search_again = true;
    while (courier->landed != NULL) {
        struct fz_delivery *delivery = courier->landed;
        courier->landed = delivery->next;
        publish(courier, delivery);
        fz_courier_tell_of(courier, delivery->own.notification.id);
        fz_delivery_free(courier, delivery);
    }
    return true;
}
