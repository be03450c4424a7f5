/* Prints fenzhang/calls.h and the manual pages of the calls from their rows: print-calls header FILE, print-calls pages DIR. */
#include <stdlib.h>
#include <string.h>

#include "client/print/print.h"

void fz_print_c_name(FILE *out, const char *name)
{
    for (; *name != '\0'; name++)
        fputc(*name == '-' ? '_' : *name, out);
}

static FILE *must_open(const char *path)
{
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        perror(path);
        exit(1);
    }
    return out;
}

static void must_close(FILE *out, const char *path)
{
    if (ferror(out) || fclose(out) != 0) {
        perror(path);
        exit(1);
    }
}

static void print_page(const char *directory, const struct fz_spec *spec)
{
    char path[4096];
    int used = snprintf(path, sizeof path, "%s/fz_%s.3", directory, spec->name);
    for (char *at = path + strlen(directory); used > 0 && *at != '\0'; at++)
        if (*at == '-')
            *at = '_';
    FILE *out = must_open(path);
    fz_print_page(out, spec);
    must_close(out, path);
}

int main(int argc, char **argv)
{
    size_t count;
    const struct fz_spec *const *specs = fz_specs(&count);
    if (argc != 3)
        return 2;
    if (strcmp(argv[1], "header") == 0) {
        FILE *out = must_open(argv[2]);
        fz_print_header(out);
        must_close(out, argv[2]);
    }
    for (size_t i = 0; strcmp(argv[1], "pages") == 0 && i < count; i++)
        print_page(argv[2], specs[i]);
    return 0;
}
