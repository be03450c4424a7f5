/* fenzhang refund list: all refunds of an order. */
#include "cli/api/commands.h"
#include "cli/api/pages.h"

#define KEY_OUT_TRADE_NO 'o'

static const struct fz_shown shown[] = {
    {"refund", "id", FZ_AS_TEXT, NULL},
    {"number", "out_refund_no", FZ_AS_TEXT, NULL},
    {"status", "status", FZ_AS_TEXT, NULL},
    {"amount", "amount.refund", FZ_AS_AMOUNT, "amount.currency"},
    {"accepted", "create_time", FZ_AS_TEXT, NULL},
    {"arrived", "success_time", FZ_AS_TEXT, NULL},
    {0},
};

static const struct argp_option options[] = {
    {"out-trade-no", KEY_OUT_TRADE_NO, NULL, 0, "NUMBER is the merchant's order number, not WeChat Pay's transaction ID", 0},
    {0}};

static const char *const by_transaction[] = {"transaction_id", NULL}, *const by_order[] = {"out_trade_no", NULL};

/* The option may stand behind the number that it is about. */
static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct fz_asking *into = state->input;
    if (key != KEY_OUT_TRADE_NO)
        return fz_take_member(key, argument, state);
    into->words = by_order;
    for (size_t i = 0; i < into->given_count; i++)
        into->given[i].path = by_order[0];
    return 0;
}

static const struct argp argp = {options, take_option, "NUMBER",
                                 "Prints all refunds of an order, oldest first.\v"
                                 "Examples:\n"
                                 "  fenzhang refund list --env data/demo.env 4208450740201411110007820472\n"
                                 "  fenzhang refund list --env data/demo.env --out-trade-no 20150806125346 --json\n",
                                 NULL, NULL, NULL};

static int run(int argc, char **argv)
{
    static const struct fz_pages pages = {"offset", "count", FZ_REFUNDS_A_PAGE, "total_num"};
    struct fz_asking asking = {.call = "refunds-of-order", .words = by_transaction, .shown = shown};
    return fz_ask_pages(&fz_refund_list_command, &asking, &pages, argc, argv);
}

const struct fz_command fz_refund_list_command = {
    .name = "list", .summary = "lists all refunds of an order", .argp = &argp, .shared = &fz_caller_argp, .run = run};
