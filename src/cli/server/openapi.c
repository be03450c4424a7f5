/* fenzhang openapi: prints the description of the API, or of the control interface. */
#include <stdio.h>

#include "cli/server/commands.h"
#include "server/control/openapi.h"
#include "spec/server/openapi.h"

#define KEY_CONTROL 'c'

static const struct argp_option options[] = {{"control", KEY_CONTROL, NULL, 0, "Describes the control interface instead", 0}, {0}};

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    (void)argument;
    if (key != KEY_CONTROL)
        return ARGP_ERR_UNKNOWN;
    *(bool *)state->input = true;
    return 0;
}

static const struct argp argp = {options, take_option, NULL,
                                 "Prints the API's description (OpenAPI 3.1, JSON), with an example of every call.\vExample:\n"
                                 "  fenzhang openapi > openapi.json\n  fenzhang openapi --control > control.json",
                                 NULL, NULL, NULL};

static int run_openapi(int argc, char **argv)
{
    bool control = false;
    fz_arguments_parse(&argp, argc, argv, &control);
    json_t *description = control ? fz_control_openapi() : fz_openapi();
    int result = description == NULL ? -1 : json_dumpf(description, stdout, JSON_INDENT(2));
    json_decref(description);
    if (result == 0 && putchar('\n') != EOF && fflush(stdout) == 0)
        return FZ_EXIT_DONE;
    fputs("fenzhang: the description could not be written: look at where the output goes.\n", stderr);
    return FZ_EXIT_TROUBLE;
}

const struct fz_command fz_openapi_command = {
    .name = "openapi",
    .summary = "prints the API's description (OpenAPI 3.1)",
    .argp = &argp,
    .run = run_openapi,
};
