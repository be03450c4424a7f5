/* Who there is in a world: the platform's public key, rates, merchants with their keys, receivers. */
#include <string.h>

#include "base/text.h"
#include "book/merchant/hindrance.h"
#include "book/rate.h"
#include "book/receiver/rail.h"
#include "server/birth/telling.h"
#include "server/keys/identity.h"
#include "server/keys/own_identity.h"
#include "server/keys/platform_key.h"
#include "wire/sealed.h"
#include "world/row.h"
#include "world/step_rows.h"

#define APPIDS_MAX 50

static enum fz_result fault_at(const struct fz_telling *telling, const struct fz_node *node, const char *why)
{
    return fz_world_fault(telling->fault, node->line, node->column, "%s", why);
}

/* ---- the platform, rates ---- */

static enum fz_result tell_platform(const struct fz_telling *telling)
{
    const struct fz_node *key = fz_tree_member(fz_tree_member(telling->root, "platform"), "public_key_private_key");
    if (key == NULL)
        return FZ_OK;
    FZ_CLEANUP(fz_key_drop) EVP_PKEY *read = fz_key_read(key->text);
    if (read == NULL)
        return fault_at(telling, key, "This is no RSA key in PEM without a password (BEGIN PRIVATE KEY): give one.");
    return fz_platform_public_key_ensure(telling->tx, telling->secrets, key->text);
}

static enum fz_result tell_rates(const struct fz_telling *telling)
{
    const struct fz_node *rates = fz_tree_member(telling->root, "rates");
    enum fz_result result = FZ_OK;
    for (size_t i = 0; rates != NULL && i < rates->count && result == FZ_OK; i++) {
        const struct fz_tree_entry *entry = &rates->entries[i];
        result = fz_rate_set(telling->tx, entry->name, fz_world_integer(rates, entry->name, 0));
        if (result == FZ_MALFORMED)
            return fz_world_fault(telling->fault, entry->line, entry->column,
                                  "This is no currency of the book other than CNY, or its rate is not from %lld to %lld: write one like "
                                  "USD: 650000000.",
                                  (long long)FZ_RATE_MIN, (long long)FZ_RATE_MAX);
    }
    return result;
}

/* ---- merchants ---- */

static int read_share(const struct fz_node *map, const char *name, bool is_sub, int usual)
{
    return (int)fz_world_integer(map, name, is_sub ? FZ_INHERIT : usual);
}

static enum fz_result read_terms(const struct fz_telling *telling, const struct fz_node *map, struct fz_merchant *out)
{
    const struct fz_node *currency = fz_tree_member(map, "settlement_currency");
    const char *contract = fz_world_text(map, "contract_date");
    *out = (struct fz_merchant){.kind = (enum fz_merchant_kind)(fz_world_word(map, "kind", fz_merchant_kind_words, 0) + FZ_MERCHANT_DIRECT),
                                .contract_day = FZ_NO_DAY,
                                .penalised = fz_world_boolean(map, "penalised", false)};
    bool is_sub = out->kind == FZ_MERCHANT_SUB;
    fz_copy(out->mchid, sizeof out->mchid, fz_world_text(map, "mchid"));
    fz_copy(out->parent, sizeof out->parent, fz_world_text(map, "parent"));
    fz_copy(out->settlement_currency, sizeof out->settlement_currency, currency == NULL ? "USD" : currency->text);
    out->fee_rate = read_share(map, "fee_rate", is_sub, 60);
    out->distribution_ratio = read_share(map, "distribution_ratio", is_sub, 3000);
    if (is_sub == (out->parent[0] == '\0'))
        return fault_at(telling, map, "A sub-merchant has a `parent`, its institution, and nobody else has one: add it, or take it out.");
    if (currency != NULL && (is_sub || fz_currency_find(currency->text) == NULL))
        return fault_at(telling, currency, is_sub ? "A sub-merchant is settled in its institution's currency: take this out."
                                                  : "This is not a currency of the book: write one like USD.");
    if (contract == NULL)
        return FZ_OK;
    if (fz_moment_day_read(contract, &telling->anchors, &out->contract_day) != FZ_OK || out->contract_day < 0)
        return fault_at(telling, fz_tree_member(map, "contract_date"), "`contract_date` lies before 1970: write a later one.");
    return FZ_OK;
}

static enum fz_result tell_appids(const struct fz_telling *telling, const struct fz_node *map)
{
    const struct fz_node *list = fz_tree_member(map, "appids");
    const char *appids[APPIDS_MAX];
    for (size_t i = 0; list != NULL && i < list->count; i++)
        appids[i] = list->entries[i].value->text;
    return list == NULL ? FZ_OK : fz_merchant_set_appids(telling->tx, fz_world_text(map, "mchid"), appids, list->count);
}

static enum fz_result tell_hindrance(const struct fz_telling *telling, const struct fz_node *map)
{
    const struct fz_node *scenes = fz_tree_member(map, "refused_scenes");
    struct fz_hindrance hindrance = {.papers_missing = fz_world_word(map, "papers", fz_papers_words, 0),
                                     .cny_pool_empty = fz_world_word(map, "cny_pool", fz_cny_pool_words, 0)};
    for (size_t i = 0; scenes != NULL && i < scenes->count; i++)
        for (unsigned bit = 0; fz_scene_words[bit] != NULL; bit++)
            if (strcmp(fz_scene_words[bit], scenes->entries[i].value->text) == 0)
                hindrance.refused_scenes |= 1U << bit;
    if (!hindrance.papers_missing && !hindrance.cny_pool_empty && hindrance.refused_scenes == 0)
        return FZ_OK;
    return fz_hindrance_set(telling->tx, fz_world_text(map, "mchid"), &hindrance);
}

/* ---- their keys ---- */

static bool is_none(const char *text)
{
    return text != NULL && strcmp(text, "none") == 0;
}

static enum fz_result tell_identity(const struct fz_telling *telling, const struct fz_node *map)
{
    const char *mchid = fz_world_text(map, "mchid"), *why = NULL;
    const struct fz_own_identity own = {.private_key = fz_world_text(map, "private_key"),
                                        .certificate = fz_world_text(map, "certificate"),
                                        .merchant_public_key = fz_world_text(map, "merchant_public_key"),
                                        .serial_no = fz_world_text(map, "serial_no")};
    if (is_none(own.certificate))
        return FZ_OK;
    enum fz_result result = fz_own_identity_set(telling->tx, telling->secrets, mchid, &own, &why);
    if (result == FZ_MALFORMED)
        return fz_world_fault(telling->fault, map->line, map->column, "The key of merchant %s cannot be used: %s.", mchid, why);
    return fz_telling_end(telling, map, "The merchant's certificate cannot be used", result);
}

static enum fz_result tell_apiv3_key(const struct fz_telling *telling, const struct fz_node *map)
{
    const struct fz_node *key = fz_tree_member(map, "apiv3_key");
    if (key == NULL || is_none(key->text))
        return FZ_OK;
    if (strlen(key->text) != FZ_APIV3_KEY_SIZE)
        return fault_at(telling, key, "`apiv3_key` has not 32 bytes: write one that has, none, or leave it away.");
    return fz_identity_set_apiv3_key(telling->tx, telling->secrets, fz_world_text(map, "mchid"), key->text);
}

static enum fz_result tell_key_use(const struct fz_telling *telling, const struct fz_node *map)
{
    const char *mchid = fz_world_text(map, "mchid");
    int signer = fz_world_word(map, "callbacks_signed_by", fz_signer_words, -1);
    enum fz_result result = FZ_OK;
    if (fz_world_has(map, "public_key"))
        result = fz_identity_set_public_key(telling->tx, mchid,
                                            (enum fz_public_key_use)fz_world_word(map, "public_key", fz_public_key_use_words, 0));
    if (result == FZ_OK && signer >= 0)
        result = fz_identity_set_callback_key_share(telling->tx, mchid, signer == 0 ? 0 : FZ_CALLBACK_KEY_ALL);
    return result;
}

/* A sub-merchant does not call. */
static enum fz_result tell_keys(const struct fz_telling *telling, const struct fz_node *map, bool is_sub)
{
    static const char *const members[] = {"private_key", "certificate", "merchant_public_key", "serial_no",
                                          "apiv3_key",   "public_key",  "callbacks_signed_by"};
    for (size_t i = 0; is_sub && i < sizeof members / sizeof members[0]; i++)
        if (fz_world_has(map, members[i]))
            return fz_world_fault(telling->fault, map->line, map->column,
                                  "A sub-merchant has no `%s`, as its institution calls for it: take it out.", members[i]);
    enum fz_result result = is_sub ? FZ_OK : tell_identity(telling, map);
    if (result == FZ_OK)
        result = tell_apiv3_key(telling, map);
    return result == FZ_OK ? tell_key_use(telling, map) : result;
}

static enum fz_result tell_merchant(const struct fz_telling *telling, const struct fz_node *map)
{
    struct fz_merchant merchant;
    enum fz_result result = read_terms(telling, map, &merchant);
    if (result == FZ_OK)
        result = fz_merchant_add(telling->tx, &merchant);
    if (result == FZ_CONFLICT)
        return fault_at(telling, map, "A merchant with this `mchid` stands above: give it another number.");
    if (result == FZ_MALFORMED && telling->fault->why[0] == '\0')
        return fault_at(telling, map, "The merchant's terms do not fit together: `parent` has to be an institution that stands above.");
    if (result == FZ_OK)
        result = tell_appids(telling, map);
    if (result == FZ_OK)
        result = tell_hindrance(telling, map);
    return result == FZ_OK ? tell_keys(telling, map, merchant.kind == FZ_MERCHANT_SUB) : result;
}

/* ---- receivers ---- */

static enum fz_result end_audit(const struct fz_telling *telling, const struct fz_node *map, const char *caller,
                                const char *sub_mchid, const char *usual)
{
    const char *reason = fz_world_text(map, "fail_reason"), *word = fz_world_text(map, "audit");
    if (word == NULL)
        word = usual;
    bool fails = word != NULL && strcmp(word, "FAILED") == 0;
    if (fails != (reason != NULL))
        return fault_at(telling, map, "`fail_reason` belongs to `audit: FAILED`: add what is missing, or take it out.");
    if (word == NULL)
        return FZ_OK;
    const struct fz_receiver_verdict verdict = {.state = fails ? FZ_RECEIVER_FAILED : FZ_RECEIVER_EFFECTIVE, .fail_reason = reason};
    return fz_rail_receivers_audited(telling->tx, fz_world_text(map, "account"), caller, sub_mchid, &verdict);
}

static enum fz_result set_fate(const struct fz_telling *telling, const struct fz_node *map, const char *caller, const char *sub_mchid)
{
    const char *account = fz_world_text(map, "account");
    enum fz_result result = FZ_OK;
    if (fz_world_has(map, "penalised"))
        result = fz_receiver_penalise(telling->tx, account, caller, sub_mchid, fz_world_boolean(map, "penalised", false));
    if (result == FZ_OK && fz_world_has(map, "fails_with"))
        result = fz_receiver_fail_slices(telling->tx, account, caller, sub_mchid, fz_world_text(map, "fails_with"));
    return result;
}

static void fill_receiver(const struct fz_node *map, const struct fz_party *party, struct fz_receiver *out)
{
    const char *type = fz_world_text(map, "type");
    *out = (struct fz_receiver){.expected_ratio = -1};
#define COPY(field, text) fz_copy(out->field, sizeof out->field, text)
    COPY(caller, party->caller);
    COPY(sub_mchid, party->sub_mchid);
    COPY(type, type == NULL ? "MERCHANT_ID" : type);
    COPY(account, fz_world_text(map, "account"));
    COPY(name, fz_world_text(map, "name"));
    COPY(relation_type, fz_world_text(map, "relation_type"));
    COPY(custom_relation, fz_world_text(map, "custom_relation"));
    COPY(appid, fz_world_text(map, "appid"));
    COPY(sub_appid, fz_world_text(map, "sub_appid"));
#undef COPY
}

static enum fz_result add_receiver(const struct fz_telling *telling, const struct fz_node *map, const char *usual)
{
    struct fz_party party;
    struct fz_receiver receiver;
    enum fz_result result = fz_telling_party(telling, map, &party);
    if (result != FZ_OK)
        return result;
    fill_receiver(map, &party, &receiver);
    result = fz_receiver_add(telling->tx, &receiver);
    if (result == FZ_OK)
        result = end_audit(telling, map, party.caller, party.sub_mchid, usual);
    if (result == FZ_OK)
        result = set_fate(telling, map, party.caller, party.sub_mchid);
    return fz_telling_end(telling, map, "The receiver cannot be added", result);
}

enum fz_result fz_telling_receiver(const struct fz_telling *telling, const struct fz_node *map)
{
    return add_receiver(telling, map, NULL);
}

enum fz_result fz_telling_change_receiver(const struct fz_telling *telling, const struct fz_node *map)
{
    const char *caller = fz_world_text(map, "mchid"), *sub_mchid = fz_world_text(map, "sub_mchid");
    enum fz_result result = set_fate(telling, map, caller, sub_mchid);
    if (result == FZ_OK)
        result = end_audit(telling, map, caller, sub_mchid, NULL);
    return fz_telling_end(telling, map, "The receiver cannot be changed", result);
}

/* ---- all of them ---- */

static enum fz_result tell_each(const struct fz_telling *telling, const char *name,
                                enum fz_result (*tell)(const struct fz_telling *telling, const struct fz_node *map))
{
    const struct fz_node *list = fz_tree_member(telling->root, name);
    enum fz_result result = FZ_OK;
    for (size_t i = 0; list != NULL && i < list->count && result == FZ_OK; i++)
        result = tell(telling, list->entries[i].value);
    return result;
}

/* Those that are there from the beginning were looked at before it. */
static enum fz_result tell_receiver(const struct fz_telling *telling, const struct fz_node *map)
{
    return add_receiver(telling, map, "EFFECTIVE");
}

enum fz_result fz_telling_who(const struct fz_telling *telling)
{
    enum fz_result result = tell_platform(telling);
    if (result == FZ_OK)
        result = tell_rates(telling);
    if (result == FZ_OK)
        result = tell_each(telling, "merchants", tell_merchant);
    if (result == FZ_OK)
        result = tell_each(telling, "receivers", tell_receiver);
    return result == FZ_OK ? fz_telling_environment(telling) : result;
}
