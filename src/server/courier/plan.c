/* What is sent for a notification: itself, and beside it what the receiver has to see through. */
#include <stdlib.h>

#include "api/callback/callback.h"
#include "base/text.h"
#include "book/refund/notify.h"
#include "server/courier/state.h"

static bool draws_probe(const struct fz_courier *courier, const struct fz_notification *notification)
{
    int64_t row = notification->id * 256 + notification->attempts;
    return (int)fz_draw(courier->setup.world, "callback_probe", row, 10000) <
           courier->setup.probes;
}

static struct fz_sending *add(struct fz_delivery *delivery, enum fz_attempt_kind kind)
{
    struct fz_sending *sending = &delivery->sendings[delivery->count++];
    sending->delivery = delivery;
    sending->kind = kind;
    sending->time_ms = delivery->time_ms;
    return sending;
}

/* ---- another sub-merchant's ---- */

static enum fz_result load_foreign(struct fz_tx *tx, void *argument)
{
    struct fz_delivery *delivery = argument;
    struct fz_payment payment;
    struct fz_refund refund;
    enum fz_result result =
        fz_notification_of_sibling(tx, &delivery->own.notification, &delivery->foreign.notification);
    if (result == FZ_OK)
        result = fz_notification_subject(tx, &delivery->foreign.notification, &payment, &refund);
    if (result != FZ_OK)
        return result;
    free(delivery->foreign.plain);
    delivery->foreign.plain = fz_notification_plain(&delivery->foreign.notification, &payment, &refund);
    return delivery->foreign.plain == NULL ? FZ_FAILED : FZ_OK;
}

/* If there is none the attempt says so. */
static void add_foreign(struct fz_courier *courier, struct fz_delivery *delivery)
{
    struct fz_sending *sending = add(delivery, FZ_ATTEMPT_OTHER_SUB_MERCHANT);
    if (fz_store_read(courier->reader, load_foreign, delivery, NULL) != FZ_OK)
        fz_copy(sending->error, sizeof sending->error,
                "nothing was sent: there is no notification of another sub-merchant of this institution");
}

/* ---- the plan ---- */

void fz_delivery_plan_plain(struct fz_delivery *delivery)
{
    (void)add(delivery, FZ_ATTEMPT_TRUE);
}

static void add_ahead(struct fz_courier *courier, struct fz_delivery *delivery,
                      const struct fz_courier_mode *mode)
{
    if (mode->kind == FZ_MODE_WRONG_SIGNATURE)
        (void)add(delivery, FZ_ATTEMPT_WRONG_SIGNATURE);
    else if (mode->kind == FZ_MODE_STRIPPED)
        fz_copy(add(delivery, FZ_ATTEMPT_STRIPPED)->stripped, sizeof delivery->sendings[0].stripped,
                mode->header);
    else if (mode->kind == FZ_MODE_OTHER_SUB_MERCHANT)
        add_foreign(courier, delivery);
}

void fz_delivery_plan(struct fz_courier *courier, struct fz_delivery *delivery)
{
    struct fz_courier_mode mode = {.kind = FZ_MODE_NONE};
    (void)fz_courier_take_mode(courier, &delivery->own.notification, &mode);
    if (mode.kind == FZ_MODE_DELAY || mode.kind == FZ_MODE_REORDER) {
        delivery->put_off_ms = delivery->own.notification.due_ms + mode.delay_ms;
        return;
    }
    if (draws_probe(courier, &delivery->own.notification))
        (void)add(delivery, FZ_ATTEMPT_PROBE);
    add_ahead(courier, delivery, &mode);
    fz_delivery_plan_plain(delivery);
    if (mode.kind == FZ_MODE_DUPLICATE || mode.kind == FZ_MODE_CONCURRENT)
        add(delivery, FZ_ATTEMPT_DUPLICATE)->at_once = mode.kind == FZ_MODE_CONCURRENT;
}
