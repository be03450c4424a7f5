/* Turns: how many of a worker's exchanges that have waited go on at once.
 *
 * A commit ends the waiting of dozens, and an answer is dear: it has to be signed. A worker that signed them all before it
 * looked at what has come meanwhile would leave the writer without work, and then itself, until the next commit. So a few
 * go on, new requests come in between, and each that went on lets the next one go. */
#ifndef FZ_SERVER_WORK_TURNS_H
#define FZ_SERVER_WORK_TURNS_H

#include <pthread.h>
#include <stdbool.h>

#define FZ_TURNS_AT_ONCE 4

/* Whoever waits. Zero-initialise. */
struct fz_turn {
    bool has_it; /* it went on, and has not let the next one go yet */
    struct fz_turn *next;
};

struct fz_turns {
    pthread_mutex_t lock;
    unsigned out; /* that have it */
    struct fz_turn *first, *last;
};

void fz_turns_open(struct fz_turns *turns);
void fz_turns_close(struct fz_turns *turns);
/* The waiting of `turn` is over. True: it goes on now; false: fz_turns_pass will return it. From any thread. */
bool fz_turns_take(struct fz_turns *turns, struct fz_turn *turn);
/* Gives back the turn, if it has it; who goes on instead, or NULL. */
struct fz_turn *fz_turns_pass(struct fz_turns *turns, struct fz_turn *turn);

#endif
