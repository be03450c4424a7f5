/* The commands of the program: a row each, in a file of its own; and what they share. */
#ifndef FZ_CLI_COMMAND_COMMAND_H
#define FZ_CLI_COMMAND_COMMAND_H

#include <argp.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Exit statuses, the same for every command. */
enum {
    FZ_EXIT_DONE = 0,    /* or all agrees */
    FZ_EXIT_DIFFERS = 1, /* what was looked at is not as it should be: a book that is not sound, a signature that is wrong */
    FZ_EXIT_REFUSED = FZ_EXIT_DIFFERS, /* the API looked at the request and refused it */
    FZ_EXIT_TROUBLE = 2, /* what was asked for could not be done: usage, network, files, an answer that does not verify */
    FZ_EXIT_UNKNOWN = 3, /* a write may have been done, or not */
};

/* A command, `fenzhang refund show`, or a group of them, `fenzhang refund`. Help, completion and manual pages are made from
 * these rows and their argp. */
struct fz_command {
    const char *name;
    const char *summary; /* one line of the list of commands */
    const char *heading; /* above it in that list; NULL: it belongs to those before it */
    /* Of a command: its options, words (args_doc), description and examples ("what it does\vExamples:\n  fenzhang …"). */
    const struct argp *argp;
    const struct argp *shared; /* options that it has in common with others (fz_caller_argp); NULL: none */
    int (*run)(int argc, char **argv); /* its own main: `argv[0]` is "fenzhang NAME". Gives the exit status */
    bool may_lose_output; /* it has done its job even where nobody could be told */
    /* Of a group: its commands, NULL-ended; and for its help */
    const struct fz_command *const *members;
    const char *about;      /* what they are; NULL: the summary */
    const char *examples;   /* lines; NULL: none */
    const char *begin_with; /* the command for who does not know any; NULL: none */
};

/* dispatch.c: runs the command of `group` that argv[1] names. `name` is how the group is called: "fenzhang refund". What was
 * printed and could not be written is told at the end, for every command alike. */
int fz_dispatch(const struct fz_command *group, const char *name, int argc, char **argv);

/* arguments.c: parses the arguments of a command as its row's `argp` says, with `input`, and as its `shared` says, with
 * `shared_input`. -h, --usage and --version are added here, and so are the refusals of an option that is not there and of a
 * word that the command has no use for: one that takes words handles ARGP_KEY_ARG. Does not return when it printed
 * something. */
void fz_arguments_parse_shared(const struct fz_command *command, int argc, char **argv, void *input, void *shared_input);
/* The same of a command without shared options. */
void fz_arguments_parse(const struct argp *argp, int argc, char **argv, void *input);
/* The options that every command has: --help … NULL-ended as argp has them. */
const struct argp_option *fz_common_options(void);

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

#endif
