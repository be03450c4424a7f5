/* Threads that take no signals. SIGPIPE is held like all others: a peer that goes away is an error of the write. */
#include "server/signals.h"

#include <stddef.h>

/* A fault of the thread's own ends the process, or comes to a sanitizer's handler, as it does without us. */
static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF};

void fz_signals_hold(sigset_t *before)
{
    sigset_t held;
    sigfillset(&held);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        sigdelset(&held, faults[i]);
    pthread_sigmask(SIG_BLOCK, &held, before);
}

void fz_signals_give_back(const sigset_t *before)
{
    pthread_sigmask(SIG_SETMASK, before, NULL);
}
