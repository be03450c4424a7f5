/* The table of settings, and their values. */
#include "cli/profile/settings.h"

#include <err.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command/command.h"

static const struct fz_setting_row rows[] = {
#define FZ_SETTING(id, name, kind, demo, meaning) {name, "FENZHANG_" #id, demo, FZ_SETTING_##kind, meaning},
#include "cli/profile/settings.def"
#undef FZ_SETTING
};

const struct fz_setting_row *fz_setting_row(enum fz_setting setting)
{
    return &rows[setting];
}

enum fz_setting fz_setting_called(const char *name)
{
    enum fz_setting setting = 0;
    while (setting < FZ_SETTING_COUNT && strcmp(rows[setting].name, name) != 0)
        setting++;
    return setting;
}

static void forget(char *value)
{
    if (value != NULL)
        OPENSSL_cleanse(value, strlen(value));
    free(value);
}

void fz_settings_set(struct fz_settings *settings, enum fz_setting setting, const char *value)
{
    char *copy = strdup(value);
    if (copy == NULL)
        err(FZ_EXIT_TROUBLE, "a setting could not be kept");
    forget(settings->values[setting]);
    settings->values[setting] = copy;
}

void fz_settings_done(struct fz_settings *settings)
{
    for (enum fz_setting setting = 0; setting < FZ_SETTING_COUNT; setting++)
        forget(settings->values[setting]);
    free(settings->from);
    *settings = (struct fz_settings){0};
}
