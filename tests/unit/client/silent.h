/* A port of this machine where nobody answers. */
#ifndef FZ_UNIT_CLIENT_SILENT_H
#define FZ_UNIT_CLIENT_SILENT_H

#include <stdbool.h>

struct silent {
    int handle, fillers[4];
    char url[64];
    const char *hosts[2];
};

/* `full`: nor does anybody take connections: the kernel's queue is full, so that connecting comes to no end. */
void silent_open(struct silent *silent, bool full);
/* Nobody listens there any more: connections are refused. */
void silent_shut(struct silent *silent);
void silent_close(const struct silent *silent);

#endif
