/* Settles who calls from where it may be said. */
#include "cli/profile/profile.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/private_file.h"
#include "base/text.h"
#include "cli/profile/authorities.h"
#include "cli/profile/sources.h"

#define APIV3_KEY_SIZE 32
#define DEADLINE_MAX_S 3600

/* ---- sources ---- */

enum { OF_ENV_FILE, OF_NAMED_PROFILE, OF_ENVIRONMENT, OF_USUAL_PROFILE, SOURCES };

/* NULL: none. An option goes before a variable: of a profile that is named the file of FENZHANG_ENV need not know. */
static const char *env_file_of(const struct fz_caller_options *caller)
{
    const char *usual = getenv("FENZHANG_ENV");
    if (caller->env_file != NULL)
        return caller->env_file;
    if (usual == NULL || usual[0] == '\0')
        return NULL;
    return caller->profile == NULL || fz_env_file_names(usual, caller->profile) ? usual : NULL;
}

static bool read_sources(const struct fz_caller_options *caller, struct fz_settings sources[SOURCES])
{
    const char *usual = getenv("FENZHANG_PROFILE"), *env_file = env_file_of(caller);
    bool is_named = usual != NULL && usual[0] != '\0';
    fz_settings_of_environment(&sources[OF_ENVIRONMENT]);
    if (env_file != NULL)
        return fz_settings_of_env_file(env_file, caller->profile, &sources[OF_ENV_FILE]);
    if (caller->profile != NULL)
        return fz_settings_of_config(caller->profile, true, &sources[OF_NAMED_PROFILE]);
    return fz_settings_of_config(is_named ? usual : "default", is_named, &sources[OF_USUAL_PROFILE]);
}

/* A key never goes with another merchant's number. */
static bool is_of_another(const struct fz_settings *source, const char *mchid)
{
    const char *own = source->values[FZ_SETTING_MCHID];
    return own != NULL && mchid != NULL && strcmp(own, mchid) != 0;
}

static void settle(struct fz_profile *profile)
{
    const char *mchid = NULL;
    for (int i = 0; i < SOURCES && mchid == NULL; i++)
        mchid = profile->sources[i].values[FZ_SETTING_MCHID];
    for (enum fz_setting setting = 0; setting < FZ_SETTING_COUNT; setting++)
        for (int i = 0; i < SOURCES && profile->values[setting] == NULL; i++) {
            const struct fz_settings *source = &profile->sources[i];
            if (source->values[setting] == NULL || is_of_another(source, mchid))
                continue;
            profile->values[setting] = source->values[setting];
            profile->from[setting] = source->from == NULL ? fz_setting_row(setting)->variable : source->from;
        }
}

/* ---- what follows from them ---- */

static bool read_mode(struct fz_profile *profile)
{
    const char *mode = profile->values[FZ_SETTING_MODE];
    profile->is_institution =
        mode == NULL ? profile->values[FZ_SETTING_SUB_MCHID] != NULL : strcmp(mode, "institution") == 0;
    if (mode == NULL || profile->is_institution || strcmp(mode, "direct") == 0)
        return true;
    fprintf(stderr, "fenzhang: mode is `%s' in %s: it is direct, or institution.\n", mode, profile->from[FZ_SETTING_MODE]);
    return false;
}

/* The key itself goes before a file with it, where the same source has both. */
static bool read_apiv3_key(struct fz_profile *profile)
{
    const char *path = profile->values[FZ_SETTING_APIV3_KEY_FILE];
    char text[256], reason[200];
    if (profile->values[FZ_SETTING_APIV3_KEY] != NULL || path == NULL)
        return true;
    fz_warn_of_readers(path, "the APIv3 key in it");
    if (fz_public_file_read(path, text, sizeof text, reason, sizeof reason) != FZ_OK) {
        fprintf(stderr, "fenzhang: the APIv3 key cannot be read from %s (%s): %s.\n", path,
                profile->from[FZ_SETTING_APIV3_KEY_FILE], reason);
        return false;
    }
    text[strcspn(text, "\r\n")] = '\0';
    profile->apiv3_key = strdup(text);
    OPENSSL_cleanse(text, sizeof text);
    profile->values[FZ_SETTING_APIV3_KEY] = profile->apiv3_key;
    profile->from[FZ_SETTING_APIV3_KEY] = profile->from[FZ_SETTING_APIV3_KEY_FILE];
    return profile->apiv3_key != NULL;
}

static bool read_hosts(struct fz_profile *profile)
{
    const size_t most = sizeof profile->hosts / sizeof profile->hosts[0] - 1;
    size_t count = 0;
    char *rest = NULL;
    if (profile->values[FZ_SETTING_HOSTS] == NULL)
        return true;
    profile->host_list = strdup(profile->values[FZ_SETTING_HOSTS]);
    for (char *host = strtok_r(profile->host_list, " ,\t", &rest); host != NULL; host = strtok_r(NULL, " ,\t", &rest)) {
        if (count == most) {
            fprintf(stderr, "fenzhang: hosts names more than %zu in %s.\n", most, profile->from[FZ_SETTING_HOSTS]);
            return false;
        }
        profile->hosts[count++] = host;
    }
    profile->options.hosts = count == 0 ? NULL : profile->hosts;
    return true;
}

static bool read_deadline(struct fz_profile *profile)
{
    const char *text = profile->values[FZ_SETTING_DEADLINE];
    int64_t seconds = 0;
    if (text != NULL && (fz_parse_int(text, &seconds) != FZ_OK || seconds < 1 || seconds > DEADLINE_MAX_S)) {
        fprintf(stderr, "fenzhang: deadline is `%s' in %s: it is 1 to %d seconds.\n", text,
                profile->from[FZ_SETTING_DEADLINE], DEADLINE_MAX_S);
        return false;
    }
    profile->options.deadline_ms = 1000 * seconds;
    return true;
}

static bool fill_options(struct fz_profile *profile)
{
    const char *const *values = profile->values;
    profile->options = (struct fz_client_options)FZ_CLIENT_OPTIONS_INIT;
    if (!read_mode(profile) || !read_apiv3_key(profile) || !read_hosts(profile) || !read_deadline(profile))
        return false;
    profile->options.mchid = values[FZ_SETTING_MCHID];
    profile->options.serial_no = values[FZ_SETTING_SERIAL_NO];
    profile->options.private_key_file = values[FZ_SETTING_PRIVATE_KEY_FILE];
    profile->options.apiv3_key = values[FZ_SETTING_APIV3_KEY];
    profile->options.public_key_id = values[FZ_SETTING_PUBLIC_KEY_ID];
    profile->options.public_key_file = values[FZ_SETTING_PUBLIC_KEY_FILE];
    profile->options.certificate_directory = values[FZ_SETTING_CERTIFICATE_DIRECTORY];
    profile->options.ca_file = values[FZ_SETTING_CA_FILE];
    profile->options.proxy = values[FZ_SETTING_PROXY];
    profile->options.user_agent = "fenzhang-cli/" FZ_VERSION;
    profile->options.chinese = fz_is_chinese_wanted();
    return true;
}

/* ---- all of it ---- */

bool fz_profile_load_any(const struct fz_caller_options *caller, struct fz_profile *out)
{
    *out = (struct fz_profile){0};
    if (!read_sources(caller, out->sources))
        return false;
    settle(out);
    if (out->values[FZ_SETTING_CA_FILE] == NULL && (out->values[FZ_SETTING_CA_FILE] = fz_machine_authorities()) != NULL)
        out->from[FZ_SETTING_CA_FILE] = "this machine";
    if (caller->sub_mchid != NULL) {
        out->values[FZ_SETTING_SUB_MCHID] = caller->sub_mchid;
        out->from[FZ_SETTING_SUB_MCHID] = "--sub-mchid";
        out->is_sub_mchid_asked = true;
    }
    return fill_options(out);
}

bool fz_profile_load(const struct fz_caller_options *caller, struct fz_profile *out)
{
    if (!fz_profile_load_any(caller, out))
        return false;
    if (out->values[FZ_SETTING_MCHID] != NULL)
        return true;
    fputs("fenzhang: nobody is named who calls. For a server of your own: --env DIR/demo.env. For the real service: "
          "`fenzhang config set mchid NUMBER', then serial_no, private_key_file and apiv3_key_file likewise; or variables "
          "FENZHANG_MCHID ….\n",
          stderr);
    return false;
}

fz_client *fz_profile_client(const struct fz_profile *profile)
{
    fz_client *client = NULL;
    fz_error *error = NULL;
    const char *path = profile->values[FZ_SETTING_PRIVATE_KEY_FILE];
    if (path != NULL)
        fz_warn_of_readers(path, "the private key in it");
    if (fz_client_new(&profile->options, &client, &error) == 0)
        return client;
    fprintf(stderr, "fenzhang: %s\n", fz_error_message(error));
    fputs("`fenzhang config list' shows what the profile says, `fenzhang whoami' who calls.\n", stderr);
    fz_error_free(error);
    return NULL;
}

void fz_profile_done(struct fz_profile *profile)
{
    for (int i = 0; i < SOURCES; i++)
        fz_settings_done(&profile->sources[i]);
    if (profile->apiv3_key != NULL)
        OPENSSL_cleanse(profile->apiv3_key, strlen(profile->apiv3_key));
    free(profile->apiv3_key);
    free(profile->host_list);
}
