/* fenzhang amounts: what of an order can still be distributed (S-AMT), or refunded. */
#include "cli/api/commands.h"
#include "cli/api/members.h"

#define KEY_REFUNDABLE 'r'

static const struct fz_shown distributable[] = {
    {"transaction", "transaction_id", FZ_AS_TEXT, NULL},
    {"to distribute", "unsplit_amount", FZ_AS_AMOUNT, "currency"},
    {0},
};
static const struct fz_shown refundable[] = {
    {"transaction", "transaction_id", FZ_AS_TEXT, NULL},
    {"from the order", "refundable_amount", FZ_AS_AMOUNT, "currency"},
    {"from the balance", "funds_refundable_amount", FZ_AS_AMOUNT, "currency"},
    {0},
};

static const char *const words[] = {"transaction_id", NULL};

static const struct argp_option options[] = {
    {"refundable", KEY_REFUNDABLE, NULL, 0,
     "What can be refunded instead: out of the order's own money, and with the advance balance", 0},
    {0}};

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct fz_asking *into = state->input;
    if (key != KEY_REFUNDABLE)
        return fz_take_member(key, argument, state);
    into->call = "refundable-amounts";
    into->shown = refundable;
    return 0;
}

static const struct argp argp = {options, take_option, "TRANSACTION_ID",
                                 "Prints what of an order can still be distributed.\v"
                                 "Examples:\n"
                                 "  fenzhang amounts --env data/demo.env 4208450740201411110007820472\n"
                                 "  fenzhang amounts --env data/demo.env 4208450740201411110007820472 --refundable\n",
                                 NULL, NULL, NULL};

static int run(int argc, char **argv)
{
    struct fz_asking asking = {.call = "transaction-amounts", .words = words, .shown = distributable};
    return fz_ask(&fz_amounts_command, &asking, argc, argv);
}

const struct fz_command fz_amounts_command = {
    .name = "amounts",
    .summary = "shows what of an order can still be distributed, or refunded",
    .argp = &argp,
    .shared = &fz_caller_argp,
    .run = run,
};
