/* Finds the command that is meant, in a group of them, and runs it; the help of groups. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command/command.h"

/* A group as it was called: "fenzhang refund". */
struct called {
    const struct fz_command *group;
    const char *name;
};

static const struct fz_command *find(const struct fz_command *group, const char *word)
{
    for (const struct fz_command *const *at = group->members; *at != NULL; at++)
        if (strcmp(word, (*at)->name) == 0)
            return *at;
    return NULL;
}

/* ---- the output's end ---- */

/* Who reads a pipe has read enough: `fenzhang errors | head -1`. */
static bool is_read_no_more(void)
{
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

/* What was printed may still be on its way: a disk that is full shows now. */
static int finish(int status)
{
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (written || status == FZ_EXIT_TROUBLE || is_read_no_more())
        return status;
    fputs("fenzhang: the output could not be written. Look at where it goes.\n", stderr);
    return status == FZ_EXIT_UNKNOWN ? status : FZ_EXIT_TROUBLE;
}

/* ---- help ---- */

static void print_help(const struct called *called)
{
    const struct fz_command *group = called->group;
    printf("Usage: %s COMMAND [OPTION...]\n%s\n", called->name, group->about == NULL ? group->summary : group->about);
    for (const struct fz_command *const *at = group->members; *at != NULL; at++) {
        if ((*at)->heading != NULL)
            printf("\n%s:\n", (*at)->heading);
        else if (at == group->members)
            putchar('\n');
        printf("  %-13s %s\n", (*at)->name, (*at)->summary);
    }
    printf("\n  %s COMMAND -h   tells about a command\n", called->name);
    if (group->examples != NULL)
        printf("\nExamples:\n%s", group->examples);
}

/* The names of all of them, for who mistook one. */
static void list_names(const struct called *called)
{
    fputs("\nThe commands are", stderr);
    for (const struct fz_command *const *at = called->group->members; *at != NULL; at++)
        fprintf(stderr, "%s %s", at == called->group->members ? "" : ",", (*at)->name);
    fprintf(stderr, "; `%s -h' tells what they do.\n", called->name);
}

static int no_command(const struct called *called, const char *word)
{
    struct fz_nearest nearest = {.word = word};
    if (word[0] == '-') {
        fprintf(stderr, "fenzhang: there is no option `%s' here, and the command comes before its options: %s COMMAND %s.",
                word, called->name, word);
    } else {
        fprintf(stderr, "fenzhang: there is no command `%s' of `%s'.", word, called->name);
        for (const struct fz_command *const *at = called->group->members; *at != NULL; at++)
            fz_nearest_try(&nearest, (*at)->name);
        fz_nearest_try(&nearest, "help");
        fz_nearest_try(&nearest, "--version");
    }
    if (nearest.best != NULL)
        fprintf(stderr, " Did you mean `%s %s'? `%s -h' tells of all commands.\n", called->name, nearest.best, called->name);
    else
        list_names(called);
    return FZ_EXIT_TROUBLE;
}

static int nothing_to_run(const struct called *called)
{
    fprintf(stderr, "fenzhang: a command is missing behind `%s'.", called->name);
    if (called->group->begin_with != NULL)
        fprintf(stderr, " To begin with: %s", called->group->begin_with);
    list_names(called);
    return FZ_EXIT_TROUBLE;
}

/* ---- running ---- */

static int run(const struct called *called, const struct fz_command *command, int argc, char **argv)
{
    char *name = NULL;
    if (asprintf(&name, "%s %s", called->name, command->name) < 0)
        return FZ_EXIT_TROUBLE;
    argv[0] = name;
    int status = command->members != NULL ? fz_dispatch(command, name, argc, argv) : command->run(argc, argv);
    free(name);
    return command->may_lose_output || command->members != NULL ? status : finish(status);
}

static int run_help(const struct called *called, const struct fz_command *command)
{
    static char option[] = "--help";
    return run(called, command, 2, (char *[]){NULL, option, NULL});
}

/* fenzhang help refund show: `words` are NULL-ended. */
static int help(const struct called *called, char **words)
{
    const struct fz_command *command = words[0] == NULL ? NULL : find(called->group, words[0]);
    if (command != NULL && command->members != NULL && words[1] != NULL) {
        char *name = NULL;
        if (asprintf(&name, "%s %s", called->name, command->name) < 0)
            return FZ_EXIT_TROUBLE;
        int status = help(&(struct called){command, name}, words + 1);
        free(name);
        return status;
    }
    if (command != NULL)
        return run_help(called, command);
    if (words[0] != NULL && words[0][0] != '-' && strcmp(words[0], "help") != 0)
        return no_command(called, words[0]);
    print_help(called);
    return finish(FZ_EXIT_DONE);
}

static bool is_one_of(const char *word, const char *const words[])
{
    for (; *words != NULL; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

int fz_dispatch(const struct fz_command *group, const char *name, int argc, char **argv)
{
    static const char *const asks_version[] = {"--version", "-V", "version", NULL};
    static const char *const asks_help[] = {"--help", "-h", "help", "-?", "--usage", NULL};
    const struct called called = {group, name};
    if (argc < 2)
        return nothing_to_run(&called);
    const struct fz_command *command = find(group, argv[1]);
    if (command != NULL)
        return run(&called, command, argc - 1, argv + 1);
    if (is_one_of(argv[1], asks_version)) {
        puts("fenzhang " FZ_VERSION);
        return finish(FZ_EXIT_DONE);
    }
    return is_one_of(argv[1], asks_help) ? help(&called, argv + 2) : no_command(&called, argv[1]);
}
