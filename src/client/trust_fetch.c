/* When certificates are fetched, by whom, and who waits for that. */
#include "client/trust_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"

/* Document 3.1.8: a new certificate is listed 24 hours before it signs, and the list is to be looked at
 * every 12. */
#define RENEWED_AFTER_MS (12 * FZ_HOUR_MS)
/* Where nothing newer is listed days before the end, asking goes on more often than that: without a newer
 * one all calls fail from that end on. */
#define ENDS_SOON_MS (5 * FZ_DAY_MS)
/* A renewal is in no hurry, and the call that makes it is late by it: one that failed is not made again
 * with every call, nor is one that found nothing newer than what ends soon. */
#define RENEWAL_PAUSE_MS (10 * FZ_MINUTE_MS)

bool fz_trust_fetching_init(struct fz_trust_fetching *fetching)
{
    fetching->fetched_ms = FZ_NEVER_FETCHED;
    fetching->none_before_ticks_ms = fetching->no_renewal_before_ticks_ms = INT64_MIN;
    return pthread_cond_init(&fetching->woken, NULL) == 0;
}

void fz_trust_fetching_done(struct fz_trust_fetching *fetching)
{
    pthread_cond_destroy(&fetching->woken);
}

/* ---- what is wanted ---- */

/* Also when the clock was set back. */
static bool was_long_ago(const struct fz_trust_fetching *fetching, int64_t now_ms)
{
    return fetching->fetched_ms == FZ_NEVER_FETCHED || now_ms < fetching->fetched_ms ||
           now_ms - fetching->fetched_ms >= RENEWED_AFTER_MS;
}

/* Who has a public key and no certificate gets none: the service has none to list. */
static bool renewal_is_due(const struct fz_trust *trust, int64_t now_ms, int64_t now_ticks_ms)
{
    const struct fz_trusted_key *newest = fz_trust_newest(trust, now_ms);
    if (!trust->can_fetch || trust->fetching.under_way)
        return false;
    return newest != NULL && now_ticks_ms >= trust->fetching.no_renewal_before_ticks_ms &&
           (was_long_ago(&trust->fetching, now_ms) || newest->validity.not_after_ms - now_ms <= ENDS_SOON_MS);
}

/* "" stands for any key. One that is known and has ended would not be better for a fetch. */
static bool is_there(const struct fz_trust *trust, const char *serial, int64_t now_ms)
{
    if (serial[0] != '\0')
        return fz_trusted_keys_find(trust->keys, serial) != NULL;
    return trust->public_key_id[0] != '\0' || fz_trust_newest(trust, now_ms) != NULL;
}

bool fz_trust_can_verify(struct fz_trust *trust, int64_t now_ms)
{
    pthread_mutex_lock(&trust->lock);
    bool can = is_there(trust, "", now_ms);
    pthread_mutex_unlock(&trust->lock);
    return can;
}

bool fz_trust_can_fetch(const struct fz_trust *trust)
{
    return trust->can_fetch;
}

static enum fz_fetch begin(struct fz_trust_fetching *fetching, const char *serial)
{
    fetching->under_way = true;
    if (fz_serial_read(serial, fetching->wanted) != FZ_OK)
        fetching->wanted[0] = '\0';
    return FZ_FETCH_YOURS;
}

static enum fz_fetch wait_for(struct fz_trust_fetching *fetching, struct fz_trust_waiter *waiter)
{
    if (!waiter->waits) {
        waiter->waits = true;
        waiter->next = fetching->waiters;
        fetching->waiters = waiter;
    }
    return FZ_FETCH_WAITS;
}

/* Without what is wanted. A name that is no serial number, as a public key's, is on no list. */
static enum fz_fetch lacks(struct fz_trust *trust, const char *serial, int64_t now_ticks_ms,
                           struct fz_trust_waiter *waiter)
{
    char upper[FZ_SERIAL_SIZE];
    struct fz_trust_fetching *fetching = &trust->fetching;
    if (!trust->can_fetch || (serial[0] != '\0' && fz_serial_read(serial, upper) != FZ_OK))
        return FZ_FETCH_USELESS;
    if (fetching->under_way)
        return wait_for(fetching, waiter);
    return now_ticks_ms < fetching->none_before_ticks_ms ? FZ_FETCH_USELESS : begin(fetching, serial);
}

enum fz_fetch fz_trust_want(struct fz_trust *trust, const char *serial, int64_t now_ms, int64_t now_ticks_ms,
                            struct fz_trust_waiter *waiter)
{
    bool any = serial == NULL;
    enum fz_fetch fetch = FZ_FETCH_NONE;
    pthread_mutex_lock(&trust->lock);
    if (!is_there(trust, any ? "" : serial, now_ms))
        fetch = lacks(trust, any ? "" : serial, now_ticks_ms, waiter);
    else if (any && renewal_is_due(trust, now_ms, now_ticks_ms))
        fetch = begin(&trust->fetching, "");
    pthread_mutex_unlock(&trust->lock);
    return fetch;
}

/* ---- its end ---- */

/* Those who wait for it are then in `to_wake`, apart from those who soon wait for the next. Under the
 * lock. */
static void finish(struct fz_trust_fetching *fetching, bool fruitless, int64_t now_ticks_ms)
{
    struct fz_trust_waiter **tail = &fetching->to_wake;
    fetching->under_way = false;
    fetching->no_renewal_before_ticks_ms = now_ticks_ms + RENEWAL_PAUSE_MS;
    if (fruitless) /* anybody can send a callback that names a key that is not: that must not become as many fetches */
        fetching->none_before_ticks_ms = now_ticks_ms + FZ_TRUST_PAUSE_MS;
    while (*tail != NULL)
        tail = &(*tail)->next;
    *tail = fetching->waiters;
    fetching->waiters = NULL;
}

static void take_out_waking(struct fz_trust_fetching *fetching, const struct fz_waking *waking)
{
    struct fz_waking **at = &fetching->waking;
    while (*at != waking)
        at = &(*at)->next;
    *at = waking->next;
    pthread_cond_broadcast(&fetching->woken);
}

/* Calls `wake` outside the lock, for it may ask again at once. The waiter itself is not touched
 * afterwards: it may be gone. Under the lock, which is given back for the call. */
static void wake_first(struct fz_trust *trust)
{
    struct fz_trust_fetching *fetching = &trust->fetching;
    struct fz_trust_waiter *waiter = fetching->to_wake;
    struct fz_waking waking = {.waiter = waiter, .thread = pthread_self(), .next = fetching->waking};
    fetching->to_wake = waiter->next;
    waiter->waits = false;
    fetching->waking = &waking;
    pthread_mutex_unlock(&trust->lock);
    waiter->wake(waiter);
    pthread_mutex_lock(&trust->lock);
    take_out_waking(fetching, &waking);
}

static void finish_and_wake(struct fz_trust *trust, bool fruitless, int64_t now_ticks_ms)
{
    finish(&trust->fetching, fruitless, now_ticks_ms);
    while (trust->fetching.to_wake != NULL)
        wake_first(trust);
}

static void end_without(struct fz_trust *trust, bool fruitless, int64_t now_ticks_ms)
{
    pthread_mutex_lock(&trust->lock);
    if (trust->fetching.under_way)
        finish_and_wake(trust, fruitless, now_ticks_ms);
    pthread_mutex_unlock(&trust->lock);
}

void fz_trust_fetch_failed(struct fz_trust *trust, int64_t now_ticks_ms)
{
    end_without(trust, true, now_ticks_ms);
}

void fz_trust_fetch_given_up(struct fz_trust *trust, int64_t now_ticks_ms)
{
    end_without(trust, false, now_ticks_ms);
}

/* What is known and still holds stays, listed or not: answers signed by it may be on their way. Under the
 * lock. */
static enum fz_result take_over(struct fz_trust *trust, const struct fz_listed *listed, int64_t now_ms,
                                char *why, size_t why_size)
{
    enum fz_result result = FZ_OK;
    fz_trust_drop_ended(trust, now_ms);
    for (size_t i = 0; i < listed->count && result == FZ_OK; i++)
        result = fz_trusted_keys_add_certificate(trust->keys, listed->pems[i]);
    if (result == FZ_OK)
        trust->fetching.fetched_ms = now_ms;
    else if (result != FZ_FAILED)
        snprintf(why, why_size, "%s", result == FZ_FULL ? "there are too many platform certificates already."
                                                        : "a serial number stands for another key already.");
    return result == FZ_OK || result == FZ_FAILED ? result : FZ_MALFORMED;
}

/* A directory that cannot be written is no error: what was fetched holds in memory, and a later start
 * fetches again. */
static void keep(const struct fz_trust *trust, const struct fz_listed *listed, int64_t now_ms, char *why,
                 size_t why_size)
{
    if (trust->directory == NULL || fz_trust_directory_write(trust->directory, listed, now_ms))
        return;
    char words[128];
    snprintf(why, why_size, "the certificates could not be kept in %s (%s): they are in memory alone.",
             trust->directory, strerror_r(errno, words, sizeof words));
}

enum fz_result fz_trust_fetched(struct fz_trust *trust, const struct fz_signed_headers *headers,
                                const void *body, size_t size, int64_t now_ms, int64_t tolerance_s,
                                int64_t now_ticks_ms, char *why, size_t why_size)
{
    struct fz_listed listed;
    fz_copy(why, why_size, "");
    enum fz_result result = fz_listed_read(trust->apiv3_key, headers, body, size, now_ms, tolerance_s,
                                           &listed, why, why_size);
    pthread_mutex_lock(&trust->lock);
    if (result == FZ_OK)
        result = take_over(trust, &listed, now_ms, why, why_size);
    bool fruitless = result != FZ_OK || !is_there(trust, trust->fetching.wanted, now_ms);
    finish_and_wake(trust, fruitless, now_ticks_ms);
    pthread_mutex_unlock(&trust->lock);
    if (result == FZ_OK)
        keep(trust, &listed, now_ms, why, why_size);
    fz_listed_done(&listed);
    return result;
}

/* ---- who waits no longer ---- */

static void take_out(struct fz_trust_waiter **at, const struct fz_trust_waiter *waiter)
{
    while (*at != NULL && *at != waiter)
        at = &(*at)->next;
    if (*at != NULL)
        *at = waiter->next;
}

static bool is_being_woken(const struct fz_trust_fetching *fetching, const struct fz_trust_waiter *waiter)
{
    const struct fz_waking *at = fetching->waking;
    while (at != NULL && (at->waiter != waiter || pthread_equal(at->thread, pthread_self())))
        at = at->next;
    return at != NULL;
}

void fz_trust_leave(struct fz_trust *trust, struct fz_trust_waiter *waiter)
{
    pthread_mutex_lock(&trust->lock);
    if (waiter->waits) {
        take_out(&trust->fetching.waiters, waiter);
        take_out(&trust->fetching.to_wake, waiter);
        waiter->waits = false;
    }
    while (is_being_woken(&trust->fetching, waiter))
        pthread_cond_wait(&trust->fetching.woken, &trust->lock);
    pthread_mutex_unlock(&trust->lock);
}
