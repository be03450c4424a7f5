/* fenzhang world: the group of its commands. */
#include "cli/world/commands.h"

static const struct fz_command *const members[] = {&fz_world_check_command, &fz_world_export_command, &fz_world_schema_command, NULL};

const struct fz_command fz_world_command = {
    .name = "world",
    .summary = "looks at files that a server's book can begin as",
    .members = members,
    .about = "A world is a file, YAML or JSON: merchants with numbers and keys of one's own, and what happened until now. A new book is\n"
             "made of it by fenzhang serve --world FILE and fenzhang run --world FILE.",
    .examples = "  fenzhang world check shop.yaml\n"
                "  fenzhang world export --data ./data > now.yaml\n"
                "  fenzhang run --world shop.yaml -- pytest tests\n",
    .begin_with = "fenzhang world check FILE",
};
