/* The program: finds the command and runs it. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command/command.h"

static const struct fz_command commands[] = {
    {"serve", "runs the server", fz_serve},
    {"audit", "re-adds a book that no server holds, and checks every invariant", fz_audit_command},
    {"ca", "prints the certificate of the CA that clients have to trust for --tls", fz_ca_command},
    {"env", "prints the demo book's addresses, keys and numbers for a shell, docker or a program", fz_env_command},
    {"errors", "prints every refusal and how to reach it", fz_errors_command},
    {"explain", "says why the signature of a request from a log is wrong", fz_explain_command},
    {"openapi", "prints the API's description (OpenAPI 3.1)", fz_openapi_command},
};
#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static void print_help(void)
{
    fputs("Usage: fenzhang COMMAND [OPTION...]\n"
          "A stand-in for the WeChat Pay Global back end: refunds and cross-border funds distribution on a "
          "book of its own.\n\n",
          stdout);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("  %-10s %s\n", commands[i].name, commands[i].summary);
    fputs("\n"
          "  fenzhang help COMMAND, fenzhang COMMAND -h   tell about a command\n"
          "  fenzhang --version                           prints the version\n"
          "\n"
          "To begin with: fenzhang serve --demo --data ./data\n",
          stdout);
}

static const struct fz_command *find(const char *word)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(word, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

/* What was printed may still be on its way: a disk that is full shows now. */
static int finish(int status)
{
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (written || status == FZ_EXIT_TROUBLE)
        return status;
    fputs("fenzhang: the output could not be written. Look at where it goes.\n", stderr);
    return FZ_EXIT_TROUBLE;
}

static int run(const struct fz_command *command, int argc, char **argv)
{
    char *name = NULL;
    if (asprintf(&name, "fenzhang %s", command->name) < 0)
        return FZ_EXIT_TROUBLE;
    argv[0] = name;
    int status = command->run(argc, argv);
    free(name);
    /* Nobody may be there any more to read what a server said when it was ready: it ended well all the same. */
    return command->run == fz_serve ? status : finish(status);
}

static int no_command(const char *word)
{
    struct fz_nearest nearest = {.word = word};
    if (word[0] == '-') {
        fprintf(stderr, "fenzhang: the command comes before its options: fenzhang COMMAND %s.", word);
    } else {
        fprintf(stderr, "fenzhang: there is no command `%s'.", word);
        for (size_t i = 0; i < COMMAND_COUNT; i++)
            fz_nearest_try(&nearest, commands[i].name);
        fz_nearest_try(&nearest, "help");
        fz_nearest_try(&nearest, "--version");
    }
    if (nearest.best != NULL)
        fprintf(stderr, " Did you mean `fenzhang %s'?", nearest.best);
    fputs("\nThe commands are", stderr);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(stderr, "%s %s", i == 0 ? "" : ",", commands[i].name);
    fputs("; `fenzhang help' tells what they do.\n", stderr);
    return FZ_EXIT_TROUBLE;
}

/* fenzhang help [COMMAND]. */
static int help(const char *word)
{
    static char option[] = "--help";
    const struct fz_command *command = word == NULL ? NULL : find(word);
    if (command != NULL)
        return run(command, 2, (char *[]){NULL, option, NULL});
    if (word != NULL && word[0] != '-' && strcmp(word, "help") != 0)
        return no_command(word);
    print_help();
    return finish(FZ_EXIT_DONE);
}

static bool is_one_of(const char *word, const char *a, const char *b, const char *c)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs("fenzhang: a command is missing. To begin with: fenzhang serve --demo --data ./data\n"
              "`fenzhang help' tells the others.\n",
              stderr);
        return FZ_EXIT_TROUBLE;
    }
    const struct fz_command *command = find(argv[1]);
    if (command != NULL)
        return run(command, argc - 1, argv + 1);
    if (is_one_of(argv[1], "--version", "-V", "version")) {
        puts("fenzhang " FZ_VERSION);
        return FZ_EXIT_DONE;
    }
    if (is_one_of(argv[1], "--help", "-h", "help") || strcmp(argv[1], "-?") == 0)
        return help(argv[2]);
    return no_command(argv[1]);
}
