/* The data directory that counts where none is named. */
#ifndef FZ_CLI_LOCAL_DEFAULT_DATA_H
#define FZ_CLI_LOCAL_DEFAULT_DATA_H

#include <stdbool.h>

#include "base/private_file.h"

/* $STATE_DIRECTORY, or else ${XDG_STATE_HOME:-~/.local/state}/fenzhang. False: no variable says where, or with too long a path. */
bool fz_data_default(char out[FZ_PATH_SIZE]);

#endif
