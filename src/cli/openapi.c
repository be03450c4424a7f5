/* fenzhang openapi: prints the API's description. */
#include <stdio.h>

#include "api/endpoint.h"
#include "cli/command.h"

int fz_openapi_command(int argc, char **argv)
{
    static const struct argp argp = {
        NULL, NULL, NULL, "Prints the API's description (OpenAPI 3.1, JSON).\vExample:\n  fenzhang openapi > openapi.json",
        NULL, NULL, NULL};
    fz_arguments_parse(&argp, argc, argv, NULL);
    json_t *description = fz_openapi();
    int result = description == NULL ? -1 : json_dumpf(description, stdout, JSON_INDENT(2));
    json_decref(description);
    if (result == 0 && putchar('\n') != EOF && fflush(stdout) == 0)
        return FZ_EXIT_DONE;
    fputs("fenzhang: the description could not be written: look at where the output goes.\n", stderr);
    return FZ_EXIT_TROUBLE;
}
