/* fenzhang world --schema: the JSON Schema of world files. */
#include "cli/world/commands.h"
#include "server/control/openapi.h"
#include "world/row.h"

static const struct argp argp = {
    NULL,
    NULL,
    NULL,
    "Prints the JSON Schema (2020-12) of world files, made from the rows that the reader checks by. Editors complete and mark by "
    "it.\v"
    "Examples:\n"
    "  fenzhang world --schema > fenzhang-world.schema.json\n"
    "      then, as the first line of a world: # yaml-language-server: $schema=fenzhang-world.schema.json\n",
    NULL,
    NULL,
    NULL};

static int run(int argc, char **argv)
{
    fz_arguments_parse(&argp, argc, argv, NULL);
    return fz_print_json(fz_world_schema(fz_control_body_schema));
}

const struct fz_command fz_world_schema_command = {
    .name = "--schema",
    .summary = "prints the JSON Schema of world files",
    .argp = &argp,
    .run = run,
};
