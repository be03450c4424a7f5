/* The commands that fetch bills. */
#ifndef FZ_CLI_BILL_COMMANDS_H
#define FZ_CLI_BILL_COMMANDS_H

#include "cli/command/command.h"

extern const struct fz_command fz_bill_command;

#endif
