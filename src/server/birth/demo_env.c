/* DIR/demo.env: shell variables for the demo book. */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/private_file.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "server/birth/demo.h"
#include "server/birth/demo_story.h"
#include "server/data/data_directory.h"
#include "server/keys/identity.h"
#include "server/keys/platform_key.h"

struct variables {
    const struct fz_demo_env *env;
    int64_t created_ms;
    struct fz_text text;
    char platform_serial[FZ_SERIAL_SIZE];
};

static void set(struct variables *variables, const char *prefix, const char *name, const char *value)
{
    fz_text_format(&variables->text, "%s%s=", prefix, name);
    fz_shell_word_add(&variables->text, value);
    fz_text_string(&variables->text, "\n");
}

static void set_path(struct variables *variables, const char *prefix, const char *name, const char *mchid,
                     const char *file)
{
    char path[FZ_PATH_SIZE];
    const char *data = variables->env->data;
    int size = mchid == NULL ? snprintf(path, sizeof path, "%s/platform/%s.pem", data, file)
                             : snprintf(path, sizeof path, "%s/merchants/%s/%s", data, mchid, file);
    if (size < 0 || (size_t)size >= sizeof path)
        variables->text.failed = true;
    else
        set(variables, prefix, name, path);
}

static enum fz_result set_credentials(struct fz_tx *tx, struct variables *variables, const char *prefix,
                                      const char *mchid, const char *apiv3_key)
{
    char serial_no[FZ_SERIAL_SIZE];
    enum fz_result result = fz_identity_serial(tx, mchid, serial_no);
    if (result == FZ_ABSENT) /* a control call took it away */
        fz_copy(serial_no, sizeof serial_no, "");
    else if (result != FZ_OK)
        return result;
    set(variables, prefix, "BASE_URL", variables->env->api_url);
    set(variables, prefix, "CONTROL_URL", variables->env->control_url);
    set(variables, prefix, "MCHID", mchid);
    set(variables, prefix, "SERIAL_NO", serial_no);
    set_path(variables, prefix, "PRIVATE_KEY_PEM", mchid, "apiclient_key.pem");
    set_path(variables, prefix, "CERTIFICATE_PEM", mchid, "apiclient_cert.pem");
    set(variables, prefix, "APIV3_KEY", apiv3_key);
    set(variables, prefix, "PLATFORM_SERIAL_NO", variables->platform_serial);
    set_path(variables, prefix, "PLATFORM_CERT_PEM", NULL, variables->platform_serial);
    set(variables, prefix, "APPID", FZ_DEMO_APPID);
    return fz_identity_export(tx, variables->env->secrets, variables->env->data, mchid);
}

static void set_dates(struct variables *variables)
{
    char day[FZ_DAY_SIZE];
    int bill_day = fz_demo_bill_day(variables->created_ms);
    fz_format_day(day, bill_day);
    set(variables, "", "BILL_DATE", day);
    fz_format_day(day, bill_day - 1);
    set(variables, "", "EMPTY_BILL_DATE", day);
}

/* What a client needs to speak TLS with this server. */
static void set_ways(struct variables *variables)
{
    const struct fz_demo_env *env = variables->env;
    if (env->authority != NULL)
        set(variables, "", "CA_CERT_PEM", env->authority);
    if (env->proxy_url[0] != '\0')
        set(variables, "", "PROXY_URL", env->proxy_url);
}

static enum fz_result fill(struct fz_tx *tx, void *argument)
{
    struct variables *variables = argument;
    enum fz_result result = fz_platform_serial(tx, variables->platform_serial);
    if (result == FZ_OK)
        result = set_credentials(tx, variables, "", FZ_DEMO_MCHID, FZ_DEMO_APIV3_KEY);
    set(variables, "", "SUB_MCHID", FZ_DEMO_SUB_MCHID);
    set(variables, "", "OTHER_SUB_MCHID", FZ_DEMO_OTHER_SUB_MCHID);
    set(variables, "", "TRANSACTION_ID", FZ_DEMO_TRANSACTION_ID);
    set(variables, "", "OUT_TRADE_NO", FZ_DEMO_OUT_TRADE_NO);
    set(variables, "", "REFUND_ID", FZ_DEMO_REFUND_ID);
    set(variables, "", "OUT_REFUND_NO", FZ_DEMO_REFUND_ID);
    set(variables, "", "MARKED_TRANSACTION_IDS", FZ_DEMO_MARKED_TRANSACTION_IDS);
    set(variables, "", "MARKED_OUT_TRADE_NOS", FZ_DEMO_MARKED_OUT_TRADE_NOS);
    set_dates(variables);
    set_ways(variables);
    if (result == FZ_OK)
        result = set_credentials(tx, variables, "DIRECT_", FZ_DEMO_DIRECT_MCHID, FZ_DEMO_DIRECT_APIV3_KEY);
    set(variables, "DIRECT_", "TRANSACTION_ID", FZ_DEMO_DIRECT_TRANSACTION_ID);
    set(variables, "DIRECT_", "OUT_TRADE_NO", FZ_DEMO_DIRECT_OUT_TRADE_NO);
    set(variables, "DIRECT_", "REFUND_ID", FZ_DEMO_DIRECT_REFUND_ID);
    set(variables, "DIRECT_", "OUT_REFUND_NO", FZ_DEMO_DIRECT_REFUND_ID);
    set(variables, "DIRECT_", "MARKED_TRANSACTION_IDS", FZ_DEMO_DIRECT_MARKED_TRANSACTION_IDS);
    set(variables, "DIRECT_", "MARKED_OUT_TRADE_NOS", FZ_DEMO_DIRECT_MARKED_OUT_TRADE_NOS);
    return result == FZ_OK && variables->text.failed ? FZ_FULL : result;
}

enum fz_result fz_demo_write_env(const struct fz_demo_env *env, int64_t created_ms, char *why,
                                 size_t why_size)
{
    struct variables variables = {.env = env, .created_ms = created_ms, .text.max = 64 * 1024};
    struct fz_reader *reader = NULL;
    char path[FZ_PATH_SIZE];
    enum fz_result result = fz_path_join(path, env->data, "demo.env");
    if (result == FZ_OK)
        result = fz_reader_open(env->store, &reader);
    if (result == FZ_OK)
        result = fz_store_read(reader, fill, &variables, NULL);
    fz_reader_close(reader);
    bool changed = false;
    if (result == FZ_OK)
        result = fz_private_file_write(path, variables.text.data, variables.text.size, &changed);
    fz_text_done(&variables.text);
    if (result != FZ_OK)
        snprintf(why, why_size,
                 "The copies of the demo book's keys and demo.env could not be written to %s. Make room "
                 "there, or let this user write it.",
                 env->data);
    return result;
}
