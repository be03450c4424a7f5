/* What every command line has in common: help, options that are not there, words that nobody wants. */
#include <argp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/command/command.h"

#define LAST_GROUP (-1)

#define HELP_WIDTH       132 /* at most, and where there is no terminal */
#define HELP_WIDTH_LEAST 60

enum { KEY_HELP = 'h', KEY_QUESTION = '?', KEY_VERSION = 'V', KEY_USAGE = 0x1000 };

static const struct argp_option common_options[] = {
    {"help", KEY_HELP, NULL, 0, "Prints this and ends", LAST_GROUP},
    {NULL, KEY_QUESTION, NULL, OPTION_HIDDEN, NULL, LAST_GROUP},
    {"usage", KEY_USAGE, NULL, 0, "Prints the options in short and ends", LAST_GROUP},
    {"version", KEY_VERSION, NULL, 0, "Prints the version and ends", LAST_GROUP},
    {0}};

const struct argp_option *fz_common_options(void)
{
    return common_options;
}

/* What a command line is read by: the command's own options, those that it shares with others, those that all have. Tables
 * that are not there are empty ones. */
enum { OWN, SHARED, COMMON, TABLES };
struct reading {
    const struct argp_option *tables[TABLES];
    void *inputs[TABLES];
};

static bool is_end(const struct argp_option *option)
{
    return option->name == NULL && option->key == 0 && option->doc == NULL;
}

static void try_all(struct fz_nearest *nearest, const struct argp_option *options)
{
    for (const struct argp_option *at = options; !is_end(at); at++)
        if (at->name != NULL)
            fz_nearest_try(nearest, at->name);
}

static bool has_long(const struct argp_option *options, const char *name)
{
    for (const struct argp_option *at = options; !is_end(at); at++)
        if (at->name != NULL && strcmp(at->name, name) == 0)
            return true;
    return false;
}

/* Two dashes may be missing, or the option that it is the value of. */
static void refuse_word(const struct argp_state *state, const char *word)
{
    const struct reading *reading = state->input;
    struct fz_nearest nearest = {.word = word};
    try_all(&nearest, reading->tables[OWN]);
    bool is_path = strchr(word, '/') != NULL || (nearest.best != NULL && strcmp(nearest.best, "data") == 0);
    if (nearest.best != NULL && !is_path)
        argp_error(state, "there is nothing to do with `%s'. Did you mean --%s?", word, nearest.best);
    else if (has_long(reading->tables[OWN], "data"))
        argp_error(state, "there is nothing to do with `%s'. If it is the data directory, write --data %s", word, word);
    else
        argp_error(state, "there is nothing to do with `%s'", word);
}

static error_t take_common(int key, char *argument, struct argp_state *state)
{
    switch (key) {
    case KEY_HELP:
    case KEY_QUESTION:
        argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
        return 0;
    case KEY_USAGE:
        argp_state_help(state, stdout, ARGP_HELP_USAGE | ARGP_HELP_EXIT_OK);
        return 0;
    case KEY_VERSION:
        puts("fenzhang " FZ_VERSION);
        exit(FZ_EXIT_DONE);
    case ARGP_KEY_ARG:
        refuse_word(state, argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- options that are not there ---- */

/* How many long options begin with the first `size` letters of `name`, and the one that was meant: getopt_long takes a
 * name that is whole, or the beginning of a single one. */
static int count_long(const struct argp_option *options, const char *name, size_t size,
                      const struct argp_option **out)
{
    int count = 0;
    for (const struct argp_option *at = options; !is_end(at); at++) {
        if (at->name == NULL || strncmp(at->name, name, size) != 0)
            continue;
        *out = at;
        if (at->name[size] == '\0')
            return 1;
        count++;
    }
    return count;
}

static int count_all(const struct reading *reading, const char *name, size_t size, const struct argp_option **out)
{
    int count = 0;
    for (int i = 0; i < TABLES; i++) {
        count += count_long(reading->tables[i], name, size, out);
        if (count > 0 && (*out)->name[size] == '\0')
            return 1;
    }
    return count;
}

static const struct argp_option *find_short(const struct reading *reading, char letter)
{
    for (int i = 0; i < TABLES; i++)
        for (const struct argp_option *at = reading->tables[i]; !is_end(at); at++)
            if (at->key == letter)
                return at;
    return NULL;
}

static void __attribute__((noreturn)) refuse(const char *command, const char *word, size_t size, const char *meant)
{
    fprintf(stderr, "%s: there is no option `%.*s'.", command, (int)size, word);
    if (meant != NULL)
        fprintf(stderr, " Did you mean --%s?", meant);
    fprintf(stderr, "\nTry `%s --help'.\n", command);
    exit(FZ_EXIT_TROUBLE);
}

/* What other programs call an option that the command has; NULL: nothing. */
static const char *usual_name(const struct argp_option *own, const char *wrong)
{
    static const char *const names[][2] = {{"port", "listen"},    {"bind", "listen"},  {"host", "listen"},
                                           {"address", "listen"}, {"dir", "data"},     {"directory", "data"},
                                           {"db", "store"},       {"cert", "tls-cert"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i][0], wrong) == 0 && has_long(own, names[i][1]))
            return names[i][1];
    return NULL;
}

/* Whether the option behind the two dashes takes the next word, too. */
static bool check_long(const struct reading *reading, const char *command, const char *word)
{
    const struct argp_option *found = NULL;
    const char *name = word + 2;
    size_t size = strcspn(name, "=");
    if (count_all(reading, name, size, &found) > 0)
        return found->arg != NULL && name[size] == '\0';
    char wrong[64];
    snprintf(wrong, sizeof wrong, "%.*s", (int)size, name);
    struct fz_nearest nearest = {.word = wrong, .best = usual_name(reading->tables[OWN], wrong)};
    for (int i = 0; i < TABLES; i++)
        try_all(&nearest, reading->tables[i]);
    refuse(command, word, size + 2, nearest.best);
}

/* The same for letters behind one dash. A long name behind one dash would be taken for letters: -data X for -d ata. */
static bool check_short(const struct reading *reading, const char *command, const char *word)
{
    const struct argp_option *whole = NULL;
    size_t size = strcspn(word + 1, "=");
    if (size > 1 && count_all(reading, word + 1, size, &whole) == 1 && whole->name[size] == '\0')
        refuse(command, word, size + 1, whole->name);
    for (const char *at = word + 1; *at != '\0'; at++) {
        const struct argp_option *option = find_short(reading, *at);
        if (option == NULL)
            refuse(command, word, strlen(word), NULL);
        if (option->arg != NULL)
            return at[1] == '\0';
    }
    return false;
}

/* Before argp parses them, because it cannot say what may have been meant. */
static void check_options(const struct reading *reading, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *word = argv[i];
        if (word[0] != '-' || word[1] == '\0')
            continue;
        if (word[1] == '-' ? check_long(reading, argv[0], word) : check_short(reading, argv[0], word))
            i++;
    }
}

/* ---- parsing ---- */

/* argp hands what it was given to the outermost parser alone: each table has its own. */
static error_t hand_on(int key, char *argument, struct argp_state *state)
{
    struct reading *reading = state->input;
    (void)argument;
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    for (int i = 0; i < TABLES; i++)
        state->child_inputs[i] = reading->inputs[i];
    return 0;
}

/* As wide as the terminal, within reason: an example that was broken into two lines cannot be pasted. */
static void set_help_format(void)
{
    struct winsize screen;
    char format[64];
    int columns = ioctl(STDOUT_FILENO, TIOCGWINSZ, &screen) == 0 && screen.ws_col > 0 ? screen.ws_col : HELP_WIDTH;
    columns = columns < HELP_WIDTH_LEAST ? HELP_WIDTH_LEAST : columns > HELP_WIDTH ? HELP_WIDTH : columns;
    snprintf(format, sizeof format, "no-dup-args-note,rmargin=%d", columns - 1);
    setenv("ARGP_HELP_FMT", format, 0);
}

static void parse(const struct argp *own, const struct argp *shared, int argc, char **argv, struct reading *reading)
{
    static const struct argp common = {common_options, take_common, NULL, NULL, NULL, NULL, NULL};
    struct argp bare = {own->options, own->parser, NULL, NULL, NULL, NULL, NULL};
    const struct argp_child children[] = {{&bare, 0, NULL, 0}, {shared, 0, NULL, 0}, {&common, 0, NULL, 0}, {0}};
    const struct argp whole = {NULL, hand_on, own->args_doc, own->doc, children, own->help_filter, NULL};
    argp_err_exit_status = FZ_EXIT_TROUBLE;
    set_help_format();
    check_options(reading, argc, argv);
    if (argp_parse(&whole, argc, argv, ARGP_NO_HELP, NULL, reading) != 0)
        exit(FZ_EXIT_TROUBLE);
}

void fz_arguments_parse_shared(const struct fz_command *command, int argc, char **argv, void *input, void *shared_input)
{
    static const struct argp_option no_options[] = {{0}};
    static const struct argp nothing = {0}; /* with an empty table for options, argp would leak when it prints help */
    const struct argp *own = command->argp, *shared = command->shared == NULL ? &nothing : command->shared;
    struct reading reading = {{own->options == NULL ? no_options : own->options,
                               shared->options == NULL ? no_options : shared->options, common_options},
                              {input, shared_input, NULL}};
    reading.inputs[COMMON] = &reading;
    parse(own, shared, argc, argv, &reading);
}

void fz_arguments_parse(const struct argp *argp, int argc, char **argv, void *input)
{
    fz_arguments_parse_shared(&(struct fz_command){.argp = argp}, argc, argv, input, NULL);
}
