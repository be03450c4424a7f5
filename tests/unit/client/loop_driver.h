/* Loops of several kinds, of which each test takes one turn after another. */
#ifndef LOOP_DRIVER_H
#define LOOP_DRIVER_H

#include "fenzhang/loop.h"

/* One loop of the kind is open at a time. A turn waits for an event, at most 50 ms or so; without one the
 * library is not told anything. */
struct loop_driver {
    const char *name;
    fz_loop *(*open)(fz_client *client);
    void (*turn)(void);
    void (*close)(void); /* frees the loop */
};

extern const struct loop_driver by_descriptor, by_epoll;
/* NULL-ended: those above, and those of libraries that are there. */
extern const struct loop_driver *const loop_drivers[];

/* ---- a loop that does what it must not, or what it may to no good ---- */

enum hostility {
    HOSTILE_NOT = 0,
    HOSTILE_EARLY = 1,    /* timers come before their time, and many times */
    HOSTILE_LATE = 2,     /* timers come 50 ms after their time at the soonest */
    HOSTILE_SPURIOUS = 4, /* what is watched is said to be ready for all when it is not */
    HOSTILE_STRANGE = 8,  /* what was never watched, or is not watched any more, is said to be ready */
    HOSTILE_WITHIN = 16,  /* the loop is called from within the hooks */
    HOSTILE_CUTS = 32,    /* now and then a socket is shut down, or is another all of a sudden */
    HOSTILE_ALL = 61      /* but late and early at once, which cannot be */
};

extern const struct loop_driver by_hostile;
extern int hostility;
/* What is watched, and whether a timer is set: after fz_loop_free nothing may be. */
int hostile_watched(void);
bool hostile_timer_is_set(void);
/* How often a timer came at its time. */
int hostile_timers_that_came(void);

#endif
