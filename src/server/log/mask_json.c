/* Masking of JSON that the server wrote itself: its strings are looked at one by one. In such a text it is known where
 * each ends, so what cannot be told in one (a request's broken body that a refusal repeats) hides nothing of the others. */
#include <string.h>

#include "server/log/mask.h"
#include "server/log/mask_scan.h"

struct string {
    const char *begin, *end; /* without its quotes */
    const char *value;       /* of a member's name: what stands behind its colon; else NULL */
    bool telling;            /* it has a character that may begin something to be masked */
};

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
        at++;
    return at;
}

/* The first string from `at` on. One that does not end goes to the end of all. */
static bool find_string(const char *at, const char *end, struct string *out)
{
    const char *quote = at < end ? memchr(at, '"', (size_t)(end - at)) : NULL;
    if (quote == NULL)
        return false;
    bool telling = false;
    for (at = quote + 1; at < end && *at != '"'; at += *at == '\\' && at + 1 < end ? 2 : 1)
        telling |= fz_mask_telling[(unsigned char)*at];
    *out = (struct string){.begin = quote + 1, .end = at, .telling = telling};
    const char *behind = out->end < end ? skip_blanks(out->end + 1, end) : end;
    if (behind < end && *behind == ':')
        out->value = skip_blanks(behind + 1, end);
    return true;
}

static bool is_secret_name(const struct string *string, const char *also)
{
    size_t size = (size_t)(string->end - string->begin);
    return string->value != NULL &&
           (fz_is_secret_name(string->begin, size) || memchr(string->begin, '\\', size) != NULL ||
            (also != NULL && strlen(also) == size && memcmp(also, string->begin, size) == 0));
}

/* What is shown of it stays for the next piece; what is not is replaced. Returns up to where all is written. */
static const char *mask_string(struct fz_masked *out, const char *done, const struct string *string, bool secret)
{
    size_t length = (size_t)(string->end - string->begin);
    if (!(secret && length > 0) && !string->telling)
        return done;
    fz_masked_add(out, done, (size_t)(string->begin - done));
    if (secret)
        fz_masked_string(out, FZ_MASK);
    else
        fz_mask_text(out, string->begin, length, NULL);
    return string->end;
}

void fz_mask_json(struct fz_masked *out, const char *text, size_t size, const char *also)
{
    const char *end = text + size, *done = text;
    bool secret = false; /* the string is the value of a secret name */
    struct string string;
    for (const char *at = text; out->size + (size_t)(at - done) <= out->max && find_string(at, end, &string);) {
        bool named_secret = is_secret_name(&string, also);
        if (named_secret && (string.value == end || *string.value != '"')) { /* a list, a number: as of a peer */
            fz_masked_add(out, done, (size_t)(string.begin - done));
            fz_mask_text(out, string.begin, (size_t)(end - string.begin), also);
            return;
        }
        done = mask_string(out, done, &string, secret);
        secret = named_secret;
        at = string.end < end ? string.end + 1 : end;
    }
    fz_masked_add(out, done, (size_t)(end - done));
}
