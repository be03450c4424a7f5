/* Random bytes, or the end. */
#include "base/server/random.h"

#include <stdlib.h>

#include "base/random.h"
#include "base/server/log.h"

static void must(enum fz_result result)
{
    if (result == FZ_OK)
        return;
    fz_log_error("fenzhang: the machine gives no random bytes");
    abort();
}

void fz_random(void *out, size_t size)
{
    must(fz_random_try(out, size));
}

void fz_random_text(char *out, size_t size)
{
    must(fz_random_text_try(out, size));
}
