/* Which characters may be in a world's texts, and which are written as escapes. */
#include "world/letters.h"

#include <stdio.h>

static bool is_c1(const unsigned char *at, const unsigned char *end)
{
    return end - at > 1 && at[0] == 0xC2 && at[1] < 0xA0;
}

bool fz_world_is_clean(const char *text, size_t size)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + size;
    for (; at < end; at++)
        if ((*at < 0x20 && *at != '\n' && *at != '\r' && *at != '\t') || *at == 0x7F || is_c1(at, end))
            return false;
    return true;
}

/* Of those of three bytes: the ends of a line and a paragraph, the mark of the byte order, and what is no character. */
static bool is_mark(unsigned code)
{
    return code == 0x2028 || code == 0x2029 || code == 0xFEFF || code == 0xFFFE || code == 0xFFFF;
}

size_t fz_world_escape(const char *text, const char *text_end, char out[8])
{
    const unsigned char *at = (const unsigned char *)text, *end = (const unsigned char *)text_end;
    unsigned code = *at;
    size_t size = code < 0x20 || code == 0x7F ? 1 : 0;
    if (is_c1(at, end)) {
        code = at[1];
        size = 2;
    } else if (end - at > 2 && (at[0] & 0xF0U) == 0xE0) {
        code = (at[0] & 0x0FU) << 12 | (at[1] & 0x3FU) << 6 | (at[2] & 0x3FU);
        size = is_mark(code) ? 3 : 0;
    }
    if (size > 0)
        snprintf(out, 8, "\\u%04x", code);
    return size;
}
