/* "callbacks":"wait": a call that brings a callback forth is answered when that was sent once, and tells what came of it. */
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "server/control/request/call.h"
#include "server/courier/courier.h"

#define WAIT_MS 30000 /* a callback takes 5 s at most, but others to its host may be ahead of it */

const char *const fz_callback_state_words[] = {"WAITING", "DELIVERED", "FAILED", NULL};

struct fz_control_await fz_await_read(struct fz_control_call *call)
{
    static const char *const words[] = {"later", "wait", NULL};
    int word = fz_body_word(call, "callbacks", words, call->parts->callbacks_wait);
    return (struct fz_control_await){.asked = word == 1};
}

/* ---- in the transaction ---- */

enum fz_result fz_await_begin(struct fz_tx *tx, struct fz_control_await *await)
{
    (void)await;
    tx->told = 0;
    return FZ_OK;
}

enum fz_result fz_await_end(struct fz_tx *tx, struct fz_control_await *await)
{
    struct fz_notification notification;
    await->notification = 0;
    if (!await->asked || tx->told == 0)
        return FZ_OK;
    enum fz_result result = fz_notification_by_row(tx, tx->told, &notification);
    return result == FZ_OK ? fz_await_known(tx, &notification, await) : result;
}

enum fz_result fz_await_known(struct fz_tx *tx, const struct fz_notification *notification,
                              struct fz_control_await *await)
{
    struct fz_origin origin;
    if (!await->asked)
        return FZ_OK;
    enum fz_result result = fz_origin_load(tx, &origin);
    if (result != FZ_OK)
        return FZ_FAILED; /* the row is made with the book */
    await->notification = notification->id;
    await->attempts = notification->attempts;
    fz_copy(await->event_id, sizeof await->event_id, notification->event_id);
    fz_copy(await->book, sizeof await->book, origin.name);
    return FZ_OK;
}

/* ---- looking what came of it ---- */

struct finding {
    const struct fz_control_await *await;
    bool gone; /* with its book */
    struct fz_notification notification;
    int number, status; /* of the attempt: 0: none; no answer */
    char error[400];
};

/* Of an attempt that was sent twice the last. What was sent beside it does not count. */
static enum fz_result take_attempt(void *argument, int number, const struct fz_attempt *attempt)
{
    struct finding *finding = argument;
    if (number <= finding->await->attempts || attempt->kind != FZ_ATTEMPT_TRUE)
        return FZ_OK;
    finding->number = number;
    finding->status = attempt->status;
    fz_copy(finding->error, sizeof finding->error, attempt->error == NULL ? "" : attempt->error);
    return FZ_OK;
}

static enum fz_result find(struct fz_tx *tx, void *argument)
{
    struct finding *finding = argument;
    struct fz_origin origin;
    enum fz_result result = fz_origin_load(tx, &origin);
    finding->number = 0;
    finding->gone = result == FZ_OK && strcmp(origin.name, finding->await->book) != 0;
    if (result == FZ_OK && !finding->gone)
        result = fz_notification_by_row(tx, finding->await->notification, &finding->notification);
    if (result == FZ_OK && !finding->gone)
        result = fz_attempt_each(tx, finding->notification.id, take_attempt, finding);
    return result;
}

/* ---- the answer ---- */

static void end(struct fz_control_call *call, json_t *callback)
{
    call->wakeup = NULL;
    if (callback == NULL || json_object_set_new(call->answer, "callback", callback) != 0) {
        json_decref(call->answer);
        call->answer = NULL; /* memory is short */
    }
}

static void end_unseen(struct fz_control_call *call, const char *why)
{
    end(call, json_pack("{s:s, s:s, s:s}", "id", call->await.event_id, "state",
                        fz_callback_state_words[0], "error", why));
}

static void end_seen(struct fz_control_call *call, const struct finding *finding)
{
    json_t *callback =
        json_pack("{s:s, s:s}", "id", call->await.event_id, "state",
                  fz_callback_state_words[finding->notification.state - FZ_NOTIFICATION_WAITING]);
    if (callback != NULL && finding->status != 0)
        (void)json_object_set_new(callback, "status", json_integer(finding->status));
    if (callback != NULL && finding->error[0] != '\0')
        (void)json_object_set_new(callback, "error", json_string(finding->error));
    end(call, callback);
}

/* Only a courier's mode puts off what nobody has tried. */
static void end_put_off(struct fz_control_call *call, int64_t due_ms)
{
    char words[160], time[FZ_TIME_SIZE];
    fz_format_time(time, due_ms);
    snprintf(words, sizeof words, "not waited for: a mode of callbacks holds it back until %s in the book. Move the clock.", time);
    end_unseen(call, words);
}

static void wakeup(struct fz_control_call *call, enum fz_control_wakeup why)
{
    struct finding finding = {.await = &call->await};
    enum fz_result result = FZ_OK;
    if (why == FZ_WAKEUP_NEWS)
        result = fz_store_read(call->reader, find, &finding, NULL);
    if (why == FZ_WAKEUP_STOPS)
        end_unseen(call, "the wait ended: the server stops. It is sent when the server runs again.");
    else if (why == FZ_WAKEUP_FULL)
        end_unseen(call, "not waited for: too many calls wait for callbacks already. GET /callbacks/ID tells what becomes of it.");
    else if (result != FZ_OK)
        end_unseen(call, "the wait ended: the book could not be read. GET /callbacks/ID tells what becomes of it.");
    else if (finding.gone)
        end_unseen(call, "the wait ended: the book was reset meanwhile, and this went with the old one.");
    else if (finding.number > 0)
        end_seen(call, &finding);
    else if (finding.notification.due_ms > fz_book_now_ms(call->parts->world))
        end_put_off(call, finding.notification.due_ms);
    else if (fz_ticks_ms() >= call->await.until_ticks_ms)
        end_unseen(call, "not sent within 30 seconds: others are ahead of it, or the clock is being moved. GET /callbacks/ID "
                         "tells what becomes of it.");
}

void fz_await_callback(struct fz_control_call *call, const struct fz_control_await *await)
{
    if (!await->asked || call->answer == NULL)
        return;
    if (await->notification == 0) {
        end(call, json_null());
        return;
    }
    call->await = *await;
    call->await.until_ticks_ms = fz_ticks_ms() + WAIT_MS;
    call->wakeup = wakeup;
    fz_courier_hurry(call->parts->courier);
}
