/* fenzhang replay. */
#ifndef FZ_CLI_REPLAY_COMMANDS_H
#define FZ_CLI_REPLAY_COMMANDS_H

#include "cli/command/command.h"

extern const struct fz_command fz_replay_command;

#endif
