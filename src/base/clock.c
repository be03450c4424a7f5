/* The machine's clocks: the only file that asks for the time. */
#include "base/clock.h"

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

void fz_ticks_condition_init(pthread_cond_t *out)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(out, &attributes);
    pthread_condattr_destroy(&attributes);
}
