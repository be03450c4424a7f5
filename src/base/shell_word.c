/* A word as a POSIX shell takes it. */
#include "base/shell_word.h"

#include <string.h>

static const char plain[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-./:@%+,[]";

void fz_shell_word_add(struct fz_text *text, const char *value)
{
    if (value[0] != '\0' && strspn(value, plain) == strlen(value)) {
        fz_text_string(text, value);
        return;
    }
    fz_text_string(text, "'");
    for (const char *at = value; *at != '\0'; at++)
        if (*at == '\'')
            fz_text_string(text, "'\\''");
        else
            fz_text_add(text, at, 1);
    fz_text_string(text, "'");
}

/* Behind the opening quote; moves behind the closing one. */
static bool read_quoted(const char **at, struct fz_text *out)
{
    const char *end = strchr(*at, '\'');
    if (end == NULL)
        return false;
    fz_text_add(out, *at, (size_t)(end - *at));
    *at = end + 1;
    return true;
}

enum fz_result fz_shell_word_read(const char **at, struct fz_text *out)
{
    while (**at != '\0' && strchr(" \t\n", **at) == NULL) {
        const char letter = *(*at)++;
        if (letter == '\'') {
            if (!read_quoted(at, out))
                return FZ_MALFORMED;
        } else if (letter == '\\' && **at != '\0') {
            fz_text_add(out, (*at)++, 1);
        } else if (strchr(plain, letter) != NULL) {
            fz_text_add(out, &letter, 1);
        } else {
            return FZ_MALFORMED;
        }
    }
    return out->failed ? FZ_FULL : FZ_OK;
}
