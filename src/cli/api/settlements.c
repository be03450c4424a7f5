/* fenzhang settlements: what was paid out, or waits for it. */
#include <string.h>

#include "base/calendar.h"
#include "cli/api/commands.h"
#include "cli/api/pages.h"

enum { FROM, TO };
#define KEY(member) (FZ_FIRST_MEMBER + member)

static const char *const members[] = {[FROM] = "settle_start_date", [TO] = "settle_end_date"};

static const struct fz_shown shown[] = {
    {"paid out", "settlement_date", FZ_AS_DAY, NULL},
    {"trades from", "trade_start_date", FZ_AS_DAY, NULL},
    {"to", "trade_end_date", FZ_AS_DAY, NULL},
    {"payments", "amount.pay", FZ_AS_AMOUNT, "amount.currency"},
    {"refunds", "amount.refund", FZ_AS_AMOUNT, "amount.currency"},
    {"fee", "amount.fee", FZ_AS_AMOUNT, "amount.currency"},
    {"settled", "amount.settled", FZ_AS_AMOUNT, "amount.currency"},
    {"not yet", "amount.unsettle", FZ_AS_AMOUNT, "amount.currency"},
    {"batch", "batch_id", FZ_AS_TEXT, NULL},
    {0},
};

static const struct argp_option options[] = {
    {"from", KEY(FROM), "DAY", 0, "What was paid out from this Beijing day on (2026-01-01, or 20260101)", 0},
    {"to", KEY(TO), "DAY", 0, "To this later day; without both: what waits for its payout", 0},
    {0}};

/* 2026-01-01, as every other command has it, is 20260101 to this call. */
static error_t take_option(int key, char *argument, struct argp_state *state)
{
    int day;
    if ((key == KEY(FROM) || key == KEY(TO)) && strchr(argument, '-') != NULL) {
        if (fz_parse_day(argument, &day) != FZ_OK)
            argp_error(state, "`%s' is no day: a day is 2026-01-31", argument);
        char *to = argument;
        for (const char *from = argument; (*to = *from) != '\0'; from++)
            to += *from != '-';
    }
    return fz_take_member(key, argument, state);
}

static const struct argp argp = {
    options,
    take_option,
    NULL,
    "Prints settlement details: what waits for its payout or, with --from and --to, what was paid out. Of "
    "all sub-merchants; "
    "--sub-mchid chooses one.\v"
    "Examples:\n"
    "  fenzhang settlements --env data/demo.env\n"
    "  fenzhang settlements --env data/demo.env --from 2026-01-01 --to 2026-01-31 --json\n",
    NULL,
    NULL,
    NULL};

/* What was paid out has days, and what waits has none. */
static void set_state(struct fz_asking *asking)
{
    bool has_days = fz_asking_text(asking, "settle_start_date") != NULL ||
                    fz_asking_text(asking, "settle_end_date") != NULL;
    asking->given[asking->given_count].path = "settle_state";
    asking->given[asking->given_count++].text = has_days ? "SETTLED" : "UNSETTLE";
}

static int run(int argc, char **argv)
{
    static const struct fz_pages pages = {"offset", "limit", FZ_SETTLEMENTS_A_PAGE, "total_count"};
    struct fz_asking asking = {
        .call = "settlements", .members = members, .shown = shown, .before = set_state};
    return fz_ask_pages(&fz_settlements_command, &asking, &pages, argc, argv);
}

const struct fz_command fz_settlements_command = {
    .name = "settlements",
    .summary = "shows what was paid out, or waits for it",
    .argp = &argp,
    .shared = &fz_caller_argp,
    .run = run,
};
