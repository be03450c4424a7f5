/* The data directory of a server, as a command is told it. */
#ifndef FZ_CLI_SERVER_DATA_PATH_H
#define FZ_CLI_SERVER_DATA_PATH_H

#include <stdbool.h>

#include "base/private_file.h"

/* `named` (NULL: $STATE_DIRECTORY, or else ${XDG_STATE_HOME:-~/.local/state}/fenzhang) as an absolute path. False after a message. */
bool fz_data_path(const char *named, char out[FZ_PATH_SIZE]);
/* Whether what lies in `data` as its book is one, as far as its first bytes tell. No book at all is no fault. False after a
 * message. */
bool fz_data_is_readable(const char *data);

/* ca_slip.c: whether a CA is to be made in `data`, which has none. False after a message: the name looks like a slip. */
bool fz_ca_is_meant(const char *data);

#endif
