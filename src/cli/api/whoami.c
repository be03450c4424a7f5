/* fenzhang whoami: who would call, where, and whether key and certificate belong together. Asks nobody. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "base/private_file.h"
#include "cli/api/commands.h"
#include "cli/output/table.h"
#include "cli/session/session.h"
#include "wire/certificate.h"

#define PEM_MAX     65536
#define EXPIRES_SOON_MS INT64_C(2592000000) /* 30 days */

struct identity {
    char certificate[160]; /* what is to be said of it */
    bool fits;
};

/* ---- key and certificate ---- */

static bool read_pem(const char *path, char out[PEM_MAX])
{
    char reason[200];
    return path != NULL && fz_public_file_read(path, out, PEM_MAX, reason, sizeof reason) == FZ_OK;
}

static EVP_PKEY *read_key(const char *path)
{
    static char pem[PEM_MAX];
    EVP_PKEY *key = read_pem(path, pem) ? fz_key_read(pem) : NULL;
    OPENSSL_cleanse(pem, sizeof pem);
    return key;
}

static void say(struct identity *identity, bool fits, const char *text)
{
    snprintf(identity->certificate, sizeof identity->certificate, "%s", text);
    identity->fits = fits;
}

static void judge_validity(const struct fz_certificate *certificate, struct identity *out)
{
    char until[FZ_TIME_SIZE], text[160];
    int64_t now_ms = fz_wire_now_ms();
    fz_format_time(until, certificate->validity.not_after_ms);
    bool is_over = now_ms > certificate->validity.not_after_ms;
    snprintf(text, sizeof text, "%s %s%s", is_over ? "was valid until" : "fits the key; valid until", until,
             !is_over && now_ms > certificate->validity.not_after_ms - EXPIRES_SOON_MS
                 ? ", which is soon: have a new one made"
                 : "");
    say(out, !is_over, text);
}

static void judge(const struct fz_profile *profile, struct identity *out)
{
    static char pem[PEM_MAX];
    struct fz_certificate certificate;
    EVP_PKEY *public_key = NULL, *key = read_key(profile->values[FZ_SETTING_PRIVATE_KEY_FILE]);
    const char *serial_no = profile->values[FZ_SETTING_SERIAL_NO];
    if (key == NULL)
        say(out, false, "the private key cannot be read: see private_key_file");
    else if (profile->values[FZ_SETTING_CERTIFICATE_FILE] == NULL)
        say(out, true, "not named, so nobody looked whether the key fits it: see certificate_file");
    else if (!read_pem(profile->values[FZ_SETTING_CERTIFICATE_FILE], pem) ||
             fz_certificate_read(pem, &certificate, &public_key) != FZ_OK)
        say(out, false, "the certificate cannot be read: see certificate_file");
    else if (EVP_PKEY_eq(key, public_key) != 1)
        say(out, false, "does not belong to the private key: one of the two is another merchant's, or older");
    else if (serial_no == NULL || strcasecmp(serial_no, certificate.serial) != 0)
        say(out, false, "has another serial number than the profile says: see serial_no");
    else
        judge_validity(&certificate, out);
    EVP_PKEY_free(public_key);
    EVP_PKEY_free(key);
}

/* ---- what is printed ---- */

static const char *or_none(const char *text)
{
    return text == NULL ? "" : text;
}

static const char *hosts_of(const struct fz_profile *profile)
{
    return profile->values[FZ_SETTING_HOSTS] != NULL ? profile->values[FZ_SETTING_HOSTS]
                                                     : "the service's own: https://apihk.mch.weixin.qq.com ...";
}

static void print_table(const struct fz_profile *profile, const struct identity *identity, bool may_page)
{
    static const struct fz_column columns[] = {{"merchant", false}, {"mode", false},          {"sub-merchant", false},
                                               {"host", false},     {"serial number", false}, {"certificate", false},
                                               {"said by", false}};
    const char *const values[] = {profile->values[FZ_SETTING_MCHID],
                                  profile->is_institution ? "institution" : "direct",
                                  profile->values[FZ_SETTING_SUB_MCHID],
                                  hosts_of(profile),
                                  profile->values[FZ_SETTING_SERIAL_NO],
                                  identity->certificate,
                                  profile->from[FZ_SETTING_MCHID]};
    struct fz_table *table = fz_table_new(columns, sizeof columns / sizeof columns[0], true);
    fz_table_add(table, values);
    fz_table_print(table, may_page);
    fz_table_free(table);
}

static int print_json(const struct fz_profile *profile, const struct identity *identity)
{
    return fz_print_json(json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s}", "mchid", profile->values[FZ_SETTING_MCHID], "mode",
        profile->is_institution ? "institution" : "direct", "sub_mchid", or_none(profile->values[FZ_SETTING_SUB_MCHID]),
        "hosts", or_none(profile->values[FZ_SETTING_HOSTS]), "serial_no", or_none(profile->values[FZ_SETTING_SERIAL_NO]),
        "fits", identity->fits, "certificate", identity->certificate, "from", or_none(profile->from[FZ_SETTING_MCHID])));
}

static int run(int argc, char **argv)
{
    struct fz_caller_options caller = {0};
    struct fz_profile profile;
    struct identity identity;
    int status = FZ_EXIT_TROUBLE;
    fz_arguments_parse_shared(&fz_whoami_command, argc, argv, NULL, &caller);
    if (fz_profile_load(&caller, &profile)) {
        judge(&profile, &identity);
        status = identity.fits ? FZ_EXIT_DONE : FZ_EXIT_DIFFERS;
        if (!caller.json)
            print_table(&profile, &identity, !caller.no_input);
        else if (print_json(&profile, &identity) != FZ_EXIT_DONE)
            status = FZ_EXIT_TROUBLE;
    }
    fz_profile_done(&profile);
    return status;
}

static const struct argp argp = {
    NULL,
    NULL,
    NULL,
    "Prints who would call, in which mode, where, and whether private key, certificate and serial number belong together. "
    "Nobody is asked.\v"
    "Example:\n  fenzhang whoami --env data/demo.env\n"
    "\nExit status 1: they do not belong together.\n",
    NULL,
    NULL,
    NULL};

const struct fz_command fz_whoami_command = {
    .name = "whoami",
    .summary = "shows who would call, and by which key",
    .argp = &argp,
    .shared = &fz_caller_argp,
    .run = run,
};
