/* The data directory that counts where none is named. */
#include "cli/local/default_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *below(const char *directory, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

/* A service of systemd has a StateDirectory=, of several the first is meant. Else the XDG base directory specification: a relative
 * XDG_STATE_HOME counts as not set. */
char *fz_data_default(void)
{
    const char *service = getenv("STATE_DIRECTORY"), *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (service != NULL && service[0] == '/')
        return strndup(service, strcspn(service, ":"));
    if (state != NULL && state[0] == '/')
        return below(state, "fenzhang");
    return home != NULL && home[0] == '/' ? below(home, ".local/state/fenzhang") : NULL;
}
