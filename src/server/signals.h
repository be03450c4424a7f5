/* Signals are the program's that the server runs in: no thread of the server takes one. */
#ifndef FZ_SERVER_SIGNALS_H
#define FZ_SERVER_SIGNALS_H

#include <signal.h>

/* From here on this thread, and every one that comes from it, takes none but those that tell of a fault of its own.
 * `before`: what fz_signals_give_back puts back. */
void fz_signals_hold(sigset_t *before);
void fz_signals_give_back(const sigset_t *before);

#endif
