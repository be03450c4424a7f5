/* Accept-Language and Accept-Encoding (RFC 9110, 12.5): in which of the two languages messages come, and
 * whether a statement comes compressed. */
#include "wire/server/accept.h"

#include <string.h>
#include <strings.h>

#define BLANKS " \t"

static void skip(const char **at, const char *end, const char *characters)
{
    while (*at < end && strchr(characters, **at) != NULL)
        (*at)++;
}

/* What stands behind a language or a coding: nothing, or `;q=0.8`. In thousandths; 0 (not wanted) if it is
 * malformed. */
static int weight(const char *at, const char *end)
{
    skip(&at, end, BLANKS);
    if (at == end)
        return 1000;
    if (*at++ != ';')
        return 0;
    skip(&at, end, BLANKS);
    if (end - at < 3 || (at[0] != 'q' && at[0] != 'Q') || at[1] != '=' || (at[2] != '0' && at[2] != '1'))
        return 0;
    int thousandths = (at[2] - '0') * 1000;
    at += 3;
    if (at < end && *at == '.') {
        at++;
        for (int unit = 100; unit > 0 && at < end && *at >= '0' && *at <= '9'; unit /= 10)
            thousandths += (*at++ - '0') * unit;
    }
    skip(&at, end, BLANKS);
    return at == end && thousandths <= 1000 ? thousandths : 0;
}

bool fz_wants_chinese(const char *accept_language)
{
    bool chinese = false;
    int best = 0;
    const char *at = accept_language == NULL ? "" : accept_language;
    while (*at != '\0') {
        at += strspn(at, BLANKS ",");
        const char *end = at + strcspn(at, ",");
        const char *language = at;
        skip(&at, end, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-*");
        int wanted = at > language ? weight(at, end) : 0;
        if (wanted > best) { /* among equals the first */
            best = wanted;
            chinese = strncasecmp(language, "zh", 2) == 0 && (at == language + 2 || language[2] == '-');
        }
        at = end;
    }
    return chinese;
}

static bool is_gzip(const char *coding, const char *end)
{
    size_t size = (size_t)(end - coding);
    return (size == 4 && strncasecmp(coding, "gzip", size) == 0) ||
           (size == 6 && strncasecmp(coding, "x-gzip", size) == 0);
}

bool fz_wants_gzip(const char *accept_encoding)
{
    const char *at = accept_encoding == NULL ? "" : accept_encoding;
    while (*at != '\0') {
        at += strspn(at, BLANKS ",");
        const char *coding = at, *end = at + strcspn(at, ",");
        at += strcspn(at, BLANKS ";,");
        if (is_gzip(coding, at) && weight(at, end) > 0)
            return true;
        at = end;
    }
    return false;
}
