/* Which merchants' callbacks are spoilt, and how. */
#include "server/courier/mode.h"

#include <string.h>

#include "server/courier/state.h"

const char *const fz_courier_mode_words[] = {"none",    "duplicate", "concurrent",      "delay",
                                             "reorder", "stripped",  "wrong_signature", "other_sub_merchant",
                                             NULL};

/* ---- the table: under the lock ---- */

static void take_out(struct fz_courier *courier, size_t place)
{
    courier->modes[place] = courier->modes[--courier->mode_count];
}

/* What has ended goes. */
static void tidy(struct fz_courier *courier)
{
    int64_t now_ms = fz_book_now_ms(courier->setup.world);
    for (size_t i = courier->mode_count; i > 0; i--)
        if (courier->modes[i - 1].left <= 0 || courier->modes[i - 1].until_ms <= now_ms)
            take_out(courier, i - 1);
}

static struct fz_courier_mode *find(struct fz_courier *courier, const char *mchid)
{
    for (size_t i = 0; i < courier->mode_count; i++)
        if (strcmp(courier->modes[i].mchid, mchid) == 0)
            return &courier->modes[i];
    return NULL;
}

/* A sub-merchant's own mode goes before its institution's, and that before everybody's. */
static struct fz_courier_mode *find_for(struct fz_courier *courier,
                                        const struct fz_notification *notification)
{
    struct fz_courier_mode *mode = NULL;
    if (notification->sub_mchid[0] != '\0')
        mode = find(courier, notification->sub_mchid);
    if (mode == NULL)
        mode = find(courier, notification->caller);
    return mode == NULL ? find(courier, "") : mode;
}

/* ---- calls ---- */

enum fz_result fz_courier_set_mode(struct fz_courier *courier, const struct fz_courier_mode *mode)
{
    enum fz_result result = FZ_OK;
    pthread_mutex_lock(&courier->lock);
    tidy(courier);
    struct fz_courier_mode *place = find(courier, mode->mchid);
    if (mode->kind == FZ_MODE_NONE) {
        if (place != NULL)
            take_out(courier, (size_t)(place - courier->modes));
    } else if (place != NULL) {
        *place = *mode;
    } else if (courier->mode_count < FZ_COURIER_MODES_MAX) {
        courier->modes[courier->mode_count++] = *mode;
    } else {
        result = FZ_FULL;
    }
    pthread_mutex_unlock(&courier->lock);
    return result;
}

size_t fz_courier_list_modes(struct fz_courier *courier, struct fz_courier_mode out[FZ_COURIER_MODES_MAX])
{
    pthread_mutex_lock(&courier->lock);
    tidy(courier);
    size_t count = courier->mode_count;
    memcpy(out, courier->modes, count * sizeof out[0]);
    pthread_mutex_unlock(&courier->lock);
    return count;
}

/* ---- use ---- */

/* Only what was never sent is held back, and only once. */
static bool applies(struct fz_courier_mode *mode, const struct fz_notification *notification)
{
    bool fresh = notification->attempts == 0 && notification->due_ms == notification->created_ms;
    if (mode->kind == FZ_MODE_DELAY)
        return fresh;
    if (mode->kind != FZ_MODE_REORDER)
        return true;
    if (fresh)
        mode->holds_next = !mode->holds_next;
    return fresh && mode->holds_next;
}

bool fz_courier_take_mode(struct fz_courier *courier, const struct fz_notification *notification,
                          struct fz_courier_mode *out)
{
    pthread_mutex_lock(&courier->lock);
    if (courier->mode_count > 0)
        tidy(courier);
    struct fz_courier_mode *mode = find_for(courier, notification);
    bool taken = mode != NULL && applies(mode, notification);
    if (taken) {
        mode->left--;
        *out = *mode;
    }
    pthread_mutex_unlock(&courier->lock);
    return taken;
}
