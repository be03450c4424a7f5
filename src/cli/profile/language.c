/* Which of the two languages the user reads. */
#include <stdlib.h>
#include <string.h>

#include "cli/profile/profile.h"

static const char *set_one(const char *name)
{
    const char *value = getenv(name);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

/* As gettext has it: LANGUAGE counts unless the locale is none. The locale need not be installed. */
bool fz_is_chinese_wanted(void)
{
    const char *locale = set_one("LC_ALL"), *language = set_one("LANGUAGE");
    if (locale == NULL)
        locale = set_one("LC_MESSAGES");
    if (locale == NULL)
        locale = set_one("LANG");
    if (locale == NULL || strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0)
        return false;
    return strncmp(language == NULL ? locale : language, "zh", 2) == 0;
}
