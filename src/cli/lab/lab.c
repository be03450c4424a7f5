/* fenzhang lab: the group of its commands. */
#include "cli/lab/commands.h"

static const struct fz_command *const members[] = {&fz_lab_bills_command, &fz_lab_score_command, NULL};

const struct fz_command fz_lab_command = {
    .name = "lab",
    .summary = "makes bills and records with known differences, and scores who looks for them",
    .members = members,
    .about =
        "The bill lab: bills as the service writes them, records of one's own, differences planted in known places; and\n"
        "how many of them a reconciler finds, whoever wrote it.",
    .examples = "  fenzhang lab bills --days 7 --refunds 1000 --seed 1 --plant all=2 --out lab\n"
                "  fenzhang reconcile --refunds lab/refunds-*.csv --records lab/records.csv --json > report.json\n"
                "  fenzhang lab score lab/key.json report.json\n",
    .begin_with = "fenzhang lab bills --plant all=2 --out lab",
};
