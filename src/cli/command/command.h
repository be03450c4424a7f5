/* The commands of the program: one file each; and what they share. */
#ifndef FZ_CLI_COMMAND_H
#define FZ_CLI_COMMAND_H

#include <argp.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Exit statuses, the same for every command. */
enum {
    FZ_EXIT_DONE = 0,    /* or all agrees */
    FZ_EXIT_DIFFERS = 1, /* what was looked at is not as it should be: a book that is not sound, a signature that is wrong */
    FZ_EXIT_TROUBLE = 2, /* what was asked for could not be done: usage, network, files */
};

/* A command's own main: `argv[0]` is "fenzhang NAME". Returns the exit status. */
struct fz_command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
};

int fz_serve(int argc, char **argv);
int fz_audit_command(int argc, char **argv);
int fz_ca_command(int argc, char **argv);
int fz_env_command(int argc, char **argv);
int fz_errors_command(int argc, char **argv);
int fz_explain_command(int argc, char **argv);
int fz_openapi_command(int argc, char **argv);

/* arguments.c: parses the arguments of a command as its `argp` says. -h, --usage and --version are added here, and so
 * are the refusals of an option that is not there and of a word that the command has no use for. Does not return when
 * it printed something. */
void fz_arguments_parse(const struct argp *argp, int argc, char **argv, void *input);

/* print_json.c: prints `value`, which it takes over (NULL: memory was short), and a line feed. Gives the exit status; what
 * cannot be written is told at the end, for every command alike. */
int fz_print_json(json_t *value);

/* nearest.c: looks for the word that somebody may have meant. Zero-initialise but for `word`; then `best` is NULL
 * until one that is near enough was tried. */
struct fz_nearest {
    const char *word, *best;
    size_t distance; /* of `best` */
};
void fz_nearest_try(struct fz_nearest *nearest, const char *candidate);

/* ca_slip.c: whether a CA is to be made in `data`, which has none. False after a message: the name looks like a slip. */
bool fz_ca_is_meant(const char *data);

/* data_path.c: the data directory: `named` (NULL: ${XDG_STATE_HOME:-~/.local/state}/fenzhang) as an absolute path. New;
 * NULL after a message. */
char *fz_data_path(const char *named);
/* Whether what lies in `data` as its book is one, as far as its first bytes tell. No book at all is no fault. False after a
 * message. */
bool fz_data_is_readable(const char *data);

#endif
