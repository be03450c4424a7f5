/* Prints the manual pages of the commands (section 1) from their rows: print-manual pages DIR. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/manual/page.h"
#include "cli/program.h"

static void must(bool good, const char *path)
{
    if (good)
        return;
    perror(path);
    exit(1);
}

static void print_to(const char *directory, const struct fz_command *command)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/fenzhang-%s.1", directory, command->name);
    FILE *out = fopen(path, "w");
    must(out != NULL, path);
    fz_manual_page(out, command);
    must(!ferror(out) && fclose(out) == 0, path);
}

int main(int argc, char **argv)
{
    if (argc != 3 || strcmp(argv[1], "pages") != 0)
        return 2;
    for (const struct fz_command *const *at = fz_program()->members; *at != NULL; at++)
        print_to(argv[2], *at);
    return 0;
}
