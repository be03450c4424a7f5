/* The commands for a server of one's own. */
#ifndef FZ_CLI_LOCAL_COMMANDS_H
#define FZ_CLI_LOCAL_COMMANDS_H

#include "cli/command/command.h"

extern const struct fz_command fz_run_command, fz_watch_command, fz_control_command;

/* Makes the commands of the control interface's rows, and puts them at the end of `list` (NULL-ended, with room for `size`).
 * One that is there already stays. */
void fz_control_commands_add(const struct fz_command **list, size_t size);

#endif
