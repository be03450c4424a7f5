/* Masking of text by the names that stand before the values. */
#include "server/request_mask.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define MASK "***"

/* `signed` and `expected` are a diagnosis's: pieces of a body, which may begin in the middle of a secret.
 * By length, then first letter: this is asked for every name of every body. */
bool fz_is_secret_name(const char *name, size_t size)
{
    static const struct secret {
        size_t size;
        const char *name;
    } secrets[] = {
        {3, "key"},           {4, "name"},           {4, "sign"},
        {5, "token"},         {6, "apikey"},         {6, "bearer"},
        {6, "cookie"},        {6, "secret"},         {6, "signed"},
        {7, "api_key"},       {8, "expected"},       {8, "password"},
        {9, "apiv3_key"},     {9, "auth_code"},      {9, "signature"},
        {10, "api_v3_key"},   {10, "ciphertext"},    {11, "private_key"},
        {12, "access_token"}, {13, "authorization"}, {13, "client_secret"},
    };
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0] && secrets[i].size <= size; i++)
        if (secrets[i].size == size && (name[0] | 0x20) == secrets[i].name[0] &&
            strncasecmp(secrets[i].name, name, size) == 0)
            return true;
    return false;
}

void fz_masked_add(struct fz_masked *out, const char *text, size_t size)
{
    size_t room = out->max - out->size, part = size < room ? size : room;
    if (part > 0)
        memcpy(out->text + out->size, text, part);
    out->size += part;
    if (part < size)
        out->cut = true;
}

void fz_masked_string(struct fz_masked *out, const char *text)
{
    fz_masked_add(out, text, strlen(text));
}

/* ---- names and values in text ---- */

enum class {
    OF_NAME = 1,
    BETWEEN = 2, /* what may stand between a name or a value and its separator */
    BOTH = 3
};

static const unsigned char classes[256] = {
    ['0' ... '9'] = OF_NAME, ['A' ... 'Z'] = OF_NAME, ['a' ... 'z'] = OF_NAME, ['_'] = OF_NAME,
    ['%'] = OF_NAME,         ['\\'] = BOTH,           [' '] = BETWEEN,         ['\t'] = BETWEEN,
    ['\r'] = BETWEEN,        ['\n'] = BETWEEN,        ['"'] = BETWEEN,         ['\''] = BETWEEN,
};

static bool is_between(char c)
{
    return (classes[(unsigned char)c] & BETWEEN) != 0;
}

static bool is_of_name(char c)
{
    return (classes[(unsigned char)c] & OF_NAME) != 0;
}

/* Whether the name that ends before `separator` is secret. */
static bool is_secret_before(const char *start, const char *separator, const char *also)
{
    const char *end = separator;
    while (end > start && is_between(end[-1]))
        end--;
    const char *name = end;
    while (name > start && is_of_name(name[-1]))
        name--;
    size_t size = (size_t)(end - name);
    if (size == 0)
        return false;
    if (memchr(name, '\\', size) != NULL || memchr(name, '%', size) != NULL)
        return true;
    return fz_is_secret_name(name, size) ||
           (also != NULL && strlen(also) == size && memcmp(also, name, size) == 0);
}

/* The end of a value in quotes. Within a JSON string its quotes bear as many backslashes as the opening one,
 * and more where they belong to the value; fewer end the string around it. */
static const char *end_of_quoted(const char *start, const char *end, char quote, size_t backslashes)
{
    for (const char *at = start; at < end && (at = memchr(at, quote, (size_t)(end - at))) != NULL; at++) {
        size_t run = 0;
        while (at - run > start && at[-(ptrdiff_t)run - 1] == '\\')
            run++;
        if (run < backslashes || run % (2 * (backslashes + 1)) == backslashes)
            return at - (run < backslashes ? run : backslashes);
    }
    return end;
}

/* Without quotes. A bracket opens more than can be told here, so everything behind it goes. */
static const char *end_of_bare(const char *at, const char *end)
{
    if (at < end && (*at == '[' || *at == '{'))
        return end;
    while (at < end && (*at == '\0' || strchr(",&;}])\"\\\r\n", *at) == NULL))
        at++;
    return at;
}

/* The value behind a separator: `*start` and the result are its ends, without its quotes. */
static const char *find_value(const char *at, const char *end, const char **start)
{
    size_t backslashes = 0;
    while (at < end && is_between(*at) && *at != '"' && *at != '\'')
        backslashes = *at++ == '\\' ? backslashes + 1 : 0;
    bool quoted = at < end && is_between(*at);
    *start = quoted ? at + 1 : at;
    return quoted ? end_of_quoted(*start, end, *at, backslashes) : end_of_bare(at, end);
}

static const char *find(const char *at, const char *end, char c)
{
    const char *found = at < end ? memchr(at, c, (size_t)(end - at)) : NULL;
    return found == NULL ? end : found;
}

void fz_mask_text(struct fz_masked *out, const char *text, size_t size, const char *also)
{
    const char *done = text, *end = text + size, *colon = find(text, end, ':'),
               *equals = find(text, end, '=');
    while (out->size < out->max) {
        const char *separator = colon < equals ? colon : equals, *value;
        if (separator == end)
            break;
        const char *next = separator + 1;
        if (is_secret_before(done, separator, also)) {
            next = find_value(separator + 1, end, &value);
            fz_masked_add(out, done, (size_t)(value - done));
            if (next > value)
                fz_masked_string(out, MASK);
            done = next;
        }
        if (colon < next)
            colon = find(next, end, ':');
        if (equals < next)
            equals = find(next, end, '=');
    }
    fz_masked_add(out, done, (size_t)(end - done));
}

/* ---- headers ---- */

/* "X-Auth-Token": one of its words is secret. */
static bool is_secret_header(const char *name)
{
    if (strcasecmp(name, "Wechatpay-Signature-Type") == 0)
        return false;
    for (size_t size; *name != '\0'; name += size + (name[size] == '-' ? 1 : 0)) {
        size = strcspn(name, "-");
        if (fz_is_secret_name(name, size) && strncasecmp(name, "name", size) != 0)
            return true;
    }
    return false;
}

/* Masks each run of more characters of base64 than a nonce may have: a signature under another name. */
static void mask_runs(struct fz_masked *out, size_t from)
{
    static const size_t longest = 128;
    size_t kept = from, run = 0;
    for (size_t i = from; i <= out->size; i++) {
        char c = i < out->size ? out->text[i] : '\0';
        if (isalnum((unsigned char)c) || c == '+' || c == '/' || c == '=' || c == '-' || c == '_') {
            run++;
            continue;
        }
        size_t part = run > longest ? sizeof MASK - 1 : run;
        memmove(out->text + kept, run > longest ? MASK : out->text + i - run, part);
        kept += part;
        if (i < out->size)
            out->text[kept++] = c;
        run = 0;
    }
    out->size = kept;
}

static void mask_authorization(struct fz_masked *out, const char *value)
{
    static const char scheme[] = "WECHATPAY2-";
    size_t first = strcspn(value, " \t"), from = out->size;
    if (value[first] == '\0' || first > 32) {
        fz_masked_string(out, MASK);
        return;
    }
    fz_masked_add(out, value, first);
    if (strncasecmp(value, scheme, sizeof scheme - 1) != 0) {
        fz_masked_string(out, " " MASK);
        return;
    }
    fz_mask_text(out, value + first, strlen(value + first), NULL);
    mask_runs(out, from);
}

void fz_mask_header(struct fz_masked *out, const char *name, const char *value)
{
    if (strcasecmp(name, "Authorization") == 0)
        mask_authorization(out, value);
    else if (is_secret_header(name))
        fz_masked_string(out, MASK);
    else
        fz_mask_text(out, value, strlen(value), NULL);
}
