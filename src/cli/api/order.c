/* fenzhang order: the group; show, close and reverse. */
#include "cli/api/commands.h"
#include "cli/api/either.h"

static const struct fz_shown shown[] = {
    {"transaction", "id", FZ_AS_TEXT, NULL},
    {"number", "out_trade_no", FZ_AS_TEXT, NULL},
    {"state", "trade_state", FZ_AS_TEXT, NULL},
    {"in words", "trade_state_desc", FZ_AS_TEXT, NULL},
    {"amount", "amount.total", FZ_AS_AMOUNT, "amount.currency"},
    {"paid", "amount.payer_total", FZ_AS_AMOUNT, "amount.payer_currency"},
    {"rate", "amount.exchange_rate.rate", FZ_AS_RATE, NULL},
    {"when", "success_time", FZ_AS_TEXT, NULL},
    {"type", "trade_type", FZ_AS_TEXT, NULL},
    {"bank", "bank_type", FZ_AS_TEXT, NULL},
    {"attached", "attach", FZ_AS_TEXT, NULL},
    {0},
};

static const struct argp_option options[] = {
    {"id", FZ_KEY_BY_ID, NULL, 0, "NUMBER is WeChat Pay's transaction ID, not the merchant's order number", 0}, {0}};

/* ---- show ---- */

static const struct argp show_argp = {options,
                                      fz_take_either,
                                      "NUMBER",
                                      "Prints an order as it stands, by the merchant's order number or WeChat Pay's "
                                      "transaction ID; without --id the former is tried first.\v"
                                      "Example:\n  fenzhang order show --env data/demo.env 4208450740201411110007820472\n",
                                      NULL,
                                      NULL,
                                      NULL};

static int run_show(int argc, char **argv)
{
    struct fz_either either = {.by_number = "order-query-by-number", .number_member = "out_trade_no",
                               .by_id = "order-query-by-id", .id_member = "transaction_id", .shown = shown};
    return fz_ask_either(&fz_order_show_command, &either, argc, argv);
}

const struct fz_command fz_order_show_command = {
    .name = "show",
    .summary = "shows one order as it stands",
    .argp = &show_argp,
    .shared = &fz_caller_argp,
    .run = run_show,
};

/* ---- close and reverse ---- */

static const struct argp close_argp = {options, fz_take_either, "NUMBER",
                                       "Closes an order that is not paid: it cannot be paid after that.\v"
                                       "Example:\n  fenzhang order close --env data/demo.env N0001\n",
                                       NULL, NULL, NULL};

static int run_close(int argc, char **argv)
{
    struct fz_either either = {.by_number = "order-close-by-number", .number_member = "out_trade_no",
                               .by_id = "order-close-by-id", .id_member = "transaction_id", .shown = shown};
    return fz_do_either(&fz_order_close_command, &either, argc, argv);
}

const struct fz_command fz_order_close_command = {.name = "close",
                                                  .summary = "closes one that is not paid",
                                                  .argp = &close_argp,
                                                  .shared = &fz_caller_argp,
                                                  .run = run_close};

static const struct argp reverse_argp = {
    options,
    fz_take_either,
    "NUMBER",
    "Reverses an order by code: what was paid is given back, and what was not paid is closed.\v"
    "Example:\n  fenzhang order reverse --env data/demo.env P0001\n",
    NULL,
    NULL,
    NULL};

static int run_reverse(int argc, char **argv)
{
    struct fz_either either = {.by_number = "order-reverse-by-number", .number_member = "out_trade_no",
                               .by_id = "order-reverse-by-id", .id_member = "transaction_id", .shown = shown};
    return fz_do_either(&fz_order_reverse_command, &either, argc, argv);
}

const struct fz_command fz_order_reverse_command = {.name = "reverse",
                                                    .summary = "takes back a payment by code",
                                                    .argp = &reverse_argp,
                                                    .shared = &fz_caller_argp,
                                                    .run = run_reverse};

/* ---- the group ---- */

static const struct fz_command *const commands[] = {
    &fz_order_native_command, &fz_order_jsapi_command, &fz_order_app_command,   &fz_order_h5_command,
    &fz_order_pay_code_command, &fz_order_show_command, &fz_order_close_command, &fz_order_reverse_command, NULL};

const struct fz_command fz_order_command = {
    .name = "order",
    .summary = "places orders, in five ways; shows, closes and reverses them",
    .members = commands,
    .about = "Orders: placing them in five ways, asking for them, closing and reversing them. Amounts are in the smallest "
             "unit of\ntheir currency.",
    .examples = "  fenzhang order native N0001 --total 100 --description Camera --mcc 5812 --notify-url https://…\n"
                "  fenzhang order show N0001\n",
};
