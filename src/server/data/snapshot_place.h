/* Where snapshots lie, and what they may be called. */
#ifndef FZ_SERVER_DATA_SNAPSHOT_PLACE_H
#define FZ_SERVER_DATA_SNAPSHOT_PLACE_H

#include <stdbool.h>

#include "base/private_file.h"

#define FZ_SNAPSHOT_NAME_SIZE 65
#define FZ_SNAPSHOT_ASKED_MAX (1 << 20) /* bytes of what stands beside its book: asked.h */
#define FZ_SNAPSHOT_NAME_RULE                                                                                                   \
    "It has 1 to 64 letters, digits, \".\", \"-\" and \"_\", and begins with a letter or a digit."

/* Whether it is a name: it is a file's, too, and none that is hidden or leads elsewhere. */
bool fz_snapshot_is_name(const char *name);

/* DIR/snapshots/NAME.db. FZ_FULL: the path is too long. */
FZ_MUST_CHECK enum fz_result fz_snapshot_path(const char *data, const char *name, char out[FZ_PATH_SIZE]);

#endif
