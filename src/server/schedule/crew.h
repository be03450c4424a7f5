/* What is due, where several processes have the book: several events at once, each in a transaction of its own. */
#ifndef FZ_SERVER_SCHEDULE_CREW_H
#define FZ_SERVER_SCHEDULE_CREW_H

#include "book/event.h"

#define FZ_LANES 8 /* at once: half of what a store writes side by side */

struct fz_crew;

/* NULL: memory is short. New: free with fz_crew_free. */
struct fz_crew *fz_crew_new(struct fz_store *store);
void fz_crew_free(struct fz_crew *crew); /* NULL is allowed */

struct fz_crew_outcome {
    uint64_t ran, aside;
    bool troubled; /* some have failed, and are tried again a little later */
    enum fz_result result; /* FZ_OK; FZ_FULL: many writes wait; FZ_FAILED: the book cannot be written */
    char issue[256];
};
/* Runs what is due by now from `next` on, on as many lanes as are due, and waits: for a tenth of a second, if there is so much. */
void fz_crew_run(struct fz_crew *crew, const struct fz_event_next *next, struct fz_crew_outcome *out);

#endif
