/* fenzhang completion: what a shell offers behind a tab. */
#ifndef FZ_CLI_COMPLETION_COMPLETION_H
#define FZ_CLI_COMPLETION_COMPLETION_H

#include "cli/command/command.h"

extern const struct fz_command fz_completion_command;

/* Whose words are completed: the whole program. Before the command runs. */
void fz_completion_of(const struct fz_command *program);

#endif
