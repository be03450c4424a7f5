/* The raw query and percent-decoding. What was signed is never decoded before it is split. */
#include <string.h>

#include "base/text.h"
#include "spec/server/request_internal.h"

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

/* The next name=value at `*at`, which moves behind it; pieces of nothing between two & are passed over.
 * False: there is none. */
static bool next_pair(const char **at, struct fz_raw *name, struct fz_raw *value)
{
    *at += strspn(*at, "&");
    size_t size = strcspn(*at, "&");
    const char *equals = memchr(*at, '=', size);
    *name = (struct fz_raw){*at, equals == NULL ? size : (size_t)(equals - *at)};
    *value = equals == NULL ? (struct fz_raw){*at + size, 0} : (struct fz_raw){equals + 1, size - name->size - 1};
    *at += size;
    return size > 0;
}

enum fz_result fz_query_find(const char *query, const char *name, struct fz_raw *out)
{
    enum fz_result result = FZ_ABSENT;
    struct fz_raw found, value;
    for (const char *at = query; at != NULL && next_pair(&at, &found, &value);)
        if (is_name(found, name)) {
            *out = value;
            if (result == FZ_OK)
                return FZ_CONFLICT;
            result = FZ_OK;
        }
    return result;
}

static bool is_declared(const struct fz_member *parameters, struct fz_raw name)
{
    for (; parameters->name != NULL; parameters++)
        if (parameters->place == FZ_IN_QUERY && is_name(name, parameters->name))
            return true;
    return false;
}

/* Decoded if that can be shown, else as it was sent. */
static void show(const struct fz_reading *reading, struct fz_raw raw, char *out, size_t size)
{
    const char *text;
    size_t decoded_size;
    if (fz_percent_decode(reading->arena, raw, true, &text, &decoded_size) == FZ_OK && strlen(text) == decoded_size)
        fz_copy(out, size, text);
    else
        fz_copy_part(out, size, raw.text, raw.size);
}

enum fz_result fz_query_known(const struct fz_reading *reading, const struct fz_member *parameters, const char *query)
{
    struct fz_raw name, value;
    for (const char *at = query; at != NULL && next_pair(&at, &name, &value);)
        if (!is_declared(parameters, name)) {
            char shown_name[sizeof reading->error->field], shown_value[sizeof reading->error->value];
            show(reading, name, shown_name, sizeof shown_name);
            show(reading, value, shown_value, sizeof shown_value);
            struct fz_json_place place = {.place = FZ_IN_QUERY, .name = shown_name};
            return fz_refuse_value(reading, FZ_PARAM_ERROR, &place, shown_value, FZ_ISSUE_UNDECLARED, NULL);
        }
    return FZ_OK;
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
