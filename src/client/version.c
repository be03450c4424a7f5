/* Which libfenzhang it is. */
#include "fenzhang/version.h"

const char *fz_version(void)
{
    return FZ_VERSION;
}
