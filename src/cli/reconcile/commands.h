/* Bills against one's own records. */
#ifndef FZ_CLI_RECONCILE_COMMANDS_H
#define FZ_CLI_RECONCILE_COMMANDS_H

#include "cli/command/command.h"

extern const struct fz_command fz_reconcile_command;

#endif
