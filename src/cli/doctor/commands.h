/* fenzhang doctor. */
#ifndef FZ_CLI_DOCTOR_COMMANDS_H
#define FZ_CLI_DOCTOR_COMMANDS_H

#include "cli/command/command.h"

extern const struct fz_command fz_doctor_command;

#endif
