/* fenzhang receiver: who may be given a part of orders: add, show, rm. */
#include "cli/api/commands.h"
#include "cli/api/members.h"

enum { TYPE, RELATION, CUSTOM, NAME, AUTHORIZED, SCENE, SERVICE, RATIO, APPLICATION, PARTNERSHIP, APPID, SUB_APPID };
#define KEY(member) (FZ_FIRST_MEMBER + member)

static const char *const words[] = {"account", NULL};
static const char *const members[] = {
    [TYPE] = "type",
    [RELATION] = "relation_type",
    [CUSTOM] = "custom_relation",
    [NAME] = "name",
    [AUTHORIZED] = "authorized",
    [SCENE] = "scene",
    [SERVICE] = "major_service",
    [RATIO] = "expected_ratio",
    [APPLICATION] = "application_file_id",
    [PARTNERSHIP] = "partnership_file_id",
    [APPID] = "appid",
    [SUB_APPID] = "sub_appid",
};

#define TYPE_OPTION   {"type", KEY(TYPE), "TYPE", 0, "MERCHANT_ID (without it), PERSONAL_OPENID or PERSONAL_SUB_OPENID", 0}
#define APPID_OPTIONS                                                                                                       \
    {"appid", KEY(APPID), "APPID", 0, "The app that a PERSONAL_OPENID was given for", 0},                                   \
    {                                                                                                                       \
        "sub-appid", KEY(SUB_APPID), "APPID", 0, "The app that a PERSONAL_SUB_OPENID was given for", 0                      \
    }

static const struct fz_shown shown[] = {
    {"account", "account", FZ_AS_TEXT, NULL},
    {"type", "type", FZ_AS_TEXT, NULL},
    {"sub-merchant", "sub_mchid", FZ_AS_TEXT, NULL},
    {"relation", "relation_type", FZ_AS_TEXT, NULL},
    {"in words", "custom_relation", FZ_AS_TEXT, NULL},
    {"scene", "scene", FZ_AS_TEXT, NULL},
    {"business", "major_service", FZ_AS_TEXT, NULL},
    {"expected share", "expected_ratio", FZ_AS_SHARE, NULL},
    {"state", "state", FZ_AS_TEXT, NULL},
    {"why it failed", "fail_reason", FZ_AS_TEXT, NULL},
    {"in more words", "fail_description", FZ_AS_TEXT, NULL},
    {0},
};

/* Of a merchant, unless another type is said. */
static int ask(const struct fz_command *command, const char *call, int argc, char **argv)
{
    struct fz_asking asking = {.call = call,
                               .members = members,
                               .words = words,
                               .shown = shown,
                               .given = {{"type", FZ_TYPE_MERCHANT}},
                               .given_count = 1};
    return fz_ask(command, &asking, argc, argv);
}

/* ---- add ---- */

static const struct argp_option add_options[] = {
    TYPE_OPTION,
    {"relation", KEY(RELATION), "WORD", 0,
     "SUPPLIER, DISTRIBUTOR, SERVICE_PROVIDER, IT_SERVICE_PROVIDER, TAX_SERVICE_PROVIDER or CUSTOM", 0},
    {"custom", KEY(CUSTOM), "TEXT", 0, "The relation in words, with --relation CUSTOM", 0},
    {"name", KEY(NAME), "TEXT", 0, "Full name of merchant or person; sealed on its way", 0},
    {"authorized", KEY(AUTHORIZED), NULL, 0, "The person agreed that the name is checked", 0},
    {"scene", KEY(SCENE), "TEXT", 0, "How the distribution is used", 0},
    {"business", KEY(SERVICE), "TEXT", 0, "The receiver's main business", 0},
    {"share", KEY(RATIO), "SHARE", 0, "Its expected share, in 1/10 000", 0},
    {"application", KEY(APPLICATION), "FILE_ID", 0, "The application letter, as `fenzhang upload' gave it", 0},
    {"partnership", KEY(PARTNERSHIP), "FILE_ID", 0, "The proof of the cooperation, likewise", 0},
    APPID_OPTIONS,
    {0}};

static const struct argp add_argp = {
    add_options,
    fz_take_member,
    "ACCOUNT",
    "Adds a receiver: it can be given a part of orders once its audit is over.\v"
    "Example:\n  fenzhang receiver add --env data/demo.env 1900022222 --relation SUPPLIER\n",
    NULL,
    NULL,
    NULL};

static int run_add(int argc, char **argv)
{
    return ask(&fz_receiver_add_command, "receiver-add", argc, argv);
}

const struct fz_command fz_receiver_add_command = {
    .name = "add", .summary = "adds one", .argp = &add_argp, .shared = &fz_caller_argp, .run = run_add};

/* ---- show and rm ---- */

static const struct argp_option options[] = {TYPE_OPTION, APPID_OPTIONS, {0}};

static const struct argp show_argp = {options, fz_take_member, "ACCOUNT",
                                      "Prints a receiver and what its audit came to.\v"
                                      "Example:\n  fenzhang receiver show --env data/demo.env 1900000130\n",
                                      NULL, NULL, NULL};

static int run_show(int argc, char **argv)
{
    struct fz_asking asking = {.call = "receiver-query", .members = members, .words = words, .shown = shown};
    return fz_ask(&fz_receiver_show_command, &asking, argc, argv);
}

const struct fz_command fz_receiver_show_command = {
    .name = "show", .summary = "shows one as it stands", .argp = &show_argp, .shared = &fz_caller_argp, .run = run_show};

static const struct argp rm_argp = {options, fz_take_member, "ACCOUNT",
                                    "Ends the relation to a receiver. What it was given stays given.\v"
                                    "Example:\n  fenzhang receiver rm --env data/demo.env 1900022222\n",
                                    NULL, NULL, NULL};

static int run_rm(int argc, char **argv)
{
    return ask(&fz_receiver_rm_command, "receiver-delete", argc, argv);
}

const struct fz_command fz_receiver_rm_command = {
    .name = "rm", .summary = "ends the relation to one", .argp = &rm_argp, .shared = &fz_caller_argp, .run = run_rm};

static const struct fz_command *const commands[] = {&fz_receiver_add_command, &fz_receiver_show_command,
                                                    &fz_receiver_rm_command, NULL};

const struct fz_command fz_receiver_command = {
    .name = "receiver",
    .summary = "adds, shows and removes receivers of funds distribution",
    .members = commands,
    .about = "Receivers of funds distribution: who can be given a part of orders. Each is added once, and audited.",
    .examples = "  fenzhang receiver add 1900022222 --relation SUPPLIER\n",
};
