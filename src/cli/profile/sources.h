/* Where settings come from. */
#ifndef FZ_CLI_PROFILE_SOURCES_H
#define FZ_CLI_PROFILE_SOURCES_H

#include <stdbool.h>

#include "cli/profile/settings.h"

/* env_file.c: from a demo.env. `prefix` (NULL: none) is a word like "direct": names that begin with DIRECT_ go before those
 * that do not. False after a message. */
bool fz_settings_of_env_file(const char *path, const char *prefix, struct fz_settings *out);

/* Whether it has such a merchant: DIRECT_MCHID. */
bool fz_env_file_names(const char *path, const char *prefix);

/* variables.c: from the environment, FENZHANG_…. */
void fz_settings_of_environment(struct fz_settings *out);

/* config_file.c: `${XDG_CONFIG_HOME:-~/.config}/fenzhang/config`. New; NULL after a message. */
char *fz_config_path(void);
/* From the profile of that name in it. A file or profile that is not there says nothing, unless `must_exist`. False after a
 * message. */
bool fz_settings_of_config(const char *name, bool must_exist, struct fz_settings *out);
/* Calls `found` for each profile of the file, in its order. False after a message. */
bool fz_config_each(void (*found)(void *argument, const char *name), void *argument);

/* private.c: says on standard error that others can read what is in `path`, if they can. */
void fz_warn_of_readers(const char *path, const char *what);

#endif
