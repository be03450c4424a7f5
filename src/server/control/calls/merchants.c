/* GET /merchants, POST /merchants, POST /merchants/MCHID: merchants with their terms and their identities. */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "server/control/calls/merchant_change.h"
#include "server/control/calls/routes.h"
#include "server/data/data_directory.h"
#include "server/keys/identity.h"
#include "server/work/stores.h"

/* ---- a merchant in the book ---- */

struct lookup {
    const struct fz_control_parts *parts;
    const char *mchid;
    struct fz_merchant merchant;
    struct fz_hindrance hindrance;
    char serial_no[FZ_SERIAL_SIZE]; /* "" if it has no certificate */
};

static enum fz_result find(struct fz_tx *tx, void *argument)
{
    struct lookup *lookup = argument;
    enum fz_result result = fz_merchant_find(tx, lookup->mchid, &lookup->merchant);
    if (result == FZ_OK)
        result = fz_hindrance_find(tx, lookup->mchid, &lookup->hindrance);
    if (result == FZ_OK)
        result = fz_identity_serial(tx, lookup->mchid, lookup->serial_no);
    return result == FZ_ABSENT && lookup->merchant.mchid[0] != '\0' ? FZ_OK : result;
}

/* ---- answering ---- */

static json_t *share_or_null(int value)
{
    return value == FZ_INHERIT ? json_null() : json_integer(value);
}

static json_t *as_json(const struct fz_merchant *merchant, const struct fz_hindrance *hindrance)
{
    char day[FZ_DAY_SIZE] = "";
    if (merchant->contract_day != FZ_NO_DAY)
        fz_format_day(day, merchant->contract_day);
    json_t *object = json_pack("{s:s, s:s, s:s*, s:o, s:o, s:s, s:o, s:b}", "mchid", merchant->mchid, "kind",
                               fz_merchant_kind_words[merchant->kind - FZ_MERCHANT_DIRECT], "parent",
                               merchant->kind == FZ_MERCHANT_SUB ? merchant->parent : NULL, "contract_date",
                               day[0] == '\0' ? json_null() : json_string(day), "fee_rate",
                               share_or_null(merchant->fee_rate), "settlement_currency",
                               merchant->settlement_currency, "distribution_ratio",
                               share_or_null(merchant->distribution_ratio), "penalised", merchant->penalised);
    if (object != NULL)
        fz_hindrance_tell(object, merchant->kind, hindrance);
    return object;
}

/* What stands in the book after the change, and its copies in the data directory. */
static enum fz_result find_and_export(struct fz_tx *tx, void *argument)
{
    struct lookup *lookup = argument;
    enum fz_result result = find(tx, lookup);
    if (result != FZ_OK || lookup->merchant.kind == FZ_MERCHANT_SUB)
        return result;
    const char *data = lookup->parts->data;
    result = fz_identity_export(tx, lookup->parts->secrets, data, lookup->mchid);
    return result == FZ_OK ? fz_platform_export(tx, data)
                           : result; /* the public key, if it is the first user */
}

static void answer_merchant(struct fz_control_call *call, const char *mchid)
{
    struct lookup outcome = {.parts = call->parts, .mchid = mchid};
    struct fz_error error = {0};
    enum fz_result result = fz_directory_reload_merchant(call->parts->directory, mchid);
    if (result == FZ_OK)
        result = fz_store_read(call->reader, find_and_export, &outcome, &error);
    if (result != FZ_OK) {
        fz_control_refuse_result(call,
                                 "The merchant stands in the book, but its keys could not be read or written "
                                 "to the data directory",
                                 result == FZ_ABSENT ? FZ_FAILED : result, &error);
        return;
    }
    json_t *object = as_json(&outcome.merchant, &outcome.hindrance);
    if (outcome.merchant.kind != FZ_MERCHANT_SUB) {
        char keys[FZ_PATH_SIZE];
        snprintf(keys, sizeof keys, "%s/merchants/%s", call->parts->data, mchid);
        (void)json_object_set_new(object, "keys", json_string(keys));
        (void)json_object_set_new(
            object, "serial_no", outcome.serial_no[0] == '\0' ? json_null() : json_string(outcome.serial_no));
        struct fz_directory *directory = fz_directory_present(call->parts->directory);
        const struct fz_caller *caller = directory == NULL ? NULL : fz_directory_caller(directory, mchid);
        if (caller != NULL)
            fz_merchant_keys_tell(object, caller);
        fz_directory_unref(directory);
    }
    fz_control_answer(call, object);
}

static void refuse_serial(struct fz_control_call *call, const char *what)
{
    fz_control_refuse(call, MHD_HTTP_CONFLICT,
                      "The merchant was not %s: the serial number of its key names another key in this book. Send that key's own "
                      "number, or POST /reset.",
                      what);
}

/* ---- a new merchant ---- */

static enum fz_result add(struct fz_tx *tx, void *argument)
{
    struct fz_merchant_change *change = argument;
    enum fz_result result = fz_changes_add(tx);
    if (result == FZ_OK)
        result = fz_merchant_add(tx, &change->merchant);
    return result == FZ_OK ? fz_merchant_change_apply(tx, change) : result;
}

/* A sub-merchant's parent has to be there, and lends it its settlement currency. */
static void read_parent(struct fz_control_call *call, struct fz_merchant *merchant)
{
    const char *parent = fz_body_letters(call, "parent", 8, 32, FZ_DIGIT_LETTERS);
    if (merchant->kind != FZ_MERCHANT_SUB) {
        if (parent != NULL)
            fz_body_fault(call, "\"parent\" belongs to the kind \"sub\" only: leave it away");
        return;
    }
    struct lookup lookup = {.mchid = parent};
    if (parent == NULL)
        fz_body_require(call, "parent");
    else if (fz_store_read(call->reader, find, &lookup, NULL) != FZ_OK ||
             lookup.merchant.kind != FZ_MERCHANT_INSTITUTION)
        fz_body_fault(call, "\"parent\" is no institution of this book: make that first");
    else {
        fz_copy(merchant->parent, sizeof merchant->parent, parent);
        fz_copy(merchant->settlement_currency, sizeof merchant->settlement_currency,
                lookup.merchant.settlement_currency);
    }
}

static void read_new(struct fz_control_call *call, struct fz_merchant_change *change)
{
    fz_body_only(call, call->members);
    fz_body_require(call, "mchid");
    fz_body_require(call, "kind");
    const char *mchid = fz_body_letters(call, "mchid", 8, 32, FZ_DIGIT_LETTERS);
    struct fz_merchant *merchant = &change->merchant;
    merchant->kind = (enum fz_merchant_kind)(fz_body_word(call, "kind", fz_merchant_kind_words, 0) + FZ_MERCHANT_DIRECT);
    bool sub = merchant->kind == FZ_MERCHANT_SUB;
    fz_copy(merchant->mchid, sizeof merchant->mchid, mchid);
    fz_copy(merchant->settlement_currency, sizeof merchant->settlement_currency, "USD");
    merchant->contract_day = FZ_NO_DAY;
    merchant->fee_rate = sub ? FZ_INHERIT : 60;
    merchant->distribution_ratio = sub ? FZ_INHERIT : 3000;
    read_parent(call, merchant);
    fz_merchant_change_read(change);
    if (!sub && change->certificate == FZ_CHANGE_KEEP_CERTIFICATE && !fz_own_identity_is_given(&change->own))
        change->certificate = FZ_CHANGE_VALID;
}

/* A merchant in another book than where his requests are led could not be reached; a sub-merchant lies where its parent does. */
static bool may_lie_here(struct fz_control_call *call, const struct fz_merchant *merchant)
{
    const struct fz_stores *stores = call->parts->stores;
    size_t said = stores == NULL || merchant->kind == FZ_MERCHANT_SUB ? call->parts->place : fz_stores_find(stores, merchant->mchid);
    if (said == call->parts->place)
        return true;
    fz_control_refuse(call, MHD_HTTP_CONFLICT,
                      "The merchant was not made: by --store-map %s lies in %s%s, and this is the control interface of %s%s. Make him there, "
                      "or change the map and start again.",
                      merchant->mchid, said == 0 ? "" : "the store ", fz_store_name(stores, said),
                      call->parts->place == 0 ? "" : "the store ", fz_store_name(stores, call->parts->place));
    return false;
}

/* Without a certificate, or with one of its own, a new merchant still gets an APIv3 key, unless told otherwise. */
void fz_control_add_merchant(struct fz_control_call *call)
{
    FZ_CLEANUP(fz_merchant_change_done)
    struct fz_merchant_change change = {.call = call, .pem.max = FZ_PEM_MAX, .public_pem.max = FZ_PEM_MAX};
    struct fz_error error = {0};
    read_new(call, &change);
    bool issues = change.certificate != FZ_CHANGE_NO_CERTIFICATE && change.certificate != FZ_CHANGE_KEEP_CERTIFICATE;
    if (change.merchant.kind != FZ_MERCHANT_SUB && !issues && change.apiv3_key == FZ_CHANGE_KEEP_APIV3_KEY)
        change.apiv3_key = FZ_CHANGE_SET_APIV3_KEY;
    if (!fz_body_is_sound(call) || !may_lie_here(call, &change.merchant))
        return;
    enum fz_result result = fz_merchant_change_prepare(&change, false);
    if (result == FZ_OK)
        result = fz_store_write(call->parts->store, add, &change, &error);
    if (result == FZ_OK)
        answer_merchant(call, change.merchant.mchid);
    else if (change.serial_taken)
        refuse_serial(call, "made");
    else if (result == FZ_CONFLICT)
        fz_control_refuse(call, MHD_HTTP_CONFLICT,
                          "The merchant was not made: %s is in the book already. Send another number, or "
                          "POST /merchants/%s to change it.",
                          change.merchant.mchid, change.merchant.mchid);
    else if (result == FZ_MALFORMED)
        fz_control_refuse(
            call, MHD_HTTP_BAD_REQUEST,
            "The merchant was not made: its terms do not fit together. Look at parent and kind.");
    else
        fz_control_refuse_result(call, "The merchant was not made", result, &error);
}

/* ---- a change ---- */

/* The terms are read again upon those that stand now: two changes at once are both kept. */
static enum fz_result change_merchant(struct fz_tx *tx, void *argument)
{
    struct fz_merchant_change *change = argument;
    enum fz_result result = fz_changes_add(tx);
    if (result == FZ_OK)
        result = fz_merchant_find(tx, change->call->argument, &change->merchant);
    if (result != FZ_OK)
        return result;
    fz_merchant_change_read(change);
    result = fz_merchant_change(tx, &change->merchant);
    return result == FZ_OK ? fz_merchant_change_apply(tx, change) : result;
}

void fz_control_change_merchant(struct fz_control_call *call)
{
    FZ_CLEANUP(fz_merchant_change_done)
    struct fz_merchant_change change = {.call = call, .pem.max = FZ_PEM_MAX, .public_pem.max = FZ_PEM_MAX};
    struct fz_error error = {0};
    struct lookup lookup = {.mchid = call->argument};
    enum fz_result result = fz_store_read(call->reader, find, &lookup, &error);
    if (result == FZ_OK) {
        change.merchant = lookup.merchant;
        fz_body_only(call, call->members);
        fz_merchant_change_read(&change);
        if (!fz_body_is_sound(call))
            return;
        result = fz_merchant_change_prepare(&change, lookup.serial_no[0] != '\0');
    }
    if (result == FZ_OK)
        result = fz_store_write(call->parts->store, change_merchant, &change, &error);
    if (result == FZ_OK)
        answer_merchant(call, change.merchant.mchid);
    else if (change.serial_taken)
        refuse_serial(call, "changed");
    else if (result == FZ_ABSENT)
        fz_control_refuse(
            call, MHD_HTTP_NOT_FOUND,
            "The merchant was not changed: the book does not know its number. GET /merchants lists all.");
    else
        fz_control_refuse_result(call, "The merchant was not changed", result, &error);
}

/* ---- all of them ---- */

struct listing {
    struct fz_tx *tx;
    json_t *list;
};

static enum fz_result append(void *argument, const struct fz_merchant *merchant)
{
    const struct listing *listing = argument;
    struct fz_hindrance hindrance;
    enum fz_result result = fz_hindrance_find(listing->tx, merchant->mchid, &hindrance);
    if (result != FZ_OK)
        return result;
    return json_array_append_new(listing->list, as_json(merchant, &hindrance)) == 0 ? FZ_OK : FZ_FAILED;
}

static enum fz_result list_all(struct fz_tx *tx, void *list)
{
    struct listing listing = {tx, list};
    return fz_merchant_each(tx, append, &listing);
}

void fz_control_list_merchants(struct fz_control_call *call)
{
    json_t *list = json_array();
    struct fz_error error = {0};
    enum fz_result result = fz_store_read(call->reader, list_all, list, &error);
    if (result == FZ_OK) {
        fz_control_answer(call, json_pack("{s:o}", "merchants", list));
        return;
    }
    json_decref(list);
    fz_control_refuse_result(call, "The merchants were not read", result, &error);
}
