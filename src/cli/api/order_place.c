/* fenzhang order native, jsapi, app, h5 and pay-code: places an order. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/api/commands.h"
#include "cli/api/members.h"

#define CODE_SIZE 256

enum {
    TOTAL,
    CURRENCY,
    DESCRIPTION,
    MCC,
    ATTACH,
    NOTIFY_URL,
    EXPIRE,
    TAG,
    LIMIT,
    OPENID,
    SUB_OPENID,
    SUB_APPID,
    PAYER_IP,
    STORE,
    ADDRESS
};
#define KEY(member) (FZ_FIRST_MEMBER + member)

static const char *const words[] = {"out_trade_no", NULL};
static const char *const members[] = {
    [TOTAL] = "amount.total",
    [CURRENCY] = "amount.currency",
    [DESCRIPTION] = "description",
    [MCC] = "merchant_category_code",
    [ATTACH] = "attach",
    [NOTIFY_URL] = "notify_url",
    [EXPIRE] = "time_expire",
    [TAG] = "goods_tag",
    [LIMIT] = "limit_pay",
    [OPENID] = "payer.openid",
    [SUB_OPENID] = "payer.sub_openid",
    [SUB_APPID] = "sub_appid",
    [PAYER_IP] = "scene_info.payer_client_ip",
    [STORE] = "scene_info.store_info.name",
    [ADDRESS] = "scene_info.store_info.address",
};

#define COMMON_OPTIONS                                                                                                      \
    {"total", KEY(TOTAL), "AMOUNT", 0, "What is to be paid, in the smallest unit of its currency", 0},                      \
        {"currency", KEY(CURRENCY), "CODE", 0, "Its currency (CNY without it)", 0},                                         \
        {"description", KEY(DESCRIPTION), "TEXT", 0, "What is sold", 0},                                                    \
        {"mcc", KEY(MCC), "CODE", 0, "Merchant category code: four digits", 0},                                             \
        {"attach", KEY(ATTACH), "TEXT", 0, "The merchant's own data, given back by queries", 0},                            \
        {"tag", KEY(TAG), "TEXT", 0, "Tag for vouchers", 0},                                                                \
        {"limit-pay", KEY(LIMIT), "WORD", 0, "no_credit: no credit cards", 0},                                              \
    {                                                                                                                       \
        "sub-appid", KEY(SUB_APPID), "APPID", 0, "The sub-merchant's app", 0                                                \
    }
#define LATER_OPTIONS                                                                                                       \
    {"notify-url", KEY(NOTIFY_URL), "URL", 0, "Where its payment is told (the profile's notify_url without it)", 0},        \
    {                                                                                                                       \
        "expire", KEY(EXPIRE), "TIME", 0, "Until when it can be paid, RFC 3339", 0                                          \
    }

static const struct argp_option options[] = {COMMON_OPTIONS, LATER_OPTIONS, {0}};
static const struct argp_option jsapi_options[] = {
    COMMON_OPTIONS,
    LATER_OPTIONS,
    {"openid", KEY(OPENID), "OPENID", 0, "The payer, for the app (of an institution: its own)", 0},
    {"sub-openid", KEY(SUB_OPENID), "OPENID", 0, "The payer, for the sub-merchant's app", 0},
    {0}};
static const struct argp_option h5_options[] = {
    COMMON_OPTIONS,
    LATER_OPTIONS,
    {"payer-ip", KEY(PAYER_IP), "ADDRESS", 0, "IP address of the payer's device", 0},
    {"store", KEY(STORE), "TEXT", 0, "The store's name", 0},
    {"store-address", KEY(ADDRESS), "TEXT", 0, "Where the store is", 0},
    {0}};
static const struct argp_option code_options[] = {COMMON_OPTIONS, {0}};

static const struct fz_shown link_shown[] = {{"code", "code_url", FZ_AS_TEXT, NULL}, {0}};
static const struct fz_shown prepaid_shown[] = {{"prepay", "prepay_id", FZ_AS_TEXT, NULL}, {0}};
static const struct fz_shown h5_shown[] = {{"page", "mweb_url", FZ_AS_TEXT, NULL}, {0}};
static const struct fz_shown paid_shown[] = {
    {"transaction", "id", FZ_AS_TEXT, NULL},
    {"number", "out_trade_no", FZ_AS_TEXT, NULL},
    {"state", "trade_state", FZ_AS_TEXT, NULL},
    {"amount", "amount.total", FZ_AS_AMOUNT, "amount.currency"},
    {"when", "success_time", FZ_AS_TEXT, NULL},
    {0},
};

/* An openid of the app is called otherwise in the two modes. */
static bool rename_payer(const struct fz_profile *profile, struct fz_draft *draft)
{
    json_t *payer = fz_draft_get(draft, "payer"), *openid = json_object_get(payer, "openid");
    if (openid == NULL || !profile->is_institution)
        return true;
    return json_object_set(payer, "sp_openid", openid) == 0 && json_object_del(payer, "openid") == 0;
}

/* The code that the payer shows is worth money for a minute, so it is no argument: a line of the standard input. */
static bool read_code(const struct fz_session *session, struct fz_draft *draft)
{
    char code[CODE_SIZE] = "";
    bool is_terminal = isatty(STDIN_FILENO);
    if (is_terminal && session->caller.no_input) {
        fputs("fenzhang: the payer's code is read from the standard input, which is a terminal, and --no-input forbids to "
              "ask.\n",
              stderr);
        return false;
    }
    if (is_terminal)
        fputs("The payer's code: ", stderr);
    if (fgets(code, sizeof code, stdin) != NULL)
        code[strcspn(code, "\r\n")] = '\0';
    bool good = code[0] != '\0' && fz_draft_set(draft, "payer.auth_code", code);
    if (code[0] == '\0')
        fputs("fenzhang: the payer's code is missing on the standard input. Nothing was sent.\n", stderr);
    OPENSSL_cleanse(code, sizeof code);
    return good;
}

static int place(const struct fz_command *command, struct fz_asking *asking, const char *type, int argc, char **argv)
{
    struct fz_session session;
    struct fz_draft draft = {0};
    asking->members = members;
    asking->words = words;
    int status = fz_session_open(command, argc, argv, asking, &session);
    if (status == FZ_EXIT_DONE) {
        bool good = fz_asking_draft(asking, &draft) && fz_draft_set(&draft, "trade_type", type) &&
                    rename_payer(&session.profile, &draft) && (strcmp(type, "MICROPAY") != 0 || read_code(&session, &draft));
        status = good ? fz_ask_with(&session, asking, &draft) : FZ_EXIT_TROUBLE;
    }
    fz_draft_done(&draft);
    fz_session_close(&session);
    return status;
}

#define EXAMPLE(way, more)                                                                                                  \
    "\vExample:\n  fenzhang order " way " --env data/demo.env N0001 --total 100 --description Camera --mcc 5812" more       \
    "\n\n"                                                                                                                  \
    "The same command again places it once. Exit status 3: nobody knows whether it was placed.\n"
#define NOTIFIED " \\\n      --notify-url http://127.0.0.1:9/"

#define ORDER_COMMAND(way, its_name, its_call, its_type, its_options, its_shown, its_summary, its_doc)                      \
    static const struct argp way##_argp = {its_options, fz_take_member, "NUMBER", its_doc, NULL, NULL, NULL};               \
    static int run_##way(int argc, char **argv)                                                                             \
    {                                                                                                                       \
        struct fz_asking asking = {.call = its_call, .shown = its_shown};                                                   \
        return place(&fz_order_##way##_command, &asking, its_type, argc, argv);                                             \
    }                                                                                                                       \
    const struct fz_command fz_order_##way##_command = {                                                                    \
        .name = its_name, .summary = its_summary, .argp = &way##_argp, .shared = &fz_caller_argp, .run = run_##way}

ORDER_COMMAND(native, "native", "order-native", "NATIVE", options, link_shown, "places one that is paid by scanning a code",
              "Places an order; the answer is what its QR code says." EXAMPLE("native", NOTIFIED));
ORDER_COMMAND(jsapi, "jsapi", "order-jsapi", "JSAPI", jsapi_options, prepaid_shown, "places one for a page inside WeChat",
              "Places an order for a page or mini program inside WeChat." EXAMPLE("jsapi", NOTIFIED " --openid o-payer"));
ORDER_COMMAND(app, "app", "order-app", "APP", options, prepaid_shown, "places one for an app",
              "Places an order for an app." EXAMPLE("app", NOTIFIED));
ORDER_COMMAND(h5, "h5", "order-mweb", "MWEB", h5_options, h5_shown, "places one for a browser outside WeChat",
              "Places an order for a mobile browser outside WeChat." EXAMPLE(
                  "h5", NOTIFIED " --payer-ip 127.0.0.1 --store Shop --store-address Here"));
ORDER_COMMAND(pay_code, "pay-code", "order-micropay", "MICROPAY", code_options, paid_shown, "has a payer's code paid",
              "Has an order paid by the code that the payer shows, which is read from the standard input." EXAMPLE(
                  "pay-code", " < code"));
