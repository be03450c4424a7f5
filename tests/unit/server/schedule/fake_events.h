/* Events that do nothing but say when they ran. They stand in for those of the book: neither src/book/event.c nor
 * src/book/due is linked into these tests. */
#ifndef FAKE_EVENTS_H
#define FAKE_EVENTS_H

#include <semaphore.h>

#include "book/event.h"

enum fake_kind {
    FAKE_NOTE = 1, /* says at what book time it ran */
    FAKE_CHAIN,    /* the same, and plans a note a second after its own due time */
    FAKE_GATE,     /* posts `gate_reached` and waits for `gate_open` first */
    FAKE_FAILURE,  /* fails, and counts `fake_fails` down, until that is 0 */
    FAKE_SLOW_CALLBACK /* somebody is to be told of it at once; and it takes longer than a batch may */
};

extern sem_t gate_reached, gate_open;
extern _Atomic int fake_fails;

/* Plans an event: to be called as work, or within one. */
struct fake_plan {
    enum fake_kind kind;
    int64_t due_ms;
};
enum fz_result fake_plan(struct fz_tx *tx, void *plan);

/* How many ran, and when the one that ran as number `index` did. */
struct fake_past {
    int64_t count;
    int64_t times_ms[2000];
};
enum fz_result fake_read_past(struct fz_tx *tx, void *past);

#endif
