/* Requests a second: the times of the last N that passed, so the next may pass when the oldest is a second
 * ago. Exact at every edge, which a bucket that refills is not. */
#include "server/work/limits.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/server/hash.h"
#include "base/text.h"

#define WINDOW_MS    1000
#define FIRST_PLACES 64 /* a power of two */

/* The last `size` times, oldest at `next`; 0 = never. */
struct recent {
    uint16_t size, next;
    int64_t *times_ms;
};

struct caller {
    char mchid[FZ_MCHID_SIZE];
    struct recent overall, refund, faulty;
    int64_t times_ms[FZ_CALLS_A_SECOND + FZ_REFUND_CALLS_A_SECOND + FZ_FAULTY_REFUNDS_A_SECOND];
};

struct fz_limits {
    bool begins_on;
    atomic_bool on; /* looked at by every request, so without the lock */
    pthread_mutex_t lock;
    struct caller **places; /* open addressing, at most half full */
    size_t place_count, caller_count;
};

struct fz_limits *fz_limits_new(bool on)
{
    struct fz_limits *limits = calloc(1, sizeof *limits);
    struct caller **places = calloc(FIRST_PLACES, sizeof(struct caller *));
    if (limits == NULL || places == NULL) {
        free(limits);
        free(places);
        return NULL;
    }
    limits->begins_on = on;
    atomic_init(&limits->on, on);
    limits->places = places;
    limits->place_count = FIRST_PLACES;
    pthread_mutex_init(&limits->lock, NULL);
    return limits;
}

void fz_limits_free(struct fz_limits *limits)
{
    if (limits == NULL)
        return;
    for (size_t i = 0; i < limits->place_count; i++)
        free(limits->places[i]);
    free(limits->places);
    pthread_mutex_destroy(&limits->lock);
    free(limits);
}

bool fz_limits_are_on(const struct fz_limits *limits)
{
    return atomic_load(&limits->on);
}

void fz_limits_switch(struct fz_limits *limits, bool on)
{
    atomic_store(&limits->on, on);
}

static bool is_full(const struct recent *recent, int64_t now_ms)
{
    int64_t oldest_ms = recent->times_ms[recent->next];
    return oldest_ms != 0 && now_ms - oldest_ms < WINDOW_MS;
}

static void count(struct recent *recent, int64_t now_ms)
{
    recent->times_ms[recent->next] = now_ms;
    recent->next = (uint16_t)((recent->next + 1) % recent->size);
}

/* Merchant numbers come from the operator, not from peers, so nobody can choose them to collide. The table takes the
 * low bits: the high ones are brought into them. */
static size_t hash(const char *mchid)
{
    uint64_t value = fz_hash(mchid);
    return (size_t)(value ^ value >> 32);
}

static struct caller **place_of(struct caller **places, size_t place_count, const char *mchid)
{
    size_t at = hash(mchid) & (place_count - 1);
    while (places[at] != NULL && strcmp(places[at]->mchid, mchid) != 0)
        at = (at + 1) & (place_count - 1);
    return &places[at];
}

static bool grow(struct fz_limits *limits)
{
    size_t place_count = limits->place_count * 2;
    struct caller **places = calloc(place_count, sizeof(struct caller *));
    if (places == NULL)
        return false;
    for (size_t i = 0; i < limits->place_count; i++)
        if (limits->places[i] != NULL)
            *place_of(places, place_count, limits->places[i]->mchid) = limits->places[i];
    free(limits->places);
    limits->places = places;
    limits->place_count = place_count;
    return true;
}

static struct caller *caller_new(const char *mchid)
{
    struct caller *caller = calloc(1, sizeof *caller);
    if (caller == NULL)
        return NULL;
    fz_copy(caller->mchid, sizeof caller->mchid, mchid);
    caller->overall = (struct recent){.size = FZ_CALLS_A_SECOND, .times_ms = caller->times_ms};
    caller->refund = (struct recent){.size = FZ_REFUND_CALLS_A_SECOND,
                                     .times_ms = caller->overall.times_ms + FZ_CALLS_A_SECOND};
    caller->faulty = (struct recent){.size = FZ_FAULTY_REFUNDS_A_SECOND,
                                     .times_ms = caller->refund.times_ms + FZ_REFUND_CALLS_A_SECOND};
    return caller;
}

/* NULL when memory is short: then nothing is limited, for a limit is no rule of the money. */
static struct caller *find(struct fz_limits *limits, const char *mchid)
{
    if (2 * (limits->caller_count + 1) > limits->place_count && !grow(limits))
        return NULL;
    struct caller **place = place_of(limits->places, limits->place_count, mchid);
    if (*place == NULL && (*place = caller_new(mchid)) != NULL)
        limits->caller_count++;
    return *place;
}

enum fz_row fz_limits_take(struct fz_limits *limits, const char *mchid, enum fz_rate_class class,
                           int64_t now_ms)
{
    enum fz_row row = FZ_ROW_NONE;
    pthread_mutex_lock(&limits->lock);
    struct caller *caller = find(limits, mchid);
    if (caller == NULL)
        row = FZ_ROW_NONE;
    else if (is_full(&caller->overall, now_ms))
        row = FZ_LIMIT_CALLER;
    else if (class != FZ_RATE_GENERAL && is_full(&caller->refund, now_ms))
        row = FZ_LIMIT_REFUND_QUERY;
    else if (class == FZ_RATE_REFUND_SUBMIT && is_full(&caller->faulty, now_ms))
        row = FZ_LIMIT_FAULTY_REFUNDS;
    if (caller != NULL && (row == FZ_ROW_NONE || row == FZ_LIMIT_FAULTY_REFUNDS)) {
        count(&caller->overall, now_ms);
        if (class != FZ_RATE_GENERAL)
            count(&caller->refund, now_ms);
    }
    pthread_mutex_unlock(&limits->lock);
    return row;
}

void fz_limits_reset(struct fz_limits *limits)
{
    fz_limits_switch(limits, limits->begins_on);
    pthread_mutex_lock(&limits->lock);
    for (size_t i = 0; i < limits->place_count; i++)
        if (limits->places[i] != NULL)
            memset(limits->places[i]->times_ms, 0, sizeof limits->places[i]->times_ms);
    pthread_mutex_unlock(&limits->lock);
}

void fz_limits_count_faulty(struct fz_limits *limits, const char *mchid, int64_t now_ms)
{
    pthread_mutex_lock(&limits->lock);
    struct caller *caller = find(limits, mchid);
    if (caller != NULL)
        count(&caller->faulty, now_ms);
    pthread_mutex_unlock(&limits->lock);
}
