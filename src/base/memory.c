/* The table of functions by which memory is had. */
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static void *(*allocate_by)(size_t) = malloc;
static void *(*reallocate_by)(void *, size_t) = realloc;
static void (*release_by)(void *) = free;

void fz_memory_use(void *(*allocate)(size_t), void *(*reallocate)(void *, size_t), void (*release)(void *))
{
    allocate_by = allocate;
    reallocate_by = reallocate;
    release_by = release;
}

void *fz_allocate(size_t size)
{
    return allocate_by(size);
}

void *fz_allocate_zeroed(size_t size)
{
    void *memory = allocate_by(size);
    return memory == NULL ? NULL : memset(memory, 0, size);
}

void *fz_reallocate(void *memory, size_t size)
{
    return reallocate_by(memory, size);
}

void fz_release(void *memory)
{
    if (memory != NULL)
        release_by(memory);
}

char *fz_text_copy(const char *text)
{
    size_t size = text == NULL ? 0 : strlen(text) + 1;
    char *copy = text == NULL ? NULL : allocate_by(size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}
