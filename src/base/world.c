/* The world: the only file that asks the machine for time; and the book's own clock and draws. */
#include "base/world.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t fz_wire_now_ms(void)
{
    return clock_ns(CLOCK_REALTIME) / 1000000;
}

int64_t fz_ticks_ms(void)
{
    return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

int64_t fz_ticks_us(void)
{
    return clock_ns(CLOCK_MONOTONIC) / 1000;
}

/* The time that a machine sleeps counts: its book is not behind when it wakes up. */
int64_t fz_steady_ms(void)
{
    return clock_ns(CLOCK_BOOTTIME) / 1000000;
}

struct timespec fz_ticks_after(int64_t milliseconds)
{
    int64_t then = clock_ns(CLOCK_MONOTONIC) + milliseconds * 1000000;
    return (struct timespec){.tv_sec = then / 1000000000, .tv_nsec = then % 1000000000};
}

struct fz_world {
    pthread_mutex_t lock;
    int64_t offset_ms; /* running: book = steady time + offset */
    int64_t frozen_ms; /* frozen: book = this */
    bool frozen;
    unsigned char key[32]; /* of the draws */
};

struct fz_world *fz_world_new(bool seeded, uint64_t seed, const unsigned char secret[32])
{
    struct fz_world *world = calloc(1, sizeof *world);
    if (world == NULL)
        return NULL;
    pthread_mutex_init(&world->lock, NULL);
    fz_clock_reset(world, fz_wire_now_ms(), false);
    fz_world_draw_by(world,
                     &(struct fz_draws){.seeded = seeded, .seed = seed, .secret = secret, .story = ""});
    return world;
}

static void mac(const unsigned char key[32], const char *message, size_t size, unsigned char out[EVP_MAX_MD_SIZE])
{
    unsigned digest_size = 0;
    if (HMAC(EVP_sha256(), key, 32, (const unsigned char *)message, size, out, &digest_size) == NULL)
        abort(); /* only if memory is gone in the middle of a transaction: the book's own log brings it back */
}

void fz_world_draw_by(struct fz_world *world, const struct fz_draws *draws)
{
    unsigned char key[EVP_MAX_MD_SIZE] = {0}, first[32];
    for (int i = 0; draws->seeded && i < 8; i++)
        key[i] = (unsigned char)(draws->seed >> (8 * (7 - i)));
    if (!draws->seeded)
        memcpy(key, draws->secret, sizeof world->key);
    if (draws->story[0] != '\0') {
        char message[64];
        int size = snprintf(message, sizeof message, "story %s", draws->story);
        assert(size > 0 && (size_t)size < sizeof message);
        memcpy(first, key, sizeof first);
        mac(first, message, (size_t)size, key);
    }
    pthread_mutex_lock(&world->lock);
    memcpy(world->key, key, sizeof world->key);
    pthread_mutex_unlock(&world->lock);
    OPENSSL_cleanse(key, sizeof key);
    OPENSSL_cleanse(first, sizeof first);
}

void fz_world_free(struct fz_world *world)
{
    if (world == NULL)
        return;
    pthread_mutex_destroy(&world->lock);
    OPENSSL_cleanse(world->key, sizeof world->key);
    free(world);
}

static int64_t at_most_the_end(int64_t book_ms)
{
    return book_ms < FZ_TIME_END_MS ? book_ms : FZ_TIME_END_MS;
}

/* Book time under the lock. The machine's own clock is not asked: whoever puts it forward or back, for a
 * moment or for good, does not move the book's. */
static int64_t read_clock(const struct fz_world *world)
{
    return at_most_the_end(world->frozen ? world->frozen_ms : fz_steady_ms() + world->offset_ms);
}

/* Lets the clock stand at `book_ms` from now on. */
static void set_clock(struct fz_world *world, int64_t book_ms, bool frozen)
{
    world->frozen = frozen;
    world->frozen_ms = book_ms;
    world->offset_ms = book_ms - fz_steady_ms();
}

int64_t fz_book_now_ms(struct fz_world *world)
{
    pthread_mutex_lock(&world->lock);
    int64_t now = read_clock(world);
    pthread_mutex_unlock(&world->lock);
    return now;
}

void fz_clock_restore(struct fz_world *world, const struct fz_clock_state *state, int64_t floor_ms)
{
    int64_t wire_ms = fz_wire_now_ms();
    int64_t book_ms = state->book_ms;
    if (!state->frozen && wire_ms > state->wire_ms)
        book_ms += wire_ms - state->wire_ms;
    pthread_mutex_lock(&world->lock);
    set_clock(world, book_ms < floor_ms ? floor_ms : book_ms, state->frozen);
    pthread_mutex_unlock(&world->lock);
}

struct fz_clock_state fz_clock_state(struct fz_world *world)
{
    pthread_mutex_lock(&world->lock);
    struct fz_clock_state state = {
        .book_ms = read_clock(world), .wire_ms = fz_wire_now_ms(), .frozen = world->frozen};
    pthread_mutex_unlock(&world->lock);
    return state;
}

void fz_clock_set(struct fz_world *world, int64_t book_ms, bool frozen)
{
    pthread_mutex_lock(&world->lock);
    int64_t now = read_clock(world);
    set_clock(world, book_ms < now ? now : book_ms, frozen);
    pthread_mutex_unlock(&world->lock);
}

void fz_clock_reset(struct fz_world *world, int64_t book_ms, bool frozen)
{
    pthread_mutex_lock(&world->lock);
    set_clock(world, book_ms, frozen);
    pthread_mutex_unlock(&world->lock);
}

/* A copy, because a reset may change it at any moment. */
static void copy_key(const struct fz_world *world, unsigned char out[32])
{
    pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&world->lock;
    pthread_mutex_lock(lock);
    memcpy(out, world->key, sizeof world->key);
    pthread_mutex_unlock(lock);
}

uint64_t fz_draw(const struct fz_world *world, const char *label, int64_t row, uint64_t below)
{
    char message[80];
    unsigned char key[32], digest[EVP_MAX_MD_SIZE];
    size_t label_size = strlen(label);
    assert(label_size <= sizeof message - 8 && below > 0);
    memcpy(message, label, label_size);
    for (int i = 0; i < 8; i++)
        message[label_size + (size_t)i] = (char)((uint64_t)row >> (8 * (7 - i)));
    copy_key(world, key);
    mac(key, message, label_size + 8, digest);
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value = value << 8 | digest[i];
    return value % below; /* below is far under 2^64: the bias does not matter, these are no secrets */
}
