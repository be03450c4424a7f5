/* The commands of `fenzhang config`, and what they share. */
#ifndef FZ_CLI_CONFIG_COMMANDS_H
#define FZ_CLI_CONFIG_COMMANDS_H

#include "cli/command/command.h"
#include "cli/profile/settings.h"

extern const struct fz_command fz_config_list_command, fz_config_get_command, fz_config_set_command, fz_config_unset_command,
    fz_config_path_command;

/* The setting of that name; FZ_SETTING_COUNT after a message. */
enum fz_setting fz_config_setting(const char *name);

#endif
