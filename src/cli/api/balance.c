/* fenzhang balance: what advance refunds can draw today (S-BAL). */
#include "cli/api/commands.h"
#include "cli/api/members.h"

static const struct fz_shown shown[] = {
    {"merchant", "sponsor_mchid", FZ_AS_TEXT, NULL},
    {"balance", "balance", FZ_AS_AMOUNT, "currency"},
    {0},
};

static const struct argp argp = {
    NULL,
    fz_take_member,
    NULL,
    "Prints what advance refunds can draw now: refunds of orders whose money was distributed already.\v"
    "Examples:\n"
    "  fenzhang balance --env data/demo.env\n"
    "  fenzhang balance --env data/demo.env --json\n",
    NULL,
    NULL,
    NULL};

static int run(int argc, char **argv)
{
    struct fz_asking asking = {.call = "refundable-balance", .shown = shown};
    return fz_ask(&fz_balance_command, &asking, argc, argv);
}

const struct fz_command fz_balance_command = {
    .name = "balance",
    .summary = "shows what advance refunds can draw today",
    .heading = "The API",
    .argp = &argp,
    .shared = &fz_caller_argp,
    .run = run,
};
