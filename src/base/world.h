/* The world outside the program: clocks, randomness, waiting. Nothing else in the tree asks the machine for
 * time or luck. */
#ifndef FZ_BASE_WORLD_H
#define FZ_BASE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/result.h"

/* Wire time: the machine's real clock, milliseconds since 1970 UTC. Signature window, answer headers,
 * certificates. */
int64_t fz_wire_now_ms(void);

/* Ticks: monotonic milliseconds from an arbitrary start. Deadlines and rates. */
int64_t fz_ticks_ms(void);
/* The same in microseconds, for figures. */
int64_t fz_ticks_us(void);

/* Steady time: like ticks, but it also counts while the machine sleeps. Book time runs by it. */
int64_t fz_steady_ms(void);

/* The CLOCK_MONOTONIC instant `milliseconds` from now, for pthread_cond_timedwait on a condition that was set
 * to that clock (pthread_condattr_setclock). */
struct timespec fz_ticks_after(int64_t milliseconds);

/* Unpredictable bytes, for keys, nonces and Request-ID (random.c). Aborts if the machine has none: going on
 * would be worse. */
void fz_random(void *out, size_t size);
/* `size` - 1 unpredictable characters of [0-9A-Za-z] and a NUL. */
void fz_random_text(char *out, size_t size);

/* The book's own clock and drawn values. Thread-safe. */
struct fz_world;

/* How a book clock stands; what is stored in the book. */
struct fz_clock_state {
    int64_t book_ms; /* book time at the instant `wire_ms` */
    int64_t wire_ms;
    bool frozen; /* stands still until told otherwise */
};

/* With `seeded`, drawn values follow `seed`; otherwise from `secret` (32 bytes, kept by the caller so that a
 * book draws the same again after a restart). Book time starts as real time, running. New: free with
 * fz_world_free. */
struct fz_world *fz_world_new(bool seeded, uint64_t seed, const unsigned char secret[32]);
void fz_world_free(struct fz_world *world);

/* What drawn values follow: a seed, or a secret; and which of the stories that begin there. */
struct fz_draws {
    bool seeded;
    uint64_t seed;
    const unsigned char *secret; /* 32 bytes; without a seed */
    const char *story;           /* "": the first */
};
/* From now on values are drawn so. */
void fz_world_draw_by(struct fz_world *world, const struct fz_draws *draws);

/* Book time in milliseconds since 1970 UTC. Never smaller than an answer given before, and no further than the
 * time that passed: what the machine's own clock does does not matter. It stops at the end of 9999, the last
 * year that can be written. */
int64_t fz_book_now_ms(struct fz_world *world);

/* Sets the clock as stored in the book; book time may not fall behind `floor_ms` (the last time the book
 * itself knows of). */
void fz_clock_restore(struct fz_world *world, const struct fz_clock_state *state, int64_t floor_ms);
/* How the clock stands now, to be stored. */
struct fz_clock_state fz_clock_state(struct fz_world *world);
/* Sets book time to `book_ms` (never back: a smaller value is ignored), running or frozen. */
void fz_clock_set(struct fz_world *world, int64_t book_ms, bool frozen);
/* For a sandbox's reset alone: book time starts anew and may thereby run back. */
void fz_clock_reset(struct fz_world *world, int64_t book_ms, bool frozen);

/* A number from 0 to `below` - 1 that depends on nothing but seed (or secret), story, `label` (at most 72 bytes)
 * and `row`: the first 8 bytes of HMAC-SHA-256(N, label || row), all numbers big-endian, modulo `below` (at
 * least 1); N is seed or secret, of later stories HMAC-SHA-256(seed or secret, "story " || story). So threads
 * cannot reorder what is drawn. */
uint64_t fz_draw(const struct fz_world *world, const char *label, int64_t row, uint64_t below);

#endif
