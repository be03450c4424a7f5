/* The data directory that counts where none is named. */
#include "cli/local/default_data.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* A service of systemd has a StateDirectory=, of several the first is meant. Else the XDG base directory specification: a relative
 * XDG_STATE_HOME counts as not set. */
bool fz_data_default(char out[FZ_PATH_SIZE])
{
    const char *service = getenv("STATE_DIRECTORY"), *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (service != NULL && service[0] == '/')
        return fz_copy_part(out, FZ_PATH_SIZE, service, strcspn(service, ":"));
    if (state != NULL && state[0] == '/')
        return fz_path_join(out, state, "fenzhang") == FZ_OK;
    return home != NULL && home[0] == '/' && fz_path_join(out, home, ".local/state/fenzhang") == FZ_OK;
}
