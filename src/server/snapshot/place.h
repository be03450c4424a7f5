/* Where snapshots lie, and what they may be called. */
#ifndef FZ_SERVER_SNAPSHOT_PLACE_H
#define FZ_SERVER_SNAPSHOT_PLACE_H

#include <stdbool.h>

#include "base/private_file.h"

#define FZ_SNAPSHOT_NAME_SIZE 65
#define FZ_SNAPSHOT_NAME_RULE                                                                                                   \
    "It has 1 to 64 letters, digits, \".\", \"-\" and \"_\", and begins with a letter or a digit."

/* Whether it is a name: it is a file's, too, and none that is hidden or leads elsewhere. */
bool fz_snapshot_is_name(const char *name);

/* DIR/snapshots/NAME, and the book in it. FZ_FULL: the path is too long. */
FZ_MUST_CHECK enum fz_result fz_snapshot_directory(const char *data, const char *name, char out[FZ_PATH_SIZE]);
FZ_MUST_CHECK enum fz_result fz_snapshot_book(const char *data, const char *name, char out[FZ_PATH_SIZE]);

#endif
