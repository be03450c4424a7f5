/* The commands that call the API. */
#ifndef FZ_CLI_API_COMMANDS_H
#define FZ_CLI_API_COMMANDS_H

#include "cli/command/command.h"

extern const struct fz_command fz_balance_command, fz_amounts_command;

#endif
