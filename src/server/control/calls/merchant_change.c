/* What a control call changes of a merchant: read from its body, prepared, brought into the book. */
#include "server/control/calls/merchant_change.h"

#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "server/keys/identity.h"
#include "server/keys/platform_key.h"
#include "wire/sealed.h"
#include "wire/server/key.h"
#include "world/row.h"

static const char *const certificate_words[] = {"valid", "expired", "revoked", "rotate", "none", NULL};
static const char *const apiv3_words[] = {"set", "none", NULL};

void fz_merchant_change_done(struct fz_merchant_change *change)
{
    fz_text_wipe(&change->pem);
    fz_text_wipe(&change->public_pem);
}

/* ---- reading ---- */

/* A share in 1/10 000; null lets a sub-merchant inherit again. */
static int read_share(struct fz_control_call *call, const char *name, bool inherits, int fallback)
{
    if (inherits && fz_body_is_null(call, name))
        return FZ_INHERIT;
    return (int)fz_body_integer(call, name, 0, 10000, fallback);
}

static int read_day(struct fz_control_call *call, const char *name, int fallback)
{
    int day = fallback;
    if (!fz_body_has(call, name))
        return fallback;
    if (fz_body_is_null(call, name))
        return FZ_NO_DAY;
    const char *text = fz_body_text(call, name, 10, 10);
    if (text != NULL && fz_parse_day(text, &day) != FZ_OK)
        fz_body_fault(call, "\"%s\" is no date: send one like 2026-01-02, or null", name);
    return day;
}

static void read_appids(struct fz_control_call *call, struct fz_merchant_change *change)
{
    json_t *list = json_object_get(call->body, "appids");
    if (list == NULL)
        return;
    change->has_appids = true;
    change->appid_count = 0;
    if (!json_is_array(list) || json_array_size(list) > FZ_CHANGE_APPIDS_MAX) {
        fz_body_fault(call, "\"appids\" is no list of at most %d texts: send one", FZ_CHANGE_APPIDS_MAX);
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *appid = json_string_value(json_array_get(list, i));
        if (!fz_control_text_is_clean(appid, 1, 32)) {
            fz_body_fault(call,
                          "\"appids\" has an item that is no text of 1 to 32 characters: send only such");
            return;
        }
        change->appids[change->appid_count++] = appid;
    }
}

#define KEEP_SIGNER (-2)

/* A word, or the share of the public key in 1/10 000; null lets `public_key` decide again. */
static int read_signer(struct fz_control_call *call)
{
    const json_t *value = json_object_get(call->body, "callbacks_signed_by");
    const char *word = json_string_value(value);
    if (value == NULL)
        return KEEP_SIGNER;
    if (json_is_null(value))
        return -1;
    if (word != NULL && strcmp(word, "certificate") == 0)
        return 0;
    if (word != NULL && strcmp(word, "public_key") == 0)
        return FZ_CALLBACK_KEY_ALL;
    json_int_t share = json_is_integer(value) ? json_integer_value(value) : -1;
    if (share < 0 || share > FZ_CALLBACK_KEY_ALL)
        fz_body_fault(call,
                      "\"callbacks_signed_by\" is neither \"certificate\" nor \"public_key\" nor the share of the latter, 0 to "
                      "%d: send one of them, or null",
                      FZ_CALLBACK_KEY_ALL);
    return (int)share;
}

/* NULL: not there. */
static const char *read_pem(struct fz_control_call *call, const char *name)
{
    const json_t *value = json_object_get(call->body, name);
    const char *text = json_string_value(value);
    if (value != NULL && (text == NULL || strlen(text) >= FZ_PEM_MAX || strstr(text, "-----BEGIN ") == NULL)) {
        fz_body_fault(call, "\"%s\" is no PEM of less than %d bytes: send the file's text, from -----BEGIN on", name, FZ_PEM_MAX);
        return NULL;
    }
    return text;
}

static bool is_pem(struct fz_control_call *call, const char *name)
{
    const char *text = json_string_value(json_object_get(call->body, name));
    return text != NULL && strstr(text, "-----BEGIN ") != NULL;
}

/* What a merchant brings itself stands in the place of what the sandbox makes. */
static void read_own(struct fz_control_call *call, struct fz_merchant_change *change)
{
    const char *why = NULL, *apiv3_key = json_string_value(json_object_get(call->body, "apiv3_key"));
    bool certificate = is_pem(call, "certificate");
    change->own = (struct fz_own_identity){
        .private_key = read_pem(call, "private_key"),
        .certificate = certificate ? read_pem(call, "certificate") : NULL,
        .merchant_public_key = read_pem(call, "merchant_public_key"),
        .serial_no = fz_body_letters(call, "serial_no", 1, 40, "0123456789ABCDEFabcdef")};
    bool is_key = fz_control_text_is_clean(apiv3_key, 1, FZ_APIV3_KEY_SIZE) && strlen(apiv3_key) == FZ_APIV3_KEY_SIZE;
    change->own_apiv3_key = is_key ? apiv3_key : NULL;
    if (!certificate)
        change->certificate = (enum fz_certificate_change)fz_body_word(call, "certificate", certificate_words,
                                                                   FZ_CHANGE_KEEP_CERTIFICATE);
    if (change->own_apiv3_key == NULL)
        change->apiv3_key =
            (enum fz_apiv3_change)fz_body_word(call, "apiv3_key", apiv3_words, FZ_CHANGE_KEEP_APIV3_KEY);
    else
        change->apiv3_key = FZ_CHANGE_SET_APIV3_KEY;
    if (call->fault[0] != '\0' || !fz_own_identity_is_given(&change->own))
        return;
    if (change->certificate != FZ_CHANGE_KEEP_CERTIFICATE)
        fz_body_fault(call, "a key of its own and a word for \"certificate\" do not go together: send the one, then the other");
    else if (fz_own_identity_check(&change->own, &why) != FZ_OK)
        fz_body_fault(call, "%s", why);
}

void fz_merchant_change_read(struct fz_merchant_change *change)
{
    struct fz_control_call *call = change->call;
    struct fz_merchant *merchant = &change->merchant;
    bool sub = merchant->kind == FZ_MERCHANT_SUB;
    merchant->contract_day = read_day(call, "contract_date", merchant->contract_day);
    merchant->fee_rate = read_share(call, "fee_rate", sub, merchant->fee_rate);
    merchant->distribution_ratio = read_share(call, "distribution_ratio", sub, merchant->distribution_ratio);
    merchant->penalised = fz_body_boolean(call, "penalised", merchant->penalised);
    const char *currency = fz_body_text(call, "settlement_currency", 3, 3);
    if (currency != NULL && fz_currency_find(currency) == NULL)
        fz_body_fault(call, "\"settlement_currency\" is not a currency of this book: send one like USD");
    else if (currency != NULL && sub && strcmp(currency, merchant->settlement_currency) != 0)
        fz_body_fault(call,
                      "\"settlement_currency\" of a sub-merchant is its institution's, %s: leave it away",
                      merchant->settlement_currency);
    else if (currency != NULL)
        fz_copy(merchant->settlement_currency, sizeof merchant->settlement_currency, currency);
    read_appids(call, change);
    fz_hindrance_change_read(call, merchant->kind, &change->hindrance);
    change->certificate = FZ_CHANGE_KEEP_CERTIFICATE;
    read_own(call, change);
    change->public_key = fz_body_word(call, "public_key", fz_public_key_use_words, -1);
    change->callback_key_share = read_signer(call);
    if (sub && (change->public_key != -1 || change->callback_key_share != KEEP_SIGNER))
        fz_body_fault(call, "a sub-merchant does not call, so it has no \"public_key\" and no "
                            "\"callbacks_signed_by\", which are its institution's: leave them away");
    if (sub && (change->certificate != FZ_CHANGE_KEEP_CERTIFICATE || fz_own_identity_is_given(&change->own) ||
                change->apiv3_key != FZ_CHANGE_KEEP_APIV3_KEY))
        fz_body_fault(call, "a sub-merchant does not call, so it has no \"certificate\", no key and no "
                            "\"apiv3_key\": leave them away");
}

/* ---- identities ---- */

static enum fz_result make_key(struct fz_text *pem)
{
    FZ_CLEANUP(fz_key_drop) EVP_PKEY *key = fz_key_new();
    return key == NULL ? FZ_FAILED : fz_key_write(key, pem);
}

static bool wants_public_key(const struct fz_merchant_change *change)
{
    return change->public_key > FZ_PUBLIC_KEY_OFF || change->callback_key_share > 0;
}

enum fz_result fz_merchant_change_prepare(struct fz_merchant_change *change, bool has_certificate)
{
    enum fz_result result = FZ_OK;
    if (wants_public_key(change))
        result = make_key(&change->public_pem);
    bool issues = change->certificate == FZ_CHANGE_ROTATE ||
                  (!has_certificate && change->certificate != FZ_CHANGE_KEEP_CERTIFICATE &&
                   change->certificate != FZ_CHANGE_NO_CERTIFICATE);
    return result == FZ_OK && issues ? make_key(&change->pem) : result;
}

static enum fz_result set_certificate(struct fz_tx *tx, const struct fz_merchant_change *change)
{
    const struct fz_secrets *secrets = change->call->parts->secrets;
    const char *mchid = change->merchant.mchid;
    if (change->certificate == FZ_CHANGE_NO_CERTIFICATE)
        return fz_identity_remove_certificates(tx, mchid);
    char serial_no[FZ_SERIAL_SIZE];
    enum fz_result result = fz_identity_serial(tx, mchid, serial_no);
    if (result == FZ_ABSENT || (result == FZ_OK && change->certificate == FZ_CHANGE_ROTATE))
        result = fz_identity_issue(tx, secrets, mchid, change->pem.data, NULL);
    if (result != FZ_OK || change->certificate == FZ_CHANGE_ROTATE)
        return result;
    static const enum fz_key_state states[] = {[FZ_CHANGE_VALID] = FZ_KEY_VALID,
                                               [FZ_CHANGE_EXPIRED] = FZ_KEY_EXPIRED,
                                               [FZ_CHANGE_REVOKED] = FZ_KEY_REVOKED};
    return fz_identity_set_state(tx, mchid, states[change->certificate]);
}

static enum fz_result set_own(struct fz_tx *tx, struct fz_merchant_change *change)
{
    const char *why;
    if (!fz_own_identity_is_given(&change->own))
        return FZ_OK;
    enum fz_result result =
        fz_own_identity_set(tx, change->call->parts->secrets, change->merchant.mchid, &change->own, &why);
    change->serial_taken = result == FZ_CONFLICT;
    return result;
}

enum fz_result fz_merchant_change_apply(struct fz_tx *tx, struct fz_merchant_change *change)
{
    const char *mchid = change->merchant.mchid;
    enum fz_result result = FZ_OK;
    if (change->has_appids)
        result = fz_merchant_set_appids(tx, mchid, change->appids, change->appid_count);
    if (result == FZ_OK)
        result = fz_hindrance_change_apply(tx, mchid, &change->hindrance);
    if (result == FZ_OK && change->certificate != FZ_CHANGE_KEEP_CERTIFICATE)
        result = set_certificate(tx, change);
    if (result == FZ_OK)
        result = set_own(tx, change);
    if (result == FZ_OK && wants_public_key(change))
        result = fz_platform_public_key_ensure(tx, change->call->parts->secrets, change->public_pem.data);
    if (result == FZ_OK && change->public_key != -1)
        result = fz_identity_set_public_key(tx, mchid, (enum fz_public_key_use)change->public_key);
    if (result == FZ_OK && change->callback_key_share != KEEP_SIGNER)
        result = fz_identity_set_callback_key_share(tx, mchid, change->callback_key_share);
    /* After the certificate, because issuing one also gives a first APIv3 key. */
    if (result == FZ_OK && change->apiv3_key != FZ_CHANGE_KEEP_APIV3_KEY)
        result = fz_identity_set_apiv3_key(tx, change->call->parts->secrets, mchid,
                                           change->apiv3_key == FZ_CHANGE_NO_APIV3_KEY ? NULL
                                           : change->own_apiv3_key == NULL             ? ""
                                                                                       : change->own_apiv3_key);
    return result;
}

/* ---- telling ---- */

void fz_merchant_keys_tell(json_t *object, const struct fz_caller *caller)
{
    int share = caller->callback_key_share;
    (void)json_object_set_new(object, "public_key", json_string(fz_public_key_use_words[caller->public_key]));
    (void)json_object_set_new(object, "callbacks_signed_by",
                              share == 0                     ? json_string("certificate")
                              : share == FZ_CALLBACK_KEY_ALL ? json_string("public_key")
                                                             : json_integer(share));
}
