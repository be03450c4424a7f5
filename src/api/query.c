/* The raw query and percent-decoding. What was signed is never decoded before it is split. */
#include <string.h>

#include "api/reading.h"

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* Decodes one character at `*at` and moves on; -1 if the escape is broken. */
static int decode_one(const char **at, const char *end, bool plus_is_blank)
{
    char first = *(*at)++;
    if (first == '+' && plus_is_blank)
        return ' ';
    if (first != '%')
        return (unsigned char)first;
    if (end - *at < 2)
        return -1;
    int high = hex_value((*at)[0]), low = hex_value((*at)[1]);
    *at += 2;
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static bool is_name(struct fz_raw raw, const char *name)
{
    const char *at = raw.text, *end = raw.text + raw.size;
    for (; at < end && *name != '\0'; name++)
        if (decode_one(&at, end, true) != (unsigned char)*name)
            return false;
    return at == end && *name == '\0';
}

enum fz_result fz_query_find(const char *query, const char *name, struct fz_raw *out)
{
    enum fz_result result = FZ_ABSENT;
    for (const char *at = query; at != NULL && *at != '\0';) {
        size_t size = strcspn(at, "&");
        const char *equals = memchr(at, '=', size);
        size_t name_size = equals == NULL ? size : (size_t)(equals - at);
        if (is_name((struct fz_raw){at, name_size}, name)) {
            *out = equals == NULL ? (struct fz_raw){at + size, 0}
                                  : (struct fz_raw){equals + 1, size - name_size - 1};
            if (result == FZ_OK)
                return FZ_CONFLICT;
            result = FZ_OK;
        }
        at += size + (at[size] == '&' ? 1 : 0);
    }
    return result;
}

enum fz_result fz_percent_decode(struct fz_arena *arena, struct fz_raw raw, bool plus_is_blank,
                                 const char **out, size_t *size)
{
    char *decoded = fz_arena_take(arena, raw.size + 1);
    if (decoded == NULL)
        return FZ_FAILED;
    size_t used = 0;
    for (const char *at = raw.text, *end = raw.text + raw.size; at < end;) {
        int character = decode_one(&at, end, plus_is_blank);
        if (character < 0)
            return FZ_MALFORMED;
        decoded[used++] = (char)character;
    }
    *out = decoded;
    *size = used;
    return FZ_OK;
}
