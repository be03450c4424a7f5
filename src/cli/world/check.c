/* fenzhang world check: a world read, and told into a book that is thrown away. */
#include <stdio.h>

#include "cli/world/commands.h"
#include "server/birth/trial.h"
#include "server/control/calls/world_faults.h"

#define FILES_MAX 1000

struct options {
    const char *files[FILES_MAX];
    size_t count;
};

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct options *into = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        if (into->count == FILES_MAX)
            argp_error(state, "at most %d files at a time", FILES_MAX);
        into->files[into->count++] = argument;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "a file is missing: fenzhang world check FILE");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    NULL,
    take_option,
    "FILE...",
    "Looks at worlds: whether they are YAML, whether every member has a meaning and a value that can be, and whether the story can "
    "be told, by telling it into a book that is thrown away. The first fault of each is said with file, line and column, why, and "
    "what to do. Times in it that follow the calendar are those of this moment.\v"
    "Examples:\n"
    "  fenzhang world check shop.yaml\n"
    "  fenzhang world check worlds/*.yaml\n"
    "\n"
    "Exit status: 0 all can be told; 1 one cannot; 2 a file cannot be read.",
    NULL,
    NULL,
    NULL};

/* Gives the exit status. */
static int check(const char *path)
{
    struct fz_world_file *file = NULL;
    struct fz_world_fault fault = {0};
    char why[FZ_WORLD_WHY_SIZE];
    enum fz_result reading = fz_world_file_read(path, &file, &fault), result = reading;
    if (result == FZ_OK)
        result = fz_world_faults_check(file, &fault);
    if (result == FZ_OK)
        result = fz_world_try(file, &fault);
    fz_world_file_free(file);
    if (result == FZ_OK) {
        printf("%s can be told.\n", path);
        return FZ_EXIT_DONE;
    }
    fz_world_fault_write(&fault, path, why, sizeof why);
    fprintf(stderr, "%s\n", why);
    return reading == FZ_FAILED ? FZ_EXIT_TROUBLE : FZ_EXIT_DIFFERS;
}

static int run(int argc, char **argv)
{
    static struct options with;
    fz_arguments_parse(&argp, argc, argv, &with);
    int status = FZ_EXIT_DONE;
    for (size_t i = 0; i < with.count; i++) {
        int one = check(with.files[i]);
        status = one > status ? one : status;
    }
    return status;
}

const struct fz_command fz_world_check_command = {
    .name = "check",
    .summary = "looks whether a world can be told, and says where not",
    .argp = &argp,
    .run = run,
};
