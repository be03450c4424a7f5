/* Several events at once: each lane is a write that runs one event and, once that is committed, is handed over again. */
#include "server/schedule/crew.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"
#include "book/due/due.h"

#define STRETCH_MS  100
#define REST_MS     200 /* of an event that failed */
#define EVENT_TRIES 5   /* before it is tried for the last time */

struct lane {
    struct fz_write write; /* its first member */
    struct fz_crew *crew;
    struct fz_event_claim claim;
    struct fz_error error;
};

struct trouble {
    int64_t id; /* 0: none */
    int tries;
    int64_t again_ticks_ms;
};

struct fz_crew {
    struct fz_store *store;
    struct lane lanes[FZ_LANES];

    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t ended;
    size_t under_way;
    int64_t until_ticks_ms;
    struct fz_event_place from;
    struct fz_crew_outcome outcome;
    struct trouble troubles[FZ_EVENT_TROUBLES_MAX];
};

struct fz_crew *fz_crew_new(struct fz_store *store)
{
    struct fz_crew *crew = calloc(1, sizeof *crew);
    if (crew == NULL)
        return NULL;
    crew->store = store;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->ended, NULL);
    return crew;
}

void fz_crew_free(struct fz_crew *crew)
{
    if (crew == NULL)
        return;
    pthread_cond_destroy(&crew->ended);
    pthread_mutex_destroy(&crew->lock);
    free(crew);
}

/* ---- events that failed ---- */

/* Its place; if it has none, an empty one, or the one that is tried again first. */
static struct trouble *place_of(struct fz_crew *crew, int64_t id)
{
    struct trouble *place = &crew->troubles[0];
    for (struct trouble *at = crew->troubles; at < crew->troubles + FZ_EVENT_TROUBLES_MAX; at++) {
        if (at->id == id)
            return at;
        if (place->id != 0 && (at->id == 0 || at->again_ticks_ms < place->again_ticks_ms))
            place = at;
    }
    *place = (struct trouble){.id = id};
    return place;
}

static void take_down(struct fz_crew *crew, const struct fz_event_claim *claim)
{
    int64_t now_ms = fz_ticks_ms();
    crew->outcome.ran += claim->ran;
    crew->outcome.aside += claim->aside;
    for (size_t i = 0; i < FZ_EVENT_TROUBLES_MAX; i++)
        if (crew->troubles[i].id != 0 && (crew->troubles[i].id == claim->well || (claim->aside && crew->troubles[i].id == claim->failed)))
            crew->troubles[i] = (struct trouble){0};
    if (claim->failed == 0 || claim->aside)
        return;
    struct trouble *trouble = place_of(crew, claim->failed);
    if (trouble->tries++ == 0)
        fz_copy(crew->outcome.issue, sizeof crew->outcome.issue, claim->why);
    trouble->again_ticks_ms = now_ms + REST_MS;
}

static void tell(const struct fz_crew *crew, struct fz_event_claim *claim)
{
    int64_t now_ms = fz_ticks_ms();
    claim->from = crew->from;
    claim->trouble_count = 0;
    for (size_t i = 0; i < FZ_EVENT_TROUBLES_MAX; i++)
        if (crew->troubles[i].id != 0)
            claim->troubles[claim->trouble_count++] = (struct fz_event_trouble){.id = crew->troubles[i].id,
                                                                               .rests = crew->troubles[i].again_ticks_ms > now_ms,
                                                                               .last = crew->troubles[i].tries >= EVENT_TRIES};
}

/* ---- lanes ---- */

static enum fz_result claim(struct fz_tx *tx, void *argument)
{
    return fz_event_claim(tx, argument);
}

/* Under the lock. */
static enum fz_result hand_over(struct lane *lane)
{
    tell(lane->crew, &lane->claim);
    return fz_store_submit(lane->crew->store, &lane->write);
}

static void on_done(struct fz_write *write, enum fz_result result)
{
    struct lane *lane = (struct lane *)write;
    struct fz_crew *crew = lane->crew;
    pthread_mutex_lock(&crew->lock);
    struct fz_crew_outcome *outcome = &crew->outcome;
    bool found = result == FZ_OK && (lane->claim.ran || lane->claim.failed != 0);
    if (result == FZ_OK) {
        take_down(crew, &lane->claim);
    } else {
        outcome->result = FZ_FAILED;
        fz_copy(outcome->issue, sizeof outcome->issue, lane->error.issue);
    }
    bool on = found && outcome->result == FZ_OK && fz_ticks_ms() < crew->until_ticks_ms && hand_over(lane) == FZ_OK;
    if (!on && --crew->under_way == 0)
        pthread_cond_signal(&crew->ended);
    pthread_mutex_unlock(&crew->lock);
}

static bool are_there_troubles(const struct fz_crew *crew)
{
    bool found = false;
    for (size_t i = 0; i < FZ_EVENT_TROUBLES_MAX; i++)
        found = found || crew->troubles[i].id != 0;
    return found;
}

void fz_crew_run(struct fz_crew *crew, const struct fz_event_next *next, struct fz_crew_outcome *out)
{
    pthread_mutex_lock(&crew->lock);
    crew->outcome = (struct fz_crew_outcome){.result = FZ_OK};
    crew->until_ticks_ms = fz_ticks_ms() + STRETCH_MS;
    crew->from = next->first;
    for (int64_t i = 0; i < next->due && i < FZ_LANES && crew->outcome.result == FZ_OK; i++) {
        struct lane *lane = &crew->lanes[i];
        lane->crew = crew;
        lane->write = (struct fz_write){.work = claim, .argument = &lane->claim, .error = &lane->error, .done = on_done};
        crew->under_way++;
        if (hand_over(lane) == FZ_OK)
            continue;
        crew->under_way--;
        crew->outcome.result = FZ_FULL;
    }
    while (crew->under_way > 0)
        pthread_cond_wait(&crew->ended, &crew->lock);
    *out = crew->outcome;
    out->troubled = are_there_troubles(crew);
    pthread_mutex_unlock(&crew->lock);
}
