/* What the system says of this process, under the names that every Prometheus client uses (process_*). */
#ifndef FZ_SERVER_FIGURES_PROCESS_H
#define FZ_SERVER_FIGURES_PROCESS_H

#include "base/text.h"

/* As Prometheus text; what the system does not tell is left out. `started_ms`: wire time. */
void fz_process_figures_write(struct fz_text *text, int64_t started_ms);

#endif
