/* The file of profiles changed: one setting at a time, everything else as it was written. */
#ifndef FZ_CLI_CONFIG_EDIT_H
#define FZ_CLI_CONFIG_EDIT_H

#include <stdbool.h>

#include "base/text.h"

/* text.c: writes `old` to `out` with the setting of that profile changed to `value` (NULL: taken out). Comments, blanks and
 * the order of lines stay. */
void fz_config_edit(const char *old, const char *profile, const char *name, const char *value, struct fz_text *out);

/* file.c: the same of the file `path`, which is made (0600) if it is not there, and replaced as a whole; where the name is a
 * link, what it leads to is. False after a message: the file is as it was. */
bool fz_config_change(const char *path, const char *profile, const char *name, const char *value);

#endif
