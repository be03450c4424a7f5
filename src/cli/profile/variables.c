/* Settings from the environment. */
#include <stdlib.h>

#include "cli/profile/sources.h"

void fz_settings_of_environment(struct fz_settings *out)
{
    for (enum fz_setting setting = 0; setting < FZ_SETTING_COUNT; setting++) {
        const char *value = getenv(fz_setting_row(setting)->variable);
        if (value != NULL && value[0] != '\0')
            fz_settings_set(out, setting, value);
    }
    const char *base = getenv("FENZHANG_BASE_URL"); /* as a demo.env calls it */
    if (base != NULL && base[0] != '\0' && out->values[FZ_SETTING_HOSTS] == NULL)
        fz_settings_set(out, FZ_SETTING_HOSTS, base);
}
