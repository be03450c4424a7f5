/* The program's commands. */
#include "cli/program.h"

#include "cli/api/commands.h"
#include "cli/bill/commands.h"
#include "cli/command/command.h"
#include "cli/completion/completion.h"
#include "cli/config/config.h"
#include "cli/doctor/commands.h"
#include "cli/explain/explain.h"
#include "cli/lab/commands.h"
#include "cli/local/commands.h"
#include "cli/reconcile/commands.h"
#include "cli/replay/commands.h"
#include "cli/server/commands.h"
#include "cli/world/commands.h"

#define COMMANDS_MAX 80

static const struct fz_command *commands[COMMANDS_MAX] = {
    &fz_balance_command,
    &fz_amounts_command,
    &fz_refund_command,
    &fz_share_command,
    &fz_receiver_command,
    &fz_order_command,
    &fz_settlements_command,
    &fz_upload_command,
    &fz_certificates_command,
    &fz_call_command,
    &fz_errors_command,
    &fz_explain_command,
    &fz_openapi_command,
    &fz_bill_command,
    &fz_reconcile_command,
    &fz_lab_command,
    &fz_audit_command,
    &fz_backup_command,
    &fz_restore_command,
    &fz_copy_command,
    &fz_upgrade_command,
    &fz_config_command,
    &fz_whoami_command,
    &fz_doctor_command,
    &fz_completion_command,
    &fz_serve_command,
    &fz_health_command,
    &fz_run_command,
    &fz_world_command,
    &fz_env_command,
    &fz_ca_command,
    NULL,
};

/* Behind those that are made from the control interface's rows. */
static const struct fz_command *const by_hand[] = {&fz_watch_command, &fz_replay_command, &fz_control_command, NULL};

static void add_by_hand(void)
{
    size_t used = 0;
    while (commands[used] != NULL)
        used++;
    for (size_t i = 0; by_hand[i] != NULL && used + 1 < COMMANDS_MAX; i++)
        commands[used++] = by_hand[i];
}

static const struct fz_command program = {
    .members = commands,
    .about = "A stand-in for the WeChat Pay Global back end: refunds and cross-border funds distribution on a book of its own; and a\n"
             "client of the API, whoever answers it.",
    .begin_with = "fenzhang serve --demo --data ./data",
    .examples = "  fenzhang serve --demo --data ./data\n"
                "      a server with a book to try everything on: to begin with\n",
};

const struct fz_command *fz_program(void)
{
    fz_control_commands_add(commands, COMMANDS_MAX);
    add_by_hand();
    fz_completion_of(&program);
    return &program;
}
