/* A manual page of section 1. */
#ifndef FZ_CLI_MANUAL_PAGE_H
#define FZ_CLI_MANUAL_PAGE_H

#include <stdio.h>

#include "cli/command/command.h"

/* Prints the page of a command, or of a group with all commands in it. */
void fz_manual_page(FILE *out, const struct fz_command *command);

#endif
