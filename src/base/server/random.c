/* Random bytes, or the end. */
#include "base/server/random.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"

static void must(enum fz_result result)
{
    if (result == FZ_OK)
        return;
    fputs("fenzhang: the machine gives no random bytes\n", stderr);
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
