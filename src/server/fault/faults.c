/* Faults on demand: the table of rules and the drawing. */
#include "server/fault/faults.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/server/world.h"
#include "wire/server/certificate.h"
#include "wire/server/key.h"

#define KEY_PEM_MAX  8192
#define EXPIRED_NAME "Fenzhang expired platform"

const char *const fz_fault_effect_words[] = {"error",           "delay",
                                             "reset",           "cut",
                                             "wrong_signature", "probe_signature",
                                             "no_signature",    "expired_certificate",
                                             "stale_timestamp", NULL};

struct rule {
    struct fz_fault_state state;
    struct fz_world *world; /* draws by the rule's own seed, whatever the book's is */
};

struct fz_faults {
    pthread_mutex_t lock;
    struct rule rules[FZ_FAULTS_MAX]; /* in the order they were made */
    size_t count;
    int64_t last_id;
    atomic_size_t standing; /* those that are not over */
    struct fz_expired_identity expired;
};

struct fz_faults *fz_faults_new(void)
{
    struct fz_faults *faults = calloc(1, sizeof *faults);
    if (faults != NULL)
        pthread_mutex_init(&faults->lock, NULL);
    return faults;
}

void fz_faults_free(struct fz_faults *faults)
{
    if (faults == NULL)
        return;
    (void)fz_faults_clear(faults, 0);
    EVP_PKEY_free(faults->expired.key);
    fz_text_done(&faults->expired.pem);
    pthread_mutex_destroy(&faults->lock);
    free(faults);
}

bool fz_faults_any(const struct fz_faults *faults)
{
    return atomic_load_explicit(&faults->standing, memory_order_acquire) > 0;
}

/* ---- which requests ---- */

/* The path is what stands before the query; a "*" in `pattern` stands for anything, nothing too. */
static bool fits_path(const char *pattern, const char *target)
{
    size_t size = strcspn(target, "?");
    const char *star = strchr(pattern, '*');
    if (star == NULL)
        return strlen(pattern) == size && memcmp(pattern, target, size) == 0;
    size_t head = (size_t)(star - pattern), tail = strlen(star + 1);
    return size >= head + tail && memcmp(pattern, target, head) == 0 &&
           memcmp(star + 1, target + size - tail, tail) == 0;
}

static bool is_or_any(const char *wanted, const char *text)
{
    return wanted[0] == '\0' || (text != NULL && strcmp(wanted, text) == 0);
}

static bool fits(const struct fz_fault_rule *rule, const struct fz_fault_request *request)
{
    return (rule->refusals || !request->refused) && is_or_any(rule->endpoint, request->endpoint) && is_or_any(rule->mchid, request->mchid) &&
           is_or_any(rule->sub_mchid, request->sub_mchid) &&
           (rule->path[0] == '\0' || fits_path(rule->path, request->target));
}

/* ---- how often, how long ---- */

static void note_end(struct fz_faults *faults, struct rule *rule)
{
    if (!rule->state.over)
        atomic_fetch_sub(&faults->standing, 1);
    rule->state.over = true;
}

static void end_by_time(struct fz_faults *faults, struct rule *rule, int64_t ticks_ms, int64_t book_ms)
{
    const struct fz_fault_rule *wanted = &rule->state.rule;
    if ((wanted->until_ticks_ms != 0 && ticks_ms >= wanted->until_ticks_ms) ||
        (wanted->until_book_ms != 0 && book_ms >= wanted->until_book_ms))
        note_end(faults, rule);
}

/* The nth request that fits is struck or not, whatever thread it comes on. */
static bool strikes(struct fz_faults *faults, struct rule *rule)
{
    struct fz_fault_state *state = &rule->state;
    state->seen++;
    if (state->rule.share < FZ_FAULT_SHARE_ALL &&
        fz_draw(rule->world, "fault", state->seen, FZ_FAULT_SHARE_ALL) >= (uint64_t)state->rule.share)
        return false;
    state->hits++;
    if (state->rule.count != 0 && state->hits >= state->rule.count)
        note_end(faults, rule);
    return true;
}

bool fz_faults_draw(struct fz_faults *faults, const struct fz_fault_request *request, struct fz_fault *out)
{
    bool struck = false;
    pthread_mutex_lock(&faults->lock);
    for (size_t i = 0; !struck && i < faults->count; i++) {
        struct rule *rule = &faults->rules[i];
        end_by_time(faults, rule, request->ticks_ms, request->book_ms);
        struck = !rule->state.over && fits(&rule->state.rule, request) && strikes(faults, rule);
        if (struck)
            *out = rule->state.rule.fault;
    }
    pthread_mutex_unlock(&faults->lock);
    return struck;
}

/* ---- the table ---- */

static void remove_at(struct fz_faults *faults, size_t at)
{
    note_end(faults, &faults->rules[at]);
    fz_world_free(faults->rules[at].world);
    faults->count--;
    memmove(&faults->rules[at], &faults->rules[at + 1], (faults->count - at) * sizeof faults->rules[0]);
}

/* The oldest rule that is over goes first. */
static bool make_room(struct fz_faults *faults)
{
    for (size_t i = 0; faults->count == FZ_FAULTS_MAX && i < faults->count; i++)
        if (faults->rules[i].state.over)
            remove_at(faults, i);
    return faults->count < FZ_FAULTS_MAX;
}

static struct fz_world *draws_of(const struct fz_fault_rule *rule)
{
    static const unsigned char no_secret[32];
    return fz_world_new(true, rule->seed, no_secret);
}

/* Takes `world` over. */
static void append(struct fz_faults *faults, const struct fz_fault_state *state, struct fz_world *world)
{
    faults->rules[faults->count++] = (struct rule){.state = *state, .world = world};
    atomic_fetch_add(&faults->standing, !state->over);
}

enum fz_result fz_faults_add(struct fz_faults *faults, const struct fz_fault_rule *rule, int64_t *id)
{
    struct fz_world *world = draws_of(rule);
    if (world == NULL)
        return FZ_FAILED;
    pthread_mutex_lock(&faults->lock);
    bool room = make_room(faults);
    if (room) {
        *id = ++faults->last_id;
        append(faults, &(struct fz_fault_state){.id = *id, .rule = *rule}, world);
    }
    pthread_mutex_unlock(&faults->lock);
    if (!room)
        fz_world_free(world);
    return room ? FZ_OK : FZ_FULL;
}

static size_t clear(struct fz_faults *faults, int64_t id)
{
    size_t cleared = 0;
    for (size_t i = faults->count; i-- > 0;)
        if (id == 0 || faults->rules[i].state.id == id) {
            remove_at(faults, i);
            cleared++;
        }
    return cleared;
}

size_t fz_faults_clear(struct fz_faults *faults, int64_t id)
{
    pthread_mutex_lock(&faults->lock);
    size_t cleared = clear(faults, id);
    pthread_mutex_unlock(&faults->lock);
    return cleared;
}

/* An id that was given once is not given to another. */
size_t fz_faults_replace(struct fz_faults *faults, const struct fz_fault_state *states, size_t count)
{
    pthread_mutex_lock(&faults->lock);
    (void)clear(faults, 0);
    for (size_t i = 0; i < count && faults->count < FZ_FAULTS_MAX; i++) {
        struct fz_world *world = draws_of(&states[i].rule);
        if (world != NULL)
            append(faults, &states[i], world);
        if (states[i].id > faults->last_id)
            faults->last_id = states[i].id;
    }
    size_t there = faults->count;
    pthread_mutex_unlock(&faults->lock);
    return there;
}

size_t fz_faults_list(struct fz_faults *faults, int64_t ticks_ms, int64_t book_ms,
                      struct fz_fault_state out[FZ_FAULTS_MAX])
{
    pthread_mutex_lock(&faults->lock);
    size_t count = faults->count;
    for (size_t i = 0; i < count; i++) {
        end_by_time(faults, &faults->rules[i], ticks_ms, book_ms);
        out[i] = faults->rules[i].state;
    }
    pthread_mutex_unlock(&faults->lock);
    return count;
}

/* ---- the expired identity ---- */

enum fz_result fz_faults_make_expired(struct fz_faults *faults)
{
    if (fz_faults_expired(faults) != NULL)
        return FZ_OK;
    struct fz_expired_identity made = {.pem.max = KEY_PEM_MAX};
    made.key = fz_key_new();
    enum fz_result result = made.key == NULL
                                ? FZ_FAILED
                                : fz_certificate_make_expired(made.key, EXPIRED_NAME, made.serial, &made.pem);
    pthread_mutex_lock(&faults->lock);
    bool first = result == FZ_OK && faults->expired.key == NULL;
    if (first)
        faults->expired = made;
    pthread_mutex_unlock(&faults->lock);
    if (!first) {
        EVP_PKEY_free(made.key);
        fz_text_done(&made.pem);
    }
    return result;
}

const struct fz_expired_identity *fz_faults_expired(struct fz_faults *faults)
{
    pthread_mutex_lock(&faults->lock);
    const struct fz_expired_identity *expired = faults->expired.key == NULL ? NULL : &faults->expired;
    pthread_mutex_unlock(&faults->lock);
    return expired;
}
