/* fenzhang refund show: a single refund (S-RQ). */
#include "cli/api/commands.h"
#include "cli/api/either.h"
#include "cli/api/refund_shown.h"

static const struct argp_option options[] = {
    {"id", FZ_KEY_BY_ID, NULL, 0, "NUMBER is WeChat Pay's refund number; without this the merchant's is tried first", 0},
    {0}};

static const struct argp argp = {options, fz_take_either, "NUMBER",
                                 "Prints a refund as it stands, by the merchant's refund number or WeChat Pay's.\v"
                                 "Examples:\n"
                                 "  fenzhang refund show --env data/demo.env 1217752501201407033233368018\n"
                                 "  fenzhang refund show --env data/demo.env --id 1217752501201407033233368018 --json\n",
                                 NULL, NULL, NULL};

static int run(int argc, char **argv)
{
    struct fz_either either = {.by_number = "refund-by-out-refund-no", .number_member = "out_refund_no",
                               .by_id = "refund-by-id", .id_member = "id", .shown = fz_refund_shown};
    return fz_ask_either(&fz_refund_show_command, &either, argc, argv);
}

const struct fz_command fz_refund_show_command = {
    .name = "show", .summary = "shows one refund as it stands", .argp = &argp, .shared = &fz_caller_argp, .run = run};
