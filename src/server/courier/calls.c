/* What others ask of the courier: start and stop, spans during a jump of the clock, holding still. */
#include <stdlib.h>

#include "server/courier/state.h"

#define IDLE_CONNECTIONS 64L

/* ---- start and stop ---- */

/* Never undone: whoever else in this process uses libcurl may have left the beginning to us. */
static void begin_curl(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT); /* where it fails, no handle can be had */
}

enum fz_result fz_courier_start(const struct fz_courier_setup *setup, struct fz_courier **out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct fz_courier *courier = calloc(1, sizeof *courier);
    if (courier == NULL)
        return FZ_FAILED;
    pthread_once(&once, begin_curl);
    courier->setup = *setup;
    courier->owner = fz_store_has_others(setup->store) ? setup->process_id : NULL;
    courier->search_again = true;
    pthread_mutex_init(&courier->lock, NULL);
    fz_ticks_condition_init(&courier->changed);
    courier->multi = curl_multi_init();
    bool ready = courier->multi != NULL &&
                 curl_multi_setopt(courier->multi, CURLMOPT_MAXCONNECTS, IDLE_CONNECTIONS) == CURLM_OK &&
                 fz_reader_open(setup->store, &courier->reader) == FZ_OK &&
                 pthread_create(&courier->thread, NULL, fz_courier_main, courier) == 0;
    if (ready)
        *out = courier;
    else
        fz_courier_free(courier);
    return ready ? FZ_OK : FZ_FAILED;
}

static void wake(struct fz_courier *courier)
{
    (void)curl_multi_wakeup(courier->multi);
}

void fz_courier_stop(struct fz_courier *courier)
{
    pthread_mutex_lock(&courier->lock);
    courier->stopping = true;
    pthread_cond_broadcast(&courier->changed);
    pthread_mutex_unlock(&courier->lock);
    wake(courier);
    pthread_join(courier->thread, NULL);
}

void fz_courier_free(struct fz_courier *courier)
{
    if (courier == NULL)
        return;
    if (courier->multi != NULL)
        curl_multi_cleanup(courier->multi);
    fz_signers_done(&courier->signers);
    fz_directory_unref(courier->directory);
    fz_reader_close(courier->reader);
    pthread_cond_destroy(&courier->changed);
    pthread_mutex_destroy(&courier->lock);
    free(courier);
}

/* ---- who waits for a callback ---- */

void fz_courier_tell(struct fz_courier *courier, void (*told)(void *argument, int64_t notification), void *argument)
{
    pthread_mutex_lock(&courier->lock);
    courier->told = told;
    courier->told_argument = argument;
    pthread_mutex_unlock(&courier->lock);
}

void fz_courier_tell_of(struct fz_courier *courier, int64_t notification)
{
    pthread_mutex_lock(&courier->lock);
    void (*told)(void *argument, int64_t notification) = courier->told;
    void *argument = courier->told_argument;
    pthread_mutex_unlock(&courier->lock);
    if (told != NULL)
        told(argument, notification);
}

void fz_courier_hurry(struct fz_courier *courier)
{
    pthread_mutex_lock(&courier->lock);
    courier->hurried = true;
    pthread_mutex_unlock(&courier->lock);
    wake(courier);
}

/* ---- the headers' clock, and figures ---- */

void fz_courier_use_book_clock(struct fz_courier *courier, bool use)
{
    atomic_store(&courier->on_book_clock, use);
}

bool fz_courier_uses_book_clock(const struct fz_courier *courier)
{
    return atomic_load(&courier->on_book_clock);
}

void fz_courier_figures(const struct fz_courier *courier, struct fz_courier_figures *out)
{
    out->sent = atomic_load(&courier->sent);
    for (size_t i = 0; i < FZ_CALLBACK_OUTCOMES; i++)
        out->outcomes[i] = atomic_load(&courier->outcomes[i]);
}

/* ---- a jump of the clock ---- */

void fz_courier_hold(struct fz_courier *courier)
{
    int64_t now_ms = fz_book_now_ms(courier->setup.world);
    pthread_mutex_lock(&courier->lock);
    courier->held = true;
    courier->held_at_ms = now_ms;
    courier->jumps++;
    pthread_mutex_unlock(&courier->lock);
}

/* False when it is time to do what is done each second. Under the lock. */
static bool await_span(struct fz_courier *courier, uint64_t number)
{
    struct timespec until = fz_ticks_after(1000);
    bool waits = true;
    while (waits && !courier->stopping && courier->spans_ended < number)
        waits = pthread_cond_timedwait(&courier->changed, &courier->lock, &until) == 0;
    return courier->stopping || courier->spans_ended >= number;
}

enum fz_result fz_courier_send_span(struct fz_courier *courier, const struct fz_notification_span *span,
                                    void (*each_second)(void *argument), void *argument)
{
    pthread_mutex_lock(&courier->lock);
    uint64_t mine = ++courier->spans;
    courier->span = *span;
    wake(courier);
    while (!await_span(courier, mine)) {
        pthread_mutex_unlock(&courier->lock);
        if (each_second != NULL)
            each_second(argument);
        pthread_mutex_lock(&courier->lock);
    }
    enum fz_result result = courier->spans_ended < mine ? FZ_FULL : courier->span_result;
    pthread_mutex_unlock(&courier->lock);
    return result;
}

void fz_courier_release(struct fz_courier *courier)
{
    pthread_mutex_lock(&courier->lock);
    courier->held = false;
    pthread_mutex_unlock(&courier->lock);
    wake(courier);
}

/* ---- POST /reset ---- */

void fz_courier_pause(struct fz_courier *courier)
{
    pthread_mutex_lock(&courier->lock);
    courier->paused = true;
    wake(courier);
    while (!courier->still && !courier->stopping)
        pthread_cond_wait(&courier->changed, &courier->lock);
    pthread_mutex_unlock(&courier->lock);
}

void fz_courier_forget_modes(struct fz_courier *courier)
{
    pthread_mutex_lock(&courier->lock);
    courier->mode_count = 0;
    pthread_mutex_unlock(&courier->lock);
}

void fz_courier_resume(struct fz_courier *courier)
{
    pthread_mutex_lock(&courier->lock);
    courier->paused = false;
    pthread_cond_broadcast(&courier->changed);
    pthread_mutex_unlock(&courier->lock);
    fz_courier_tell_of(courier, 0);
}
