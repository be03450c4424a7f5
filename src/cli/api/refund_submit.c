/* fenzhang refund submit: makes a refund. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/api/commands.h"
#include "cli/api/members.h"

enum { AMOUNT, TRANSACTION, ORDER, TOTAL, CURRENCY, REASON, SOURCE, NOTIFY_URL, SUB_APPID };
enum { KEY_FROM_ORDER = 0x3100, KEY_FROM_BALANCE };
#define KEY(member) (FZ_FIRST_MEMBER + member)

static const char *const members[] = {
    [AMOUNT] = "amount.refund",     [TRANSACTION] = "transaction_id", [ORDER] = "out_trade_no", [TOTAL] = "amount.total",
    [CURRENCY] = "amount.currency", [REASON] = "reason",              [SOURCE] = "source",      [NOTIFY_URL] = "notify_url",
    [SUB_APPID] = "sub_appid",
};
static const char *const words[] = {"out_refund_no", NULL};

static const struct fz_shown shown[] = {
    {"refund", "id", FZ_AS_TEXT, NULL},
    {"number", "out_refund_no", FZ_AS_TEXT, NULL},
    {"amount", "amount.refund", FZ_AS_AMOUNT, "amount.currency"},
    {"to the payer", "amount.payer_refund", FZ_AS_AMOUNT, "amount.payer_currency"},
    {"accepted", "create_time", FZ_AS_TEXT, NULL},
    {0},
};

static const struct argp_option options[] = {
    {NULL, 0, NULL, 0, "Of which order:", 1},
    {"transaction", KEY(TRANSACTION), "ID", 0, "By WeChat Pay's transaction ID", 0},
    {"out-trade-no", KEY(ORDER), "NO", 0, "Or by the merchant's order number", 0},
    {NULL, 0, NULL, 0, "How much, in the smallest unit of its currency (fen):", 2},
    {"amount", KEY(AMOUNT), "AMOUNT", 0, "What is refunded", 0},
    {"total", KEY(TOTAL), "AMOUNT", 0, "The order's amount, with --currency; without both the order is asked", 0},
    {"currency", KEY(CURRENCY), "CODE", 0, "The order's price currency", 0},
    {NULL, 0, NULL, 0, "Out of what, of an order whose money is distributed:", 3},
    {"from-order", KEY_FROM_ORDER, "AMOUNT", 0, "So much out of the order's own money", 0},
    {"from-balance", KEY_FROM_BALANCE, "AMOUNT", 0, "So much out of the advance balance", 0},
    {"source", KEY(SOURCE), "NAME", 0, "REFUND_SOURCE_UNSETTLED_FUNDS or REFUND_SOURCE_RECHARGE_FUNDS", 0},
    {NULL, 0, NULL, 0, "And:", 4},
    {"reason", KEY(REASON), "TEXT", 0, "Shown to the payer", 0},
    {"notify-url", KEY(NOTIFY_URL), "URL", 0, "Where its outcome is told", 0},
    {"sub-appid", KEY(SUB_APPID), "APPID", 0, "The sub-merchant's app", 0},
    {0}};

static const char *const others[] = {"amount.from", "--from-order or --from-balance", NULL};

struct input {
    struct fz_asking asking;
    const char *from_order, *from_balance;
};

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct input *into = state->input;
    if (key == KEY_FROM_ORDER)
        into->from_order = argument;
    else if (key == KEY_FROM_BALANCE)
        into->from_balance = argument;
    else
        return fz_take_member_into(&into->asking, key, argument, state);
    return 0;
}

/* ---- the order's own amount ---- */

static int ask_order(const struct fz_session *session, const struct input *given, void **answer)
{
    const char *id = fz_asking_text(&given->asking, "transaction_id"),
               *number = fz_asking_text(&given->asking, "out_trade_no");
    struct fz_draft draft = {0};
    const void *request;
    int status = FZ_EXIT_TROUBLE;
    const char *call = id != NULL ? "order-query-by-id" : "order-query-by-number";
    if (id == NULL && number == NULL)
        fputs("fenzhang: name the order: --transaction ID, or --out-trade-no NO. Nothing was sent.\n", stderr);
    else if (fz_draft_begin(&draft, call) &&
             fz_draft_set(&draft, id != NULL ? "transaction_id" : "out_trade_no", id != NULL ? id : number) &&
             fz_draft_finish(&draft, &session->profile, &request))
        status = fz_session_call(session, call, request, NULL, answer);
    fz_draft_done(&draft);
    return status;
}

static int take_order_s(const struct fz_session *session, const struct input *given, struct fz_draft *draft)
{
    char total[24];
    void *answer = NULL;
    if (fz_draft_get(draft, "amount.total") != NULL)
        return FZ_EXIT_DONE;
    int status = ask_order(session, given, &answer);
    if (status == FZ_EXIT_DONE) {
        const struct fz_order_answer *order = answer;
        snprintf(total, sizeof total, "%" PRId64, order->amount.total);
        if (!fz_draft_set(draft, "amount.total", total) || !fz_draft_set(draft, "amount.currency", order->amount.currency))
            status = FZ_EXIT_TROUBLE;
    }
    fz_answer_free(answer);
    return status;
}

/* ---- where the money comes from ---- */

static bool add_source(struct fz_draft *draft, int *count, const char *source, const char *amount)
{
    char path[40];
    if (amount == NULL)
        return true;
    snprintf(path, sizeof path, "amount.from.%d.fund_source", *count);
    if (!fz_draft_set(draft, path, source))
        return false;
    snprintf(path, sizeof path, "amount.from.%d.amount", (*count)++);
    return fz_draft_set(draft, path, amount);
}

static int submit(const struct fz_session *session, const struct input *given)
{
    struct fz_draft draft = {0};
    int count = 0, status = FZ_EXIT_TROUBLE;
    if (fz_asking_draft(&given->asking, &draft) &&
        add_source(&draft, &count, "ORDER_REFUNDABLE_BALANCE", given->from_order) &&
        add_source(&draft, &count, "FUNDS_REFUNDABLE_BALANCE", given->from_balance))
        status = take_order_s(session, given, &draft);
    if (status == FZ_EXIT_DONE)
        status = fz_ask_with(session, &given->asking, &draft);
    fz_draft_done(&draft);
    return status;
}

static const struct argp argp = {
    options,
    take_option,
    "NUMBER",
    "Makes a refund under the merchant's number NUMBER. The same command again, with the same number, refunds once: so "
    "repeat it when the network failed.\v"
    "Example:\n"
    "  fenzhang refund submit --env data/demo.env R0001 --transaction 4208450740201411110007820472 --amount 100\n"
    "\n"
    "Exit status 3: nobody knows whether it was made; `fenzhang refund show NUMBER' tells later.\n",
    NULL,
    NULL,
    NULL};

static int run(int argc, char **argv)
{
    struct input given = {
        .asking = {.call = "refund-submit", .members = members, .words = words, .shown = shown, .others = others}};
    struct fz_session session;
    int status = fz_session_open(&fz_refund_submit_command, argc, argv, &given, &session);
    if (status == FZ_EXIT_DONE)
        status = submit(&session, &given);
    fz_session_close(&session);
    return status;
}

const struct fz_command fz_refund_submit_command = {
    .name = "submit", .summary = "makes one", .argp = &argp, .shared = &fz_caller_argp, .run = run};
