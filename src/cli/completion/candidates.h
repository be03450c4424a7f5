/* What can stand next on a command line. */
#ifndef FZ_CLI_COMPLETION_CANDIDATES_H
#define FZ_CLI_COMPLETION_CANDIDATES_H

#include "cli/command/command.h"

/* Prints each as "word TAB what it is", of those that begin as the last of `words` does: it is the one that is being typed.
 * None: a file's name belongs there, or something that nobody can know. */
void fz_candidates_print(const struct fz_command *program, int count, char **words);

#endif
