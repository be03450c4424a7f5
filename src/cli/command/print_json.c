/* JSON on standard output, as every command prints it. */
#include <jansson.h>
#include <stdio.h>

#include "cli/command/command.h"

int fz_print_json(json_t *value)
{
    int result = value == NULL ? -1 : json_dumpf(value, stdout, JSON_INDENT(2));
    json_decref(value);
    if (result == 0 || ferror(stdout)) {
        putchar('\n');
        return FZ_EXIT_DONE;
    }
    fputs("fenzhang: memory is short, so not all was printed. Try again.\n", stderr);
    return FZ_EXIT_TROUBLE;
}
