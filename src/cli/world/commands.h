/* The commands of `fenzhang world`. */
#ifndef FZ_CLI_WORLD_COMMANDS_H
#define FZ_CLI_WORLD_COMMANDS_H

#include "cli/command/command.h"

extern const struct fz_command fz_world_command, fz_world_check_command, fz_world_export_command, fz_world_schema_command;

#endif
