/* The bill lab: bills and records with known differences, and how well a reconciler finds them. */
#ifndef FZ_CLI_LAB_COMMANDS_H
#define FZ_CLI_LAB_COMMANDS_H

#include "cli/command/command.h"

extern const struct fz_command fz_lab_command;

/* The members of that group. */
extern const struct fz_command fz_lab_bills_command, fz_lab_score_command;

#endif
