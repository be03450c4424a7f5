/* Threads that do jobs which are numbered from 0. */
#ifndef FZ_RECONCILE_PLACE_CREW_H
#define FZ_RECONCILE_PLACE_CREW_H

#include <stddef.h>

#include "reconcile/place/trouble.h"

/* What a thread has for itself: made by `begin` before its first job, ended by `end`. */
struct fz_crew_work {
    void *(*begin)(void *argument); /* NULL after trouble */
    enum fz_result (*job)(void *argument, void *own, size_t number);
    void (*end)(void *argument, void *own);
    void *argument;
};

/* Jobs begin in their order. FZ_FAILED after trouble; jobs that have not begun are then left. */
FZ_MUST_CHECK enum fz_result fz_crew_do(const struct fz_crew_work *work, size_t jobs, unsigned threads,
                                        struct fz_trouble *trouble);

#endif
