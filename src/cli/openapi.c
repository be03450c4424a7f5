/* fenzhang openapi: prints the API's description. */
#include <argp.h>
#include <stdio.h>

#include "api/endpoint.h"
#include "cli/command.h"

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    if (key != ARGP_KEY_ARG)
        return ARGP_ERR_UNKNOWN;
    argp_error(state, "there is nothing to do with `%s'", argument);
    return 0;
}

int fz_openapi_command(int argc, char **argv)
{
    static const struct argp argp = {
        NULL, take_option, NULL, "Prints the API's description (OpenAPI 3.1, JSON).", NULL, NULL, NULL};
    if (argp_parse(&argp, argc, argv, 0, NULL, NULL) != 0)
        return 1;
    json_t *description = fz_openapi();
    int result = description == NULL ? -1 : json_dumpf(description, stdout, JSON_INDENT(2));
    json_decref(description);
    if (result == 0 && putchar('\n') != EOF && fflush(stdout) == 0)
        return 0;
    fputs("fenzhang: the description could not be written.\n", stderr);
    return 1;
}
