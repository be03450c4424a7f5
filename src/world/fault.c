/* What is wrong with a world file is kept: the first of it. */
#include "world/fault.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

enum fz_result fz_world_fault(struct fz_world_fault *fault, unsigned line, unsigned column, const char *format, ...)
{
    if (fault->why[0] != '\0')
        return FZ_MALFORMED;
    char why[FZ_WORLD_WHY_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    (void)fz_copy(fault->why, sizeof fault->why, why); /* cut at a character */
    fz_clean_controls(fault->why);
    fault->line = line;
    fault->column = column;
    return FZ_MALFORMED;
}

void fz_world_fault_write(const struct fz_world_fault *fault, const char *path, char *out, size_t size)
{
    if (path == NULL)
        snprintf(out, size, "%s", fault->why);
    else if (fault->line > 0)
        snprintf(out, size, "%s:%u:%u: %s", path, fault->line, fault->column, fault->why);
    else
        snprintf(out, size, "%s: %s", path, fault->why);
}
