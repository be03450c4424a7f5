/* fenzhang config: the file of profiles. */
#ifndef FZ_CLI_CONFIG_CONFIG_H
#define FZ_CLI_CONFIG_CONFIG_H

#include "cli/command/command.h"

extern const struct fz_command fz_config_command;

#endif
