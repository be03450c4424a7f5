/* The platform's keys as the merchant has them: does the APIv3 key open the list of certificates, do they live long enough,
 * and is the merchant in the mode that the profile is set up for: certificates, or the platform's public key. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/private_file.h"
#include "cli/doctor/checkup.h"
#include "cli/signed/signed.h"
#include "wire/base64.h"
#include "wire/platform_signature.h"
#include "wire/sealed.h"

#define NEAR_DAYS  10
#define SEALED_MAX (64 << 10)
#define FILE_MAX   (64 << 10)

/* What there is to verify with. */
struct keys {
    struct fz_trusted_keys *set;
    size_t listed, opened;
    int64_t last_end_ms; /* of the certificate that lives longest */
};

/* ---- certificates ---- */

/* New: the PEM that is sealed in the member; NULL: the key does not open it. */
static char *open_sealed(const json_t *sealed, const char *apiv3_key)
{
    const char *nonce = json_string_value(json_object_get(sealed, "nonce")),
               *text = json_string_value(json_object_get(sealed, "ciphertext"));
    const char *associated = json_string_value(json_object_get(sealed, "associated_data"));
    unsigned char *closed = malloc(SEALED_MAX);
    char *plain = calloc(1, SEALED_MAX);
    size_t size = 0;
    associated = associated == NULL ? "" : associated;
    bool good = closed != NULL && plain != NULL && nonce != NULL && strlen(nonce) == FZ_GCM_NONCE_SIZE && text != NULL &&
                fz_base64_read(text, strlen(text), closed, SEALED_MAX, &size) == FZ_OK && size > FZ_GCM_TAG_SIZE &&
                fz_gcm_open((const unsigned char *)apiv3_key, (const unsigned char *)nonce, associated, strlen(associated),
                            closed, size, (unsigned char *)plain) == FZ_OK;
    free(closed);
    if (good)
        return plain;
    free(plain);
    return NULL;
}

static void take_certificate(struct keys *keys, const json_t *item, const char *apiv3_key)
{
    struct fz_certificate certificate;
    keys->listed++;
    char *pem = open_sealed(json_object_get(item, "encrypt_certificate"), apiv3_key);
    if (pem != NULL && fz_certificate_read(pem, &certificate, NULL) == FZ_OK) {
        keys->opened++;
        (void)!fz_trusted_keys_add_certificate(keys->set, pem);
        if (certificate.validity.not_after_ms > keys->last_end_ms)
            keys->last_end_ms = certificate.validity.not_after_ms;
    }
    free(pem);
}

static void check_end(struct fz_checkup *checkup, const struct keys *keys)
{
    char end[FZ_DATE_TEXT_SIZE];
    fz_checkup_write_date(end, checkup, keys->last_end_ms);
    if (keys->last_end_ms < checkup->now_ms + NEAR_DAYS * FZ_DAY_MS)
        fz_checkup_wrong(checkup, "platform_certificates",
                         "A new one is listed 24 hours before it signs: fetch the list at least every 12 hours.",
                         "of the platform's certificates none lives longer than %s", end);
    else
        fz_checkup_well(checkup, "platform_certificates", "the platform's certificates are valid until %s", end);
}

/* With what the answer of GET /v3/certificates lists. */
static void check_list(struct fz_checkup *checkup, json_t *list, struct keys *keys)
{
    const char *apiv3_key = checkup->profile.values[FZ_SETTING_APIV3_KEY];
    size_t i;
    json_t *item;
    if (apiv3_key == NULL || strlen(apiv3_key) != FZ_APIV3_KEY_SIZE) {
        fz_checkup_wrong(
            checkup, "apiv3_key",
            "fenzhang config set apiv3_key_file PATH: it has the 32 characters that were set in the merchant platform.",
            apiv3_key == NULL ? "there is no APIv3 key: the platform's certificates and callbacks cannot be opened"
                              : "the APIv3 key has not 32 characters");
        return;
    }
    json_array_foreach(list, i, item) take_certificate(keys, item, apiv3_key);
    if (keys->opened < keys->listed || keys->listed == 0) {
        fz_checkup_wrong(checkup, "apiv3_key",
                         "Set the APIv3 key of this merchant: it cannot be looked up, only set anew in the merchant "
                         "platform (Account Center > API Security).",
                         "the APIv3 key is not merchant %s's: the list of certificates does not open with it",
                         checkup->profile.values[FZ_SETTING_MCHID]);
        return;
    }
    fz_checkup_well(checkup, "apiv3_key", "the APIv3 key opens the list of certificates");
    check_end(checkup, keys);
}

/* ---- the public key ---- */

static bool is_public(const char *serial)
{
    return strncmp(serial, FZ_PUBLIC_KEY_ID_BEGIN, strlen(FZ_PUBLIC_KEY_ID_BEGIN)) == 0;
}

/* False after a finding. */
static bool take_public_key(struct fz_checkup *checkup, struct keys *keys)
{
    const char *id = checkup->profile.values[FZ_SETTING_PUBLIC_KEY_ID],
               *path = checkup->profile.values[FZ_SETTING_PUBLIC_KEY_FILE];
    char reason[200] = "it is no RSA public key in PEM, or the id is none", *pem = malloc(FILE_MAX);
    if (id == NULL && path == NULL) {
        free(pem);
        return true;
    }
    bool good = id != NULL && path != NULL && pem != NULL;
    if (!good)
        snprintf(reason, sizeof reason, "public_key_id and public_key_file go together");
    good = good && fz_public_file_read(path, pem, FILE_MAX, reason, sizeof reason) == FZ_OK;
    if (good && fz_trusted_keys_add_public_key(keys->set, id, pem) != FZ_OK) {
        snprintf(reason, sizeof reason, "it is no RSA public key in PEM, or the id is none");
        good = false;
    }
    free(pem);
    if (!good)
        fz_checkup_wrong(checkup, "public_key",
                         "Both are in the merchant platform (Account Center > API Security > platform public key).",
                         "the platform's public key cannot be used (%s, %s): %s", id == NULL ? "no id" : id,
                         path == NULL ? "no file" : path, reason);
    return good;
}

/* Which key signs is the merchant's mode; which one the profile has ought to be the same. */
static void tell_mode(struct fz_checkup *checkup, const struct fz_signed_answer *answer, enum fz_platform_verdict verdict)
{
    const char *id = checkup->profile.values[FZ_SETTING_PUBLIC_KEY_ID];
    static const char set_key[] =
        "Set public_key_id and public_key_file as the merchant platform shows them (Account Center > API Security).";
    if (is_public(answer->serial) && id == NULL)
        fz_checkup_wrong(checkup, "public_key", set_key,
                         "the service signs for this merchant with the public key %s, and the profile has none",
                         answer->serial);
    else if (is_public(answer->serial) && strcmp(id, answer->serial) != 0)
        fz_checkup_wrong(checkup, "public_key", set_key, "the public key of this merchant is %s, not %s", answer->serial,
                         id);
    else if (!is_public(answer->serial) && id != NULL)
        fz_checkup_wrong(
            checkup, "public_key",
            "Set the id of this merchant's public key; or take public_key_id and public_key_file out: it uses certificates.",
            "this merchant has no public key %s: the service signs with the certificate %s", id, answer->serial);
    else if (verdict == FZ_PLATFORM_GENUINE)
        fz_checkup_well(checkup, "answer", "the answer is the platform's: signed with %s", answer->serial);
    else if (verdict == FZ_PLATFORM_SIGNATURE && is_public(answer->serial))
        fz_checkup_wrong(checkup, "public_key", set_key,
                         "public_key_file is not the key %s: the answer does not verify with it", id);
    else if (verdict == FZ_PLATFORM_KEY_UNKNOWN || verdict == FZ_PLATFORM_KEY_ENDED)
        fz_checkup_skip(checkup, "answer", "whether the answer is the platform's: the certificate %s could not be opened",
                        answer->serial);
    else
        fz_checkup_wrong(checkup, "answer", "Something in between changes answers: look at the proxy.",
                         "the answer's signature does not verify");
}

/* No list: as of a merchant who has the public key alone. False after a finding. */
static bool check_no_list(struct fz_checkup *checkup, const struct fz_signed_answer *answer, const json_t *body)
{
    const char *message = json_string_value(json_object_get(body, "message"));
    if (checkup->profile.values[FZ_SETTING_PUBLIC_KEY_ID] != NULL) {
        fz_checkup_well(checkup, "platform_certificates",
                        "no certificates are listed, and the profile has the platform's public key");
        return true;
    }
    if (is_public(answer->serial))
        return true; /* which says it all */
    fz_checkup_wrong(
        checkup, "public_key",
        "Does the merchant platform (Account Center > API Security) show a platform public key? Then set public_key_id "
        "and public_key_file; if not, try again.",
        "the service lists no certificates, as for a merchant that has the platform's public key alone (%ld: %s)",
        answer->status, message == NULL ? "it does not say why" : message);
    return false;
}

void fz_check_platform(struct fz_checkup *checkup, const struct fz_signed_answer *answer)
{
    struct keys keys = {.set = fz_trusted_keys_new()};
    const struct fz_platform_headers headers = {answer->timestamp, answer->nonce, answer->serial, answer->signature,
                                                answer->signature_type};
    json_t *body = json_loadb(answer->body.data == NULL ? "" : answer->body.data, answer->body.size, 0, NULL);
    bool goes_on = keys.set != NULL;
    if (goes_on && answer->status == 200)
        check_list(checkup, json_object_get(body, "data"), &keys);
    else if (goes_on)
        goes_on = check_no_list(checkup, answer, body);
    if (goes_on && take_public_key(checkup, &keys))
        tell_mode(checkup, answer,
                  fz_platform_verify(keys.set, &headers, answer->body.data, answer->body.size, answer->came_ms / 1000,
                                     FZ_PLATFORM_TOLERANCE_S));
    fz_trusted_keys_free(keys.set);
    json_decref(body);
}
