/* A book as a world file: who there is, and when; what happened is export_story.c's. */
#include "server/birth/export.h"

#include <string.h>

#include "base/calendar.h"
#include "book/clock.h"
#include "book/merchant/hindrance.h"
#include "book/rate.h"
#include "server/birth/export_story.h"
#include "server/keys/identity.h"
#include "server/keys/platform_key.h"
#include "wire/sealed.h"
#include "world/row.h"

FZ_STATEMENT(export_identity,
             "SELECT m.apiv3_key, m.public_key, m.callback_key_share, k.serial_no, k.certificate, k.private_key FROM merchant m"
             " LEFT JOIN merchant_key k ON k.id = (SELECT MAX(id) FROM merchant_key WHERE mchid = m.mchid) WHERE m.mchid = $1",
             "t", "biittb");
FZ_STATEMENT(export_appids, "SELECT appid FROM appid WHERE mchid = $1 ORDER BY appid", "t", "t");
FZ_LARGE_STATEMENT(export_receivers,
             "SELECT caller, sub_mchid, type, account, name, relation_type, custom_relation, appid, sub_appid, state, fail_reason"
             " FROM receiver ORDER BY id",
             "", "tttttttttit");

struct exporting {
    struct fz_tx *tx;
    const struct fz_secrets *secrets;
    bool keys;
    json_t *world, *left_out;
    json_t *callers, *subs; /* merchants: institutions stand above their sub-merchants */
};

static void set(json_t *object, const char *name, json_t *value)
{
    if (value != NULL)
        (void)json_object_set_new(object, name, value);
}

static json_t *text_or_absent(const struct fz_cursor *row, int column)
{
    const char *text = fz_is_null(row, column) ? "" : fz_string(row, column);
    return text[0] == '\0' ? NULL : json_string(text);
}

static void leave_out(struct exporting *exporting, const char *what)
{
    (void)json_array_append_new(exporting->left_out, json_string(what));
}

/* ---- merchants ---- */

static json_t *opened(const struct exporting *exporting, const char *kind, const char *name, const struct fz_cursor *row, int column)
{
    FZ_CLEANUP(fz_text_wipe) struct fz_text text = {.max = FZ_PEM_MAX};
    size_t size;
    const void *sealed = fz_bytes(row, column, &size);
    return fz_secret_open(exporting->secrets, kind, name, sealed, size, &text) == FZ_OK ? json_stringn(text.data, text.size) : NULL;
}

static void set_apiv3_key(const struct exporting *exporting, json_t *merchant, const char *mchid, const struct fz_cursor *row)
{
    if (fz_is_null(row, 0))
        set(merchant, "apiv3_key", json_string("none"));
    else if (exporting->keys)
        set(merchant, "apiv3_key", opened(exporting, "apiv3_key", mchid, row, 0));
}

static enum fz_result set_identity(const struct exporting *exporting, json_t *merchant, const char *mchid)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(exporting->tx, &export_identity, FZ_VALUES(FZ_T(mchid)), &row);
    if (result != FZ_OK)
        return result;
    set_apiv3_key(exporting, merchant, mchid, &row);
    set(merchant, "certificate", json_string(fz_is_null(&row, 4) ? "none" : fz_string(&row, 4)));
    if (exporting->keys && !fz_is_null(&row, 5))
        set(merchant, "private_key", opened(exporting, "merchant_key", fz_string(&row, 3), &row, 5));
    if (fz_int(&row, 1) != 0)
        set(merchant, "public_key", json_string(fz_public_key_use_words[fz_int(&row, 1)]));
    if (!fz_is_null(&row, 2))
        set(merchant, "callbacks_signed_by", json_string(fz_signer_words[fz_int(&row, 2) > 0]));
    return FZ_OK;
}

static enum fz_result set_appids(const struct exporting *exporting, json_t *merchant, const char *mchid)
{
    FZ_CURSOR row = {0};
    json_t *list = json_array();
    enum fz_result result = fz_query(exporting->tx, &export_appids, FZ_VALUES(FZ_T(mchid)), &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK)
        (void)json_array_append_new(list, json_string(fz_string(&row, 0)));
    if (json_array_size(list) > 0)
        set(merchant, "appids", json_incref(list));
    json_decref(list);
    return result == FZ_ABSENT ? FZ_OK : result;
}

static enum fz_result set_hindrance(const struct exporting *exporting, json_t *merchant, const char *mchid)
{
    struct fz_hindrance hindrance;
    enum fz_result result = fz_hindrance_find(exporting->tx, mchid, &hindrance);
    if (result != FZ_OK)
        return result;
    json_t *scenes = json_array();
    for (unsigned i = 0; fz_scene_words[i] != NULL; i++)
        if ((hindrance.refused_scenes & 1U << i) != 0)
            (void)json_array_append_new(scenes, json_string(fz_scene_words[i]));
    if (hindrance.papers_missing)
        set(merchant, "papers", json_string(fz_papers_words[1]));
    if (hindrance.cny_pool_empty)
        set(merchant, "cny_pool", json_string(fz_cny_pool_words[1]));
    if (json_array_size(scenes) > 0)
        set(merchant, "refused_scenes", json_incref(scenes));
    json_decref(scenes);
    return FZ_OK;
}

static json_t *terms_json(const struct fz_merchant *merchant)
{
    char day[FZ_DAY_SIZE];
    bool is_sub = merchant->kind == FZ_MERCHANT_SUB;
    json_t *json = json_pack("{s:s, s:s}", "mchid", merchant->mchid, "kind", fz_merchant_kind_words[merchant->kind - FZ_MERCHANT_DIRECT]);
    if (is_sub)
        set(json, "parent", json_string(merchant->parent));
    else
        set(json, "settlement_currency", json_string(merchant->settlement_currency));
    if (merchant->contract_day != FZ_NO_DAY) {
        fz_format_day(day, merchant->contract_day);
        set(json, "contract_date", json_string(day));
    }
    if (merchant->fee_rate != FZ_INHERIT)
        set(json, "fee_rate", json_integer(merchant->fee_rate));
    if (merchant->distribution_ratio != FZ_INHERIT)
        set(json, "distribution_ratio", json_integer(merchant->distribution_ratio));
    if (merchant->penalised)
        set(json, "penalised", json_true());
    return json;
}

static enum fz_result add_merchant(void *argument, const struct fz_merchant *merchant)
{
    struct exporting *exporting = argument;
    bool is_sub = merchant->kind == FZ_MERCHANT_SUB;
    json_t *json = terms_json(merchant);
    enum fz_result result = json == NULL ? FZ_FAILED : set_appids(exporting, json, merchant->mchid);
    if (result == FZ_OK)
        result = set_hindrance(exporting, json, merchant->mchid);
    if (result == FZ_OK && !is_sub)
        result = set_identity(exporting, json, merchant->mchid);
    return json_array_append_new(is_sub ? exporting->subs : exporting->callers, json) == 0 ? result : FZ_FAILED;
}

static enum fz_result export_merchants(struct exporting *exporting)
{
    enum fz_result result = fz_merchant_each(exporting->tx, add_merchant, exporting);
    if (result == FZ_OK && json_array_extend(exporting->callers, exporting->subs) != 0)
        result = FZ_FAILED;
    set(exporting->world, "merchants", json_incref(exporting->callers));
    return result;
}

/* ---- receivers, rates, the platform ---- */

static enum fz_result export_receivers_of_all(struct exporting *exporting)
{
    static const char *const names[] = {"mchid", "sub_mchid", "type", "account", "name", "relation_type", "custom_relation", "appid", "sub_appid"};
    FZ_CURSOR row = {0};
    json_t *list = json_array();
    enum fz_result result = fz_query(exporting->tx, &export_receivers, NULL, 0, &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        json_t *receiver = json_object();
        for (int i = 0; i < (int)(sizeof names / sizeof names[0]); i++)
            set(receiver, names[i], text_or_absent(&row, i));
        if (fz_int(&row, 9) == 3) {
            set(receiver, "audit", json_string("FAILED"));
            set(receiver, "fail_reason", fz_is_null(&row, 10) ? json_string("UNKNOWN") : text_or_absent(&row, 10));
        }
        (void)json_array_append_new(list, receiver);
    }
    set(exporting->world, "receivers", list);
    return result == FZ_ABSENT ? FZ_OK : result;
}

static enum fz_result add_rate(void *rates, const char *currency, int64_t rate)
{
    return json_object_set_new(rates, currency, json_integer(rate)) == 0 ? FZ_OK : FZ_FAILED;
}

static enum fz_result export_rates(struct exporting *exporting)
{
    json_t *rates = json_object();
    enum fz_result result = fz_rate_each(exporting->tx, add_rate, rates);
    if (json_object_size(rates) > 0)
        set(exporting->world, "rates", json_incref(rates));
    json_decref(rates);
    return result;
}

static enum fz_result export_platform(struct exporting *exporting)
{
    FZ_CLEANUP(fz_text_wipe) struct fz_text pem = {.max = FZ_PEM_MAX};
    if (!exporting->keys)
        return FZ_OK;
    enum fz_result result = fz_platform_pem(exporting->tx, exporting->secrets, &pem);
    if (result == FZ_OK)
        set(exporting->world, "platform", json_pack("{s:s}", "private_key", pem.data));
    return result;
}

/* ---- all of it ---- */

static enum fz_result export_story(struct exporting *exporting)
{
    char now[FZ_TIME_SIZE], begin[FZ_TIME_SIZE];
    struct fz_export_story story = {.steps = json_array()};
    struct fz_clock_state clock;
    int64_t floor_ms;
    enum fz_result result = fz_clock_load(exporting->tx, &clock, &floor_ms);
    if (result == FZ_OK)
        result = fz_export_story(exporting->tx, &story);
    fz_format_time_ms(now, exporting->tx->now_ms);
    fz_format_time_ms(begin, story.begin_ms == 0 ? exporting->tx->now_ms : story.begin_ms);
    set(exporting->world, "clock", json_pack("{s:s, s:s, s:b}", "now", now, "begins", begin, "frozen", result == FZ_OK && clock.frozen));
    set(exporting->world, "story", story.steps);
    if (story.by_code > 0)
        leave_out(exporting, "Orders that were paid by code are left out.");
    if (story.unpaid > 0)
        leave_out(exporting, "Orders that were not paid are left out.");
    return result;
}

static void tell_limits_of_a_file(struct exporting *exporting)
{
    leave_out(exporting, exporting->keys ? "Of several certificates or public keys of the platform, the first certificate's key is there alone."
                                         : "Private keys and APIv3 keys are left out: ask for them with --keys. Those that are missing are made "
                                           "anew.");
    leave_out(exporting, "Terms of merchants, and what became of receivers, are as they are now; penalties of receivers, uploads, callbacks, faults "
                         "and the request log are left out.");
    leave_out(exporting, "What the platform draws is drawn anew: numbers of distributions and callbacks, and how long freezing and sharing take.");
}

enum fz_result fz_world_export(struct fz_tx *tx, const struct fz_secrets *secrets, bool keys, json_t **out)
{
    struct exporting exporting = {.tx = tx,
                                  .secrets = secrets,
                                  .keys = keys,
                                  .world = json_pack("{s:i}", "fenzhang", 1),
                                  .left_out = json_array(),
                                  .callers = json_array(),
                                  .subs = json_array()};
    tell_limits_of_a_file(&exporting);
    enum fz_result result = export_rates(&exporting);
    if (result == FZ_OK)
        result = export_platform(&exporting);
    if (result == FZ_OK)
        result = export_merchants(&exporting);
    if (result == FZ_OK)
        result = export_receivers_of_all(&exporting);
    if (result == FZ_OK)
        result = export_story(&exporting);
    json_decref(exporting.callers);
    json_decref(exporting.subs);
    *out = json_pack("{s:o, s:o}", "world", exporting.world, "left_out", exporting.left_out);
    if (result == FZ_OK && *out == NULL)
        return FZ_FAILED;
    if (result != FZ_OK) {
        json_decref(*out);
        *out = NULL;
    }
    return result;
}
