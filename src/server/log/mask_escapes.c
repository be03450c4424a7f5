/* Undoing the escapes of a text: those of URLs, of JSON and of XML, and the NULs of UTF-16. */
#include "server/log/mask_escapes.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* What one escape came to. */
struct undone {
    size_t size; /* of the escape; 0: there is none */
    int c;       /* -1: nothing */
};

static int digit_of(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? (c | 0x20) - 'a' + 10 : -1;
}

/* Full width separators become plain ones; what else is not ASCII is part of no name that counts. */
static int plain(unsigned long code)
{
    if (code == 0xFF1A)
        return ':';
    if (code == 0xFF1D)
        return '=';
    return code < 0x80 ? (int)code : 0xFF;
}

/* `count` hexadecimal digits behind a beginning of `start` characters. */
static struct undone hex(const char *at, const char *end, size_t start, size_t count)
{
    unsigned long code = 0;
    if ((size_t)(end - at) < start + count)
        return (struct undone){0};
    for (size_t i = start; i < start + count; i++) {
        if (digit_of(at[i]) < 0)
            return (struct undone){0};
        code = 16 * code + (unsigned long)digit_of(at[i]);
    }
    return (struct undone){start + count, count == 2 ? (int)code : plain(code)};
}

static struct undone undo_backslash(const char *at, const char *end)
{
    static const char letters[] = "nrtbf\"'/\\", meant[] = "\n\r\t\b\f\"'/\\";
    if (end - at < 2)
        return (struct undone){0};
    if (at[1] == 'u')
        return hex(at, end, 2, 4);
    if (at[1] == 'x')
        return hex(at, end, 2, 2);
    const char *letter = at[1] == '\0' ? NULL : strchr(letters, at[1]);
    return letter == NULL ? (struct undone){0} : (struct undone){2, meant[letter - letters]};
}

static struct undone undo_percent(const char *at, const char *end)
{
    return end - at > 1 && (at[1] == 'u' || at[1] == 'U') ? hex(at, end, 2, 4) : hex(at, end, 1, 2);
}

/* &#58; and &#x3a;, of which the semicolon may be missing. */
static struct undone undo_number(const char *at, const char *end)
{
    bool hexadecimal = end - at > 2 && (at[2] | 0x20) == 'x';
    const char *digit = at + (hexadecimal ? 3 : 2), *first = digit;
    unsigned long code = 0;
    for (; digit < end && digit_of(*digit) >= 0 && (hexadecimal || isdigit((unsigned char)*digit)); digit++)
        code = code > 0xFFFFFF ? code : (hexadecimal ? 16 : 10) * code + (unsigned long)digit_of(*digit);
    if (digit == first)
        return (struct undone){0};
    return (struct undone){(size_t)(digit - at) + (digit < end && *digit == ';'), plain(code)};
}

static struct undone undo_reference(const char *at, const char *end)
{
    static const struct {
        char text[9], c;
    } names[] = {{"&amp;", '&'}, {"&lt;", '<'},     {"&gt;", '>'},    {"&quot;", '"'},
                 {"&apos;", '\''}, {"&equals;", '='}, {"&colon;", ':'}, {"&nbsp;", ' '}};
    if (end - at > 2 && at[1] == '#')
        return undo_number(at, end);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t size = strlen(names[i].text);
        if ((size_t)(end - at) >= size && strncasecmp(at, names[i].text, size) == 0)
            return (struct undone){size, names[i].c};
    }
    return (struct undone){0};
}

static struct undone undo(const char *at, const char *end)
{
    switch (*at) {
    case '\0':
        return (struct undone){1, -1};
    case '%':
        return undo_percent(at, end);
    case '\\':
        return undo_backslash(at, end);
    case '&':
        return undo_reference(at, end);
    default:
        return (struct undone){0};
    }
}

/* The first that begins with `c` before `end`. */
static const char *first_with(const char *text, const char *end, char c)
{
    for (const char *at = text; at < end && (at = memchr(at, c, (size_t)(end - at))) != NULL; at++)
        if (undo(at, end).size > 0)
            return at;
    return end;
}

size_t fz_first_escape(const char *text, size_t size)
{
    const char *first = text + size;
    for (const char *kind = "%\\&"; *kind != '\0'; kind++)
        first = first_with(text, first, *kind);
    return (size_t)(first_with(text, first, '\0') - text);
}

size_t fz_undo_escapes(char *text, uint32_t *at, size_t size)
{
    size_t kept = 0;
    for (size_t i = 0; i < size;) {
        struct undone undone = undo(text + i, text + size);
        at[kept] = at[i];
        if (undone.size == 0)
            text[kept++] = text[i];
        else if (undone.c >= 0)
            text[kept++] = (char)undone.c;
        i += undone.size == 0 ? 1 : undone.size;
    }
    at[kept] = at[size];
    return kept;
}
