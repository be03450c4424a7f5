/* The commands of the program: one file each. */
#ifndef FZ_CLI_COMMAND_H
#define FZ_CLI_COMMAND_H

#include <stddef.h>

/* A command's own main: `argv[0]` is "fenzhang NAME". Returns the exit status. */
struct fz_command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
};

int fz_serve(int argc, char **argv);
int fz_audit_command(int argc, char **argv);
int fz_ca_command(int argc, char **argv);
int fz_errors_command(int argc, char **argv);
int fz_explain_command(int argc, char **argv);
int fz_openapi_command(int argc, char **argv);

/* The data directory: `named` (NULL: ${XDG_STATE_HOME:-~/.local/state}/fenzhang) as an absolute path. New;
 * NULL after a message. */
char *fz_data_path(const char *named);

#endif
