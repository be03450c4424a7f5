/* DIR/demo.env: shell variables for the book that a world made. */
#include "server/birth/env.h"

#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/private_file.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "server/data/data_directory.h"
#include "server/keys/identity.h"
#include "server/keys/platform_key.h"
#include "world/moment.h"
#include "world/read.h"

#define ANY_APPID "wx8888888888888888" /* of a merchant that has no list of its own */

FZ_STATEMENT(env_appid, "SELECT appid FROM appid WHERE mchid = $1 ORDER BY appid LIMIT 1", "t", "t");

struct variables {
    const struct fz_demo_env *env;
    const struct fz_node *root;
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

/* ---- whose they are ---- */

static const struct fz_node *merchant_named(const struct fz_node *root, const char *mchid)
{
    const struct fz_node *merchants = fz_tree_member(root, "merchants");
    for (size_t i = 0; i < merchants->count; i++)
        if (strcmp(fz_world_text(merchants->entries[i].value, "mchid"), mchid) == 0)
            return merchants->entries[i].value;
    return NULL;
}

/* What its holder has; a control call may have taken it away since. */
static const char *apiv3_key_of(const struct variables *variables, const char *mchid)
{
    const char *key = fz_world_text(merchant_named(variables->root, mchid), "apiv3_key");
    return key == NULL || strcmp(key, "none") == 0 ? "" : key;
}

static enum fz_result set_appid(struct fz_tx *tx, struct variables *variables, const char *prefix, const char *mchid)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &env_appid, FZ_VALUES(FZ_T(mchid)), &row);
    if (result != FZ_OK && result != FZ_ABSENT)
        return result;
    set(variables, prefix, "APPID", result == FZ_OK ? fz_string(&row, 0) : ANY_APPID);
    return FZ_OK;
}

static enum fz_result set_credentials(struct fz_tx *tx, struct variables *variables, const char *prefix, const char *mchid)
{
    char serial_no[FZ_SERIAL_SIZE];
    bool has_private_key;
    enum fz_result result = fz_identity_serial(tx, mchid, serial_no);
    if (result == FZ_ABSENT) /* a control call took it away */
        fz_copy(serial_no, sizeof serial_no, "");
    else if (result != FZ_OK)
        return result;
    result = fz_identity_has_private_key(tx, mchid, &has_private_key);
    set(variables, prefix, "BASE_URL", variables->env->api_url);
    set(variables, prefix, "CONTROL_URL", variables->env->control_url);
    set(variables, prefix, "MCHID", mchid);
    set(variables, prefix, "SERIAL_NO", serial_no);
    if (has_private_key)
        set_path(variables, prefix, "PRIVATE_KEY_PEM", mchid, "apiclient_key.pem");
    set_path(variables, prefix, "CERTIFICATE_PEM", mchid, "apiclient_cert.pem");
    set(variables, prefix, "APIV3_KEY", apiv3_key_of(variables, mchid));
    set(variables, prefix, "PLATFORM_SERIAL_NO", variables->platform_serial);
    set_path(variables, prefix, "PLATFORM_CERT_PEM", NULL, variables->platform_serial);
    if (result == FZ_OK)
        result = set_appid(tx, variables, prefix, mchid);
    return result;
}

/* ---- what the file says of them ---- */

static enum fz_result set_listed(struct fz_tx *tx, struct variables *variables, const struct fz_node *item)
{
    const char *prefix = fz_world_text(item, "prefix");
    const struct fz_node *names = fz_tree_member(item, "names");
    if (prefix == NULL)
        prefix = "";
    enum fz_result result = set_credentials(tx, variables, prefix, fz_world_text(item, "mchid"));
    for (size_t i = 0; names != NULL && i < names->count; i++)
        set(variables, prefix, names->entries[i].name, names->entries[i].value->text);
    return result;
}

/* A file without a list: the first who calls, and the first sub-merchant of it. */
static enum fz_result set_first(struct fz_tx *tx, struct variables *variables)
{
    const struct fz_node *merchants = fz_tree_member(variables->root, "merchants");
    const char *mchid = NULL, *sub_mchid = NULL;
    for (size_t i = 0; i < merchants->count; i++) {
        const struct fz_node *merchant = merchants->entries[i].value;
        const char *parent = fz_world_text(merchant, "parent");
        if (mchid == NULL && parent == NULL)
            mchid = fz_world_text(merchant, "mchid");
        if (sub_mchid == NULL && parent != NULL && mchid != NULL && strcmp(parent, mchid) == 0)
            sub_mchid = fz_world_text(merchant, "mchid");
    }
    enum fz_result result = mchid == NULL ? FZ_OK : set_credentials(tx, variables, "", mchid);
    if (sub_mchid != NULL)
        set(variables, "", "SUB_MCHID", sub_mchid);
    return result;
}

static void set_dates(struct variables *variables)
{
    char day[FZ_DAY_SIZE];
    int bill_day = fz_bill_day_at(variables->created_ms);
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
    const struct fz_node *list = fz_tree_member(variables->root, "environment");
    enum fz_result result = fz_platform_serial(tx, variables->platform_serial);
    if (result == FZ_OK && list == NULL)
        result = set_first(tx, variables);
    for (size_t i = 0; list != NULL && i < list->count && result == FZ_OK; i++)
        result = set_listed(tx, variables, list->entries[i].value);
    if (result == FZ_OK)
        result = fz_all_export(tx, variables->env->secrets, variables->env->data, true);
    set_dates(variables);
    set_ways(variables);
    return result == FZ_OK && variables->text.failed ? FZ_FULL : result;
}

enum fz_result fz_demo_write_env(const struct fz_demo_env *env, const struct fz_world_file *file, int64_t created_ms, char *why,
                                 size_t why_size)
{
    struct variables variables = {.env = env, .root = file->root, .created_ms = created_ms, .text.max = 64 * 1024};
    char path[FZ_PATH_SIZE];
    enum fz_result result = fz_path_join(path, env->data, "demo.env");
    if (result == FZ_OK)
        result = fz_store_read_once(env->store, fill, &variables);
    bool changed = false;
    if (result == FZ_OK)
        result = fz_private_file_write(path, variables.text.data, variables.text.size, &changed);
    fz_text_done(&variables.text);
    if (result != FZ_OK)
        snprintf(why, why_size,
                 "The copies of the world's keys and demo.env could not be written to %s. Make room "
                 "there, or let this user write it.",
                 env->data);
    return result;
}
