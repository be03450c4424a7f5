/* The commands for a server of one's own. */
#ifndef FZ_CLI_LOCAL_COMMANDS_H
#define FZ_CLI_LOCAL_COMMANDS_H

#include "cli/command/command.h"

extern const struct fz_command fz_run_command;

#endif
