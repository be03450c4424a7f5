/* fenzhang share submit: distributes an order's money. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/api/commands.h"
#include "cli/api/members.h"
#include "cli/api/share_shown.h"

enum { TRANSACTION, UNFREEZE, APPID, SUB_APPID };
enum { KEY_TO = 't', KEY_TYPE = 0x3100, KEY_DESCRIPTION };
#define KEY(member) (FZ_FIRST_MEMBER + member)

static const char *const members[] = {[TRANSACTION] = "transaction_id",
                                      [UNFREEZE] = "unfreeze_unsplit",
                                      [APPID] = "appid",
                                      [SUB_APPID] = "sub_appid"};
static const char *const words[] = {"out_order_no", NULL};
static const char *const others[] = {"receivers", "--to", NULL};

static const struct argp_option options[] = {
    {"transaction", KEY(TRANSACTION), "ID", 0, "WeChat Pay's transaction ID of the order", 0},
    {"to", KEY_TO, "ACCOUNT=AMOUNT", 0, "A receiver and its slice in fen; as often as there are receivers",
     0},
    {"type", KEY_TYPE, "TYPE", 0,
     "Of the accounts: MERCHANT_ID (without it), PERSONAL_OPENID, PERSONAL_SUB_OPENID", 0},
    {"description", KEY_DESCRIPTION, "TEXT", 0, "Why; repeated in results and bill (without it: NUMBER)", 0},
    {"unfreeze", KEY(UNFREEZE), NULL, 0,
     "Releases the rest to the sponsor; nothing more can be distributed then", 0},
    {"appid", KEY(APPID), "APPID", 0, "The app that a PERSONAL_OPENID was given for", 0},
    {"sub-appid", KEY(SUB_APPID), "APPID", 0, "The app that a PERSONAL_SUB_OPENID was given for", 0},
    {0}};

struct input {
    struct fz_asking asking;
    const char *to[FZ_SLICES_A_REQUEST], *type, *description;
    size_t count;
};

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct input *into = state->input;
    if (key == KEY_TO && into->count == FZ_SLICES_A_REQUEST)
        argp_error(state, "a distribution has at most %d receivers", FZ_SLICES_A_REQUEST);
    else if (key == KEY_TO)
        into->to[into->count++] = argument;
    else if (key == KEY_TYPE)
        into->type = argument;
    else if (key == KEY_DESCRIPTION)
        into->description = argument;
    else
        return fz_take_member_into(&into->asking, key, argument, state);
    return 0;
}

static bool set_of(struct fz_draft *draft, size_t index, const char *member, const char *text)
{
    char path[64];
    snprintf(path, sizeof path, "receivers.%zu.%s", index, member);
    return fz_draft_set(draft, path, text);
}

static bool add_receiver(struct fz_draft *draft, const struct input *given, size_t index)
{
    char account[128];
    const char *to = given->to[index], *equals = strrchr(to, '='),
               *number = fz_asking_text(&given->asking, "out_order_no");
    if (equals == NULL || equals == to || !fz_copy_part(account, sizeof account, to, (size_t)(equals - to))) {
        fprintf(stderr, "fenzhang: --to %s is not ACCOUNT=AMOUNT, the amount in fen. Nothing was sent.\n",
                to);
        return false;
    }
    return set_of(draft, index, "type", given->type == NULL ? FZ_TYPE_MERCHANT : given->type) &&
           set_of(draft, index, "account", account) && set_of(draft, index, "amount", equals + 1) &&
           set_of(draft, index, "currency", "CNY") &&
           set_of(draft, index, "description", given->description == NULL ? number : given->description);
}

static bool put_together(const struct input *given, struct fz_draft *draft)
{
    if (!fz_asking_draft(&given->asking, draft))
        return false;
    for (size_t i = 0; i < given->count; i++)
        if (!add_receiver(draft, given, i))
            return false;
    return fz_draft_get(draft, "unfreeze_unsplit") != NULL ||
           fz_draft_set(draft, "unfreeze_unsplit", "false");
}

static const struct argp argp = {options,
                                 take_option,
                                 "NUMBER",
                                 "Distributes an order's money under the merchant's number NUMBER. The same "
                                 "command again, with the same number, "
                                 "distributes once: so repeat it when the network failed.\v"
                                 "Example:\n"
                                 "  fenzhang share submit --env data/demo.env S0001 --transaction "
                                 "4208450740201411110007820472 --to 1900000130=100\n"
                                 "\n"
                                 "Exit status 3: nobody knows whether it was done; `fenzhang share show "
                                 "NUMBER --transaction ID' tells later.\n",
                                 NULL,
                                 NULL,
                                 NULL};

static int run(int argc, char **argv)
{
    struct input given = {.asking = {.call = "distribution-submit",
                                     .members = members,
                                     .words = words,
                                     .shown = fz_share_shown,
                                     .list = "receivers",
                                     .others = others}};
    struct fz_session session;
    struct fz_draft draft = {0};
    int status = fz_session_open(&fz_share_submit_command, argc, argv, &given, &session);
    if (status == FZ_EXIT_DONE)
        status =
            put_together(&given, &draft) ? fz_ask_with(&session, &given.asking, &draft) : FZ_EXIT_TROUBLE;
    fz_draft_done(&draft);
    fz_session_close(&session);
    return status;
}

const struct fz_command fz_share_submit_command = {.name = "submit",
                                                   .summary = "distributes an order's money",
                                                   .argp = &argp,
                                                   .shared = &fz_caller_argp,
                                                   .run = run};
