/* fenzhang share: the group; show and unfreeze. */
#include "cli/api/commands.h"
#include "cli/api/members.h"
#include "cli/api/share_shown.h"

enum { TRANSACTION, DESCRIPTION };

static const char *const words[] = {"out_order_no", NULL};
static const char *const members[] = {[TRANSACTION] = "transaction_id", [DESCRIPTION] = "description"};

static const struct argp_option options[] = {
    {"transaction", FZ_FIRST_MEMBER + TRANSACTION, "ID", 0, "WeChat Pay's transaction ID of the order", 0},
    {0}};

/* ---- show ---- */

static const struct argp show_argp = {
    options,
    fz_take_member,
    "NUMBER",
    "Prints a distribution as it stands, a line a receiver.\v"
    "Example:\n"
    "  fenzhang share show --env data/demo.env S0001 --transaction 4208450740201411110007820472\n",
    NULL,
    NULL,
    NULL};

static int run_show(int argc, char **argv)
{
    struct fz_asking asking = {.call = "distribution-query",
                               .members = members,
                               .words = words,
                               .shown = fz_share_shown,
                               .list = "receivers"};
    return fz_ask(&fz_share_show_command, &asking, argc, argv);
}

const struct fz_command fz_share_show_command = {.name = "show",
                                                 .summary = "shows one distribution as it stands",
                                                 .argp = &show_argp,
                                                 .shared = &fz_caller_argp,
                                                 .run = run_show};

/* ---- unfreeze ---- */

static const struct argp_option unfreeze_options[] = {
    {"transaction", FZ_FIRST_MEMBER + TRANSACTION, "ID", 0, "WeChat Pay's transaction ID of the order", 0},
    {"description", FZ_FIRST_MEMBER + DESCRIPTION, "TEXT", 0,
     "Why; repeated in the bill (without it: NUMBER)", 0},
    {0}};

static const struct argp unfreeze_argp = {unfreeze_options,
                                          fz_take_member,
                                          "NUMBER",
                                          "Releases all that is left of an order to its sponsor; nothing of "
                                          "it can be distributed after that. NUMBER is the "
                                          "merchant's, out of the same numbers as distributions.\v"
                                          "Example:\n"
                                          "  fenzhang share unfreeze --env data/demo.env U0001 --transaction "
                                          "4208450740201411110007820472 --description Done\n",
                                          NULL,
                                          NULL,
                                          NULL};

/* As of distributions. */
static void describe(struct fz_asking *asking)
{
    const char *number = fz_asking_text(asking, "out_order_no");
    if (number == NULL || fz_asking_text(asking, "description") != NULL)
        return;
    asking->given[asking->given_count].path = "description";
    asking->given[asking->given_count++].text = number;
}

static int run_unfreeze(int argc, char **argv)
{
    struct fz_asking asking = {.call = "unfreeze",
                               .members = members,
                               .words = words,
                               .shown = fz_share_shown,
                               .list = "receivers",
                               .before = describe};
    return fz_ask(&fz_share_unfreeze_command, &asking, argc, argv);
}

const struct fz_command fz_share_unfreeze_command = {.name = "unfreeze",
                                                     .summary = "releases what is left of an order",
                                                     .argp = &unfreeze_argp,
                                                     .shared = &fz_caller_argp,
                                                     .run = run_unfreeze};

/* ---- the group ---- */

static const struct fz_command *const commands[] = {&fz_share_show_command, &fz_share_submit_command,
                                                    &fz_share_unfreeze_command, NULL};

const struct fz_command fz_share_command = {
    .name = "share",
    .summary = "distributes orders' money, shows what became of it, releases the rest",
    .members = commands,
    .about =
        "Funds distribution: an order's money to its receivers, and the rest released. Amounts are in fen.",
    .examples =
        "  fenzhang share submit S0001 --transaction ID --to 1900022222=2000\n  fenzhang share show S0001 "
        "--transaction ID\n",
};
