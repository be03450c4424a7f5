/* A line of an answer's head. */
#include "wire/header_line.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

void fz_header_line_take(const char *line, size_t size, const char *name, char *out, size_t out_size)
{
    size_t length = strlen(name);
    if (size <= length || line[length] != ':' || strncasecmp(line, name, length) != 0)
        return;
    const char *from = line + length + 1, *to = line + size;
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && (to[-1] == '\r' || to[-1] == '\n' || to[-1] == ' '))
        to--;
    if ((size_t)(to - from) < out_size)
        (void)fz_copy_part(out, out_size, from, (size_t)(to - from));
}
