/* The world in which a book lives: beside the machine's clocks and randomness, a clock and draws of its own.
 *
 * There are three times. Wire time (base/clock.h) is what the machine says and what a peer checks; ticks
 * measure how long something takes; book time dates all that is in the book. Book time can be frozen, put
 * forward and, by a reset alone, put back, and it runs by what passed, not by what the machine's clock
 * says. What the sandbox leaves to chance (when a refund arrives, what a prepay_id looks like) is drawn
 * from a key, a label and a row's number: the same book draws the same again, after a restart and
 * whichever thread comes first. */
#ifndef FZ_BASE_SERVER_WORLD_H
#define FZ_BASE_SERVER_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/server/random.h"

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
    const char *story;           /* "": the first; at most 57 bytes */
};
/* From now on values are drawn so. */
void fz_world_draw_by(struct fz_world *world, const struct fz_draws *draws);

/* Book time in milliseconds since 1970 UTC. Never smaller than an answer given before, and no further
 * than the time that passed: what the machine's own clock does does not matter. It stops at the end of
 * 9999, the last year that can be written. */
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

/* A number from 0 to `below` - 1 that depends on nothing but seed (or secret), story, `label` (at most 72
 * bytes) and `row`: the first 8 bytes of HMAC-SHA-256(N, label || row), all numbers big-endian, modulo
 * `below` (at least 1); N is seed or secret, of later stories HMAC-SHA-256(seed or secret, "story " ||
 * story). So threads cannot reorder what is drawn. */
uint64_t fz_draw(const struct fz_world *world, const char *label, int64_t row, uint64_t below);

#endif
