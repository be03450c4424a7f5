/* The gate before new connections. While the database is away one thread of the process asks for it, after ever longer pauses, and all others
 * wait at the gate: hundreds of requests that want to connect are no reason to call hundreds of times. */
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/postgres/engine.h"

#define FIRST_PAUSE_MS   50
#define LONGEST_PAUSE_MS 500
#define TOLD_AFTER_MS    1000 /* a switch of the role is shorter */

void fz_gate_open(struct fz_gate *gate)
{
    pthread_mutex_init(&gate->lock, NULL);
    fz_ticks_condition_init(&gate->changed);
}

void fz_gate_close(struct fz_gate *gate)
{
    pthread_cond_destroy(&gate->changed);
    pthread_mutex_destroy(&gate->lock);
}

/* How long it stays shut for who has until then; 0: it is open, or he may ask. */
static int64_t pause_of(const struct fz_gate *gate, int64_t until_ms)
{
    int64_t now_ms = fz_ticks_ms(), opens_ms = gate->asking ? until_ms : gate->next_ms;
    if (!gate->away || (!gate->asking && now_ms >= gate->next_ms))
        return 0;
    opens_ms = opens_ms < until_ms ? opens_ms : until_ms;
    return opens_ms > now_ms ? opens_ms - now_ms : 1;
}

bool fz_gate_enter(struct fz_gate *gate, int64_t until_ms)
{
    bool enters = true;
    pthread_mutex_lock(&gate->lock);
    for (int64_t pause_ms; enters && (pause_ms = pause_of(gate, until_ms)) > 0;) {
        const struct timespec until = fz_ticks_after(pause_ms);
        enters = !gate->ending && fz_ticks_ms() < until_ms;
        if (enters)
            (void)pthread_cond_timedwait(&gate->changed, &gate->lock, &until);
    }
    if (enters && gate->away)
        gate->asking = true;
    pthread_mutex_unlock(&gate->lock);
    return enters;
}

static void note_away(struct fz_gate *gate, const char *why)
{
    int64_t now_ms = fz_ticks_ms();
    if (!gate->away) {
        gate->since_ms = now_ms;
        gate->pause_ms = FIRST_PAUSE_MS / 2;
    }
    gate->away = true;
    gate->pause_ms = gate->pause_ms * 2 < LONGEST_PAUSE_MS ? gate->pause_ms * 2 : LONGEST_PAUSE_MS;
    gate->next_ms = now_ms + gate->pause_ms;
    fz_copy(gate->why, sizeof gate->why, why);
}

void fz_gate_leave(struct fz_store *store, bool connected, const char *why)
{
    struct fz_gate *gate = &store->gate;
    char text[500] = "";
    pthread_mutex_lock(&gate->lock);
    gate->asking = false;
    if (!connected)
        note_away(gate, why);
    if (!connected && !gate->told && fz_ticks_ms() - gate->since_ms >= TOLD_AFTER_MS) {
        gate->told = true;
        snprintf(text, sizeof text, "The book's database cannot be reached: %s. It is looked for all the time; requests are answered with 503 "
                                    "meanwhile.", gate->why);
    } else if (connected && gate->told) {
        gate->told = false;
        snprintf(text, sizeof text, "The book's database is there again.");
    }
    gate->away = !connected;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
    void (*say)(const char *sentence) = connected ? store->note : store->tell;
    if (text[0] != '\0' && say != NULL)
        say(text);
}

bool fz_gate_is_shut(struct fz_gate *gate, char *why, size_t why_size)
{
    pthread_mutex_lock(&gate->lock);
    bool away = gate->away;
    fz_copy(why, why_size, gate->why);
    pthread_mutex_unlock(&gate->lock);
    return away;
}

void fz_gate_end(struct fz_gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->ending = true;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}
