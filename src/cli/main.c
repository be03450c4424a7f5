/* The program: finds the command and runs it. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

static const struct fz_command commands[] = {
    {"serve", "runs the server", fz_serve},
    {"audit", "re-adds a book that no server holds, and checks every invariant", fz_audit_command},
    {"ca", "prints the certificate of the CA that clients have to trust for --tls", fz_ca_command},
    {"errors", "prints every refusal and how to reach it", fz_errors_command},
    {"explain", "says why the signature of a request from a log is wrong", fz_explain_command},
    {"openapi", "prints the API's description (OpenAPI 3.1)", fz_openapi_command},
};
#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

/* Looked up by the C library by its name. */
__attribute__((visibility("default"))) const char *argp_program_version = "fenzhang " FZ_VERSION;

static void print_help(FILE *out)
{
    fputs("Usage: fenzhang COMMAND [OPTION...]\n"
          "A stand-in for the WeChat Pay Global back end: refunds and cross-border funds distribution on a "
          "book of its own.\n\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fputs("\n  --help     prints this; `fenzhang COMMAND --help' tells about a command\n"
          "  --version  prints the version\n",
          out);
}

static int run(const struct fz_command *command, int argc, char **argv)
{
    char *name = NULL;
    if (asprintf(&name, "fenzhang %s", command->name) < 0)
        return 1;
    argv[0] = name;
    int status = command->run(argc, argv);
    free(name);
    return status;
}

int main(int argc, char **argv)
{
    const char *word = argc < 2 ? "" : argv[1];
    argp_err_exit_status = 1;
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(word, commands[i].name) == 0)
            return run(&commands[i], argc - 1, argv + 1);
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        puts(argp_program_version);
        return 0;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-?") == 0 || strcmp(word, "-h") == 0 ||
        strcmp(word, "help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (word[0] != '\0')
        fprintf(stderr, "fenzhang: there is no command `%s'.\n\n", word);
    print_help(stderr);
    return 1;
}
