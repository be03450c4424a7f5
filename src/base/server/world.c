/* The book's world: one lock over its clock and over the key of its draws, for a reset changes both while
 * requests read them. */
#include "base/server/world.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"

struct fz_world {
    pthread_mutex_t lock;
    int64_t offset_ms; /* running: book = steady time + offset */
    int64_t frozen_ms; /* frozen: book = this */
    bool frozen;
    /* HMAC-SHA256 with the draws' key: to look it up and key it anew would cost ten times a draw. */
    EVP_MAC_CTX *draws;
};

struct fz_world *fz_world_new(bool seeded, uint64_t seed, const unsigned char secret[32])
{
    struct fz_world *world = calloc(1, sizeof *world);
    if (world == NULL)
        return NULL;
    pthread_mutex_init(&world->lock, NULL);
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    world->draws = hmac == NULL ? NULL : EVP_MAC_CTX_new(hmac);
    EVP_MAC_free(hmac);
    if (world->draws == NULL) {
        fz_world_free(world);
        return NULL;
    }
    fz_clock_reset(world, fz_wire_now_ms(), false);
    fz_world_draw_by(world,
                     &(struct fz_draws){.seeded = seeded, .seed = seed, .secret = secret, .story = ""});
    return world;
}

/* Memory that is gone in the middle of a transaction ends the process: the book's own log brings it back. */
static void must(int done)
{
    if (done != 1)
        abort();
}

static void set_key(EVP_MAC_CTX *draws, const unsigned char key[32])
{
    const OSSL_PARAM sha256[] = {OSSL_PARAM_utf8_string("digest", "SHA256", 6), OSSL_PARAM_END};
    must(EVP_MAC_init(draws, key, 32, sha256));
}

static void mac(EVP_MAC_CTX *draws, const char *message, size_t size, unsigned char out[32])
{
    size_t out_size;
    must(EVP_MAC_init(draws, NULL, 0, NULL)); /* with the key that it has */
    must(EVP_MAC_update(draws, (const unsigned char *)message, size));
    must(EVP_MAC_final(draws, out, &out_size, 32));
}

void fz_world_draw_by(struct fz_world *world, const struct fz_draws *draws)
{
    unsigned char key[32] = {0};
    for (int i = 0; draws->seeded && i < 8; i++)
        key[i] = (unsigned char)(draws->seed >> (8 * (7 - i)));
    if (!draws->seeded)
        memcpy(key, draws->secret, sizeof key);
    pthread_mutex_lock(&world->lock);
    set_key(world->draws, key);
    if (draws->story[0] != '\0') {
        char message[64];
        int size = snprintf(message, sizeof message, "story %s", draws->story);
        assert(size > 0 && (size_t)size < sizeof message);
        mac(world->draws, message, (size_t)size, key);
        set_key(world->draws, key);
    }
    pthread_mutex_unlock(&world->lock);
    OPENSSL_cleanse(key, sizeof key);
}

void fz_world_free(struct fz_world *world)
{
    if (world == NULL)
        return;
    pthread_mutex_destroy(&world->lock);
    EVP_MAC_CTX_free(world->draws); /* OpenSSL wipes the key that it holds */
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

uint64_t fz_draw(const struct fz_world *world, const char *label, int64_t row, uint64_t below)
{
    char message[80];
    unsigned char digest[32];
    size_t label_size = strlen(label);
    assert(label_size <= sizeof message - 8 && below > 0);
    memcpy(message, label, label_size);
    for (int i = 0; i < 8; i++)
        message[label_size + (size_t)i] = (char)((uint64_t)row >> (8 * (7 - i)));
    /* A reset may change the key at any moment. */
    pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&world->lock;
    pthread_mutex_lock(lock);
    mac(world->draws, message, label_size + 8, digest);
    pthread_mutex_unlock(lock);
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value = value << 8 | digest[i];
    return value % below; /* below is far under 2^64: the bias does not matter, these are no secrets */
}
