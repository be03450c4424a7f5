/* Structs that begin with their size: a program may be older or newer than this library. */
#include <string.h>

#include "sandbox/sandbox.h"

static size_t smaller(size_t given, size_t own)
{
    return given < own ? given : own;
}

/* What a newer program sets, and this library does not know, must not be passed over in silence. */
static bool is_known(const unsigned char *given, size_t size, size_t own_size)
{
    for (size_t i = own_size; i < size; i++)
        if (given[i] != 0)
            return false;
    return true;
}

int fz_sandbox_take(void *own, size_t own_size, const void *given)
{
    memset(own, 0, own_size);
    if (given == NULL)
        return fz_sandbox_well();
    size_t size = *(const size_t *)given;
    if (size < sizeof size)
        return fz_sandbox_trouble("Nothing was done: the struct does not say its size. Begin it with FZ_INIT.");
    if (!is_known(given, size, own_size))
        return fz_sandbox_trouble("Nothing was done: a member of the struct is newer than this libfenzhang-sandbox. Install "
                                  "the one that the program was built with.");
    memcpy(own, given, smaller(size, own_size));
    return fz_sandbox_well();
}

int fz_sandbox_give(void *given, const void *own, size_t own_size)
{
    if (given == NULL)
        return fz_sandbox_well();
    size_t size = *(const size_t *)given;
    if (size < sizeof size)
        return fz_sandbox_trouble("It was done, but the struct for the answer does not say its size. "
                                  "Begin it with FZ_INIT.");
    memcpy(given, own, smaller(size, own_size));
    memcpy(given, &size, sizeof size);
    return fz_sandbox_well();
}
