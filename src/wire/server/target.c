/* The target of a request. */
#include "wire/server/target.h"

#include <string.h>
#include <strings.h>

const char *fz_target_authority(const char *target, size_t *size)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (strncasecmp(target, schemes[i], strlen(schemes[i])) == 0) {
            *size = strcspn(target + strlen(schemes[i]), "/?");
            return target + strlen(schemes[i]);
        }
    return NULL;
}
