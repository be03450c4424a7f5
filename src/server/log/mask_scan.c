/* Finding secrets in a text by the names before them: in JSON, JSON within a JSON string, a query, a form, XML, or
 * something broken. It is no parser: where it cannot be told where a value ends, more is taken for it, not less. */
#include "server/log/mask_scan.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "server/log/mask.h"

#define LOOK_AHEAD 256  /* so far it is looked for what follows a value */
#define TAG_MAX    1024 /* a longer one ends nowhere */

/* ---- letters ---- */

enum class {
    OF_NAME = 1,
    BETWEEN = 2, /* what may stand between a name or a value and its separator: blanks of any kind, quotes, x[name] */
    CLOSING = 4  /* what may stand behind a value, and belongs to what is around it */
};

static const unsigned char classes[256] = {
    [0 ... ' '] = BETWEEN | CLOSING, [0x7F ... 0xFF] = BETWEEN, ['0' ... '9'] = OF_NAME, ['A' ... 'Z'] = OF_NAME,
    ['a' ... 'z'] = OF_NAME,         ['_'] = OF_NAME,           ['-'] = OF_NAME,         ['.'] = OF_NAME,
    ['$'] = OF_NAME,                 ['%'] = OF_NAME,           ['['] = OF_NAME,         [']'] = OF_NAME | CLOSING,
    ['"'] = BETWEEN | CLOSING,       ['\''] = BETWEEN | CLOSING, ['\\'] = BETWEEN | CLOSING, ['`'] = BETWEEN,
    ['}'] = CLOSING,                 [')'] = CLOSING,
};

static bool is(enum class class, char c)
{
    return (classes[(unsigned char)c] & class) != 0;
}

static const char *find(const char *at, const char *end, char c)
{
    const char *found = at < end ? memchr(at, c, (size_t)(end - at)) : NULL;
    return found == NULL ? end : found;
}

/* A colon or an equals sign, those of full width too; 0: there is none. */
static size_t separator_size(const char *at, const char *end)
{
    if (at < end && (*at == ':' || *at == '='))
        return 1;
    return end - at >= 3 && memcmp(at, "\xEF\xBC", 2) == 0 && (at[2] == '\x9A' || at[2] == '\x9D') ? 3 : 0;
}

/* ---- names ---- */

static bool is_secret(const struct fz_mask_scan *scan, const char *name, size_t size)
{
    bool escaped = memchr(name, '%', size) != NULL || (name > scan->begin && name[-1] == '\\');
    if (escaped && scan->bare) /* it could be any */
        return true;
    return fz_is_secret_name(name, size) ||
           (scan->also != NULL && strlen(scan->also) == size && memcmp(scan->also, name, size) == 0);
}

/* Whether a part of the name stands before this one, which begins behind a quote: ][0] or y of x["name"]["y"][0]. */
static bool is_a_further_part(const struct fz_mask_scan *scan, const char *part)
{
    bool quoted = part > scan->begin && (part[-1] == '"' || part[-1] == '\'');
    return quoted && (*part == ']' || (part - scan->begin > 1 && part[-2] == '['));
}

/* Back over what stands between a name and its separator. Another separator is none of it, so nothing is gone over twice. */
static const char *end_of_name(const struct fz_mask_scan *scan, const char *end)
{
    while (end > scan->begin && is(BETWEEN, end[-1]) && (end - scan->begin < 3 || separator_size(end - 3, end) != 3))
        end--;
    return end;
}

/* Whether the name that ends before `separator` is secret, or a part of it is. */
static bool is_secret_before(const struct fz_mask_scan *scan, const char *separator)
{
    const char *name = separator, *end;
    do {
        end = end_of_name(scan, name);
        for (name = end; name > scan->begin && is(OF_NAME, name[-1]); name--)
            ;
        if (name < end && is_secret(scan, name, (size_t)(end - name)))
            return true;
    } while (name < end && is_a_further_part(scan, name));
    return false;
}

/* ---- values ---- */

/* Whether a name and its separator stand at `at`. */
static bool is_name_at(const char *at, const char *end)
{
    const char *name = at;
    while (at < end && is(OF_NAME, *at))
        at++;
    if (at == name)
        return false;
    while (at < end && is(BETWEEN, *at) && separator_size(at, end) == 0)
        at++;
    return separator_size(at, end) > 0;
}

/* Whether what stands at `at` goes on as it would behind a value: what is around it ends, or another name follows.
 * Anything else belongs to the value, of which only a part was in quotes, or which has commas of its own. */
static bool is_behind_value(const char *at, const char *end)
{
    bool cut = end - at > LOOK_AHEAD;
    if (cut)
        end = at + LOOK_AHEAD;
    const char *behind = at;
    while (at < end && (is(CLOSING, *at) || (at > behind && at[-1] == '\\' && (*at == 'n' || *at == 'r' || *at == 't'))))
        at++;
    if (at == end)
        return !cut;
    if (at > behind && at[-1] == '\\') /* amid an escape: its letters are no name */
        return false;
    if (*at == '<' || *at == '>' || ((*at == '/' || *at == '?') && at + 1 < end && at[1] == '>'))
        return true;
    bool parted = *at == ',' || *at == ';' || *at == '&';
    while (parted && ++at < end && (is(BETWEEN, *at) || *at == '{' || *at == '[' || *at == '('))
        ;
    return (at == end && !cut) || is_name_at(at, end);
}

/* The end of a value in quotes. Within a JSON string its quotes bear as many backslashes as the opening one,
 * and more where they belong to the value; fewer end the string around it. */
static const char *end_of_quoted(const char *start, const char *end, char quote, size_t backslashes)
{
    for (const char *at = start; at < end && (at = memchr(at, quote, (size_t)(end - at))) != NULL; at++) {
        size_t run = 0;
        while (at - run > start && at[-(ptrdiff_t)run - 1] == '\\')
            run++;
        bool ends = run < backslashes || run % (2 * (backslashes + 1)) == backslashes;
        bool goes_on = at + 1 < end && isalnum((unsigned char)at[1]); /* amid the value: of a"b the backslashes are undone */
        if (ends && !goes_on && is_behind_value(at + 1, end))
            return at - (run < backslashes ? run : backslashes);
    }
    return end;
}

/* Whether the semicolon at `at` may be that of a character reference, as of &#61; or &amp;colon;: if half of one were left, no reading would
 * see what it stands for. &amp; parts names as & does. */
static bool ends_reference(const char *start, const char *at)
{
    const char *name = at;
    while (name > start && isalnum((unsigned char)name[-1]))
        name--;
    bool parts = at - name == 3 && strncasecmp(name, "amp", 3) == 0;
    return !parts && name > start && (name[-1] == '#' || name[-1] == '&' || name[-1] == ';');
}

/* Whether a value without quotes ends at `at`, which is one of ",;&}])\"" or of a line's end. Not amid the next name, as
 * that of "a x[name][0]=b", of which the half that is left would tell nothing. */
static bool ends_bare(const char *start, const char *at, const char *end)
{
    if (*at == ';' && ends_reference(start, at))
        return false;
    if (*at == ']' && is_name_at(at, end - at > LOOK_AHEAD ? at + LOOK_AHEAD : end))
        return false;
    if (*at == '\r' || *at == '\n')
        return at + 1 == end || (at[1] != ' ' && at[1] != '\t'); /* else the line goes on in the next */
    return is_behind_value(at, end);
}

/* An escape within a JSON string: a line's end, or a quote with its backslashes, may end a value without quotes. */
static bool ends_bare_escaped(const char *at, const char *end)
{
    size_t run = 0;
    while (at + run < end && at[run] == '\\')
        run++;
    if (at + run == end)
        return true;
    return at[run] == 'n' || at[run] == 'r' || (at[run] == '"' && is_behind_value(at, end));
}

/* A bracket opens more than can be told here, so everything behind it goes. */
static const char *end_of_bare(const char *start, const char *end)
{
    const char *at = start;
    if (at < end && (*at == '[' || *at == '{'))
        return end;
    for (; at < end; at++) {
        if (*at == '\\') {
            if (ends_bare_escaped(at, end))
                return at;
            at++; /* what it escapes */
        } else if (*at != '\0' && strchr(",;&}])\"\r\n", *at) != NULL && ends_bare(start, at, end)) {
            return at;
        }
    }
    return end;
}

/* What stands behind blanks, escaped ones too (\t), and so many backslashes. */
static const char *find_quote(const char *at, const char *end, size_t *backslashes)
{
    for (*backslashes = 0; at < end; at++) {
        if (*at == '\\')
            ++*backslashes;
        else if ((unsigned char)*at <= ' ' || (*backslashes > 0 && strchr("tnrfbv", *at) != NULL))
            *backslashes = 0;
        else
            break;
    }
    return at;
}

/* The value that begins behind a separator: its ends, without its quotes. If it is itself the name of a secret, as in
 * a form's part name="token", that one follows, who knows where. */
static void find_value(const char *at, const char *end, const char **from, const char **to)
{
    while (at < end && (unsigned char)*at <= ' ')
        at++;
    size_t backslashes;
    const char *quote = find_quote(at, end, &backslashes);
    bool quoted = quote < end && (*quote == '"' || *quote == '\'');
    *from = quoted ? quote + 1 : at;
    *to = quoted ? end_of_quoted(*from, end, *quote, backslashes) : end_of_bare(at, end);
    if (*to > *from && *to - *from < 64 && fz_is_secret_name(*from, (size_t)(*to - *from)))
        *to = end;
}

/* ---- XML ---- */

static const char *find_closing_tag(const char *at, const char *end, const char *name, size_t size)
{
    for (; (at = find(at, end, '<')) < end; at++)
        if ((size_t)(end - at) >= size + 2 && at[1] == '/' && strncasecmp(at + 2, name, size) == 0)
            return at;
    return end;
}

/* The content of the element whose tag begins at `bracket`, and its attributes, if it has a secret's name behind the
 * prefix. */
static bool find_element(const char *bracket, const char *end, const char **from, const char **to)
{
    const char *name = bracket + 1, *at = name;
    while (at < end && (isalnum((unsigned char)*at) || (*at != '\0' && strchr("_-.:", *at) != NULL)))
        at++;
    size_t size = (size_t)(at - name);
    const char *colon = memrchr(name, ':', size), *local = colon == NULL ? name : colon + 1;
    if (!fz_is_secret_name(local, (size_t)(at - local)) ||
        (colon != NULL && fz_is_secret_name(name, (size_t)(colon - name)))) /* "<name:Zhang": a pair */
        return false;
    const char *close = find(at, end - at > TAG_MAX ? at + TAG_MAX : end, '>');
    *from = at < end && *at == '>' ? at + 1 : at;
    if (close < end && *close == '>' && close[-1] == '/')
        *to = close - 1;
    else
        *to = find_closing_tag(*from, end, name, size);
    return true;
}

/* ---- the scan ---- */

/* Looks for what comes behind `at` again. */
static void advance(struct fz_mask_scan *scan, const char *at)
{
    if (scan->colon < at)
        scan->colon = find(at, scan->end, ':');
    if (scan->equals < at)
        scan->equals = find(at, scan->end, '=');
    if (scan->bracket < at)
        scan->bracket = find(at, scan->end, '<');
    if (scan->wide < at)
        scan->wide = find(at, scan->end, '\xEF');
}

void fz_mask_begin(struct fz_mask_scan *scan, const char *at)
{
    scan->begin = at;
    scan->colon = find(at, scan->end, ':');
    scan->equals = find(at, scan->end, '=');
    scan->bracket = find(at, scan->end, '<');
    scan->wide = find(at, scan->end, '\xEF');
}

static const char *first_of(const struct fz_mask_scan *scan)
{
    const char *first = scan->colon < scan->equals ? scan->colon : scan->equals;
    const char *rare = scan->bracket < scan->wide ? scan->bracket : scan->wide;
    return first < rare ? first : rare;
}

bool fz_mask_next(struct fz_mask_scan *scan, const char **from, const char **to)
{
    for (const char *at; (at = first_of(scan)) < scan->end;) {
        size_t size = separator_size(at, scan->end);
        bool found = *at == '<' ? find_element(at, scan->end, from, to)
                                : size > 0 && is_secret_before(scan, at);
        if (found && *at != '<')
            find_value(at + size, scan->end, from, to);
        if (!found) {
            advance(scan, at + 1);
            continue;
        }
        scan->begin = *to;
        advance(scan, *to);
        if (*to > *from)
            return true;
    }
    return false;
}
