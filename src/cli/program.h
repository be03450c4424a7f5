/* The program whole: its table of commands. */
#ifndef FZ_CLI_PROGRAM_H
#define FZ_CLI_PROGRAM_H

#include "cli/command/command.h"

/* The group of all commands. Once. */
const struct fz_command *fz_program(void);

#endif
