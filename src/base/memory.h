/* Where texts, arenas and clients get their memory: as stdlib.h has it, unless a program says otherwise before it makes its
 * first client. For the whole process. */
#ifndef FZ_BASE_MEMORY_H
#define FZ_BASE_MEMORY_H

#include <stddef.h>

/* NULL when memory is short. */
void *fz_allocate(size_t size);
void *fz_allocate_zeroed(size_t size);
void *fz_reallocate(void *memory, size_t size);
void fz_release(void *memory); /* NULL is allowed */
/* A terminated copy; NULL for NULL, and when memory is short. */
char *fz_text_copy(const char *text);

void fz_memory_use(void *(*allocate)(size_t), void *(*reallocate)(void *, size_t), void (*release)(void *));

#endif
