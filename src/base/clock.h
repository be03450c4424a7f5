/* The machine's clocks. Nothing else asks it for the time. */
#ifndef FZ_BASE_CLOCK_H
#define FZ_BASE_CLOCK_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/* Wire time: the machine's real clock, milliseconds since 1970 UTC. Signature window, answer headers,
 * certificates. */
int64_t fz_wire_now_ms(void);

/* Ticks: monotonic milliseconds from an arbitrary start. Deadlines and rates. */
int64_t fz_ticks_ms(void);
/* The same in microseconds, for figures. */
int64_t fz_ticks_us(void);

/* Steady time: like ticks, but it also counts while the machine sleeps. The server's book time runs by it. */
int64_t fz_steady_ms(void);

/* The instant `milliseconds` from now, for pthread_cond_timedwait on a condition that goes by ticks. */
struct timespec fz_ticks_after(int64_t milliseconds);
/* Makes such a condition: the usual ones go by the real clock, which can be set. To be destroyed. */
void fz_ticks_condition_init(pthread_cond_t *out);

#endif
