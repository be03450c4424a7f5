/* JSON written straight into a text (RFC 8259), compact. */
#include "wire/json_text.h"

#include <string.h>

static void begin_value(struct fz_json *json, const char *name)
{
    bool follows = json->follows;
    size_t size = name == NULL ? 0 : strlen(name);
    char *at = fz_text_room(&json->text, (follows ? 1 : 0) + (name == NULL ? 0 : size + 3));
    json->follows = true;
    if (at == NULL)
        return;
    if (follows)
        *at++ = ',';
    if (name == NULL)
        return;
    *at++ = '"';
    memcpy(at, name, size);
    at[size] = '"';
    at[size + 1] = ':';
}

static void open_level(struct fz_json *json, const char *name, const char *bracket)
{
    begin_value(json, name);
    fz_text_add(&json->text, bracket, 1);
    json->follows = false;
}

static void close_level(struct fz_json *json, const char *bracket)
{
    fz_text_add(&json->text, bracket, 1);
    json->follows = true;
}

void fz_json_object(struct fz_json *json, const char *name)
{
    open_level(json, name, "{");
}

void fz_json_end_object(struct fz_json *json)
{
    close_level(json, "}");
}

void fz_json_array(struct fz_json *json, const char *name)
{
    open_level(json, name, "[");
}

void fz_json_end_array(struct fz_json *json)
{
    close_level(json, "]");
}

enum { OTHER, OF_WORDS, ESCAPED };

/* RFC 8259, section 7, has escaped the quotation mark, the reverse solidus and the control characters. */
static const unsigned char kinds[256] = {
    [0 ... 0x1F] = ESCAPED, ['"'] = ESCAPED,        ['\\'] = ESCAPED, [' '] = OF_WORDS,         ['(' ... '9'] = OF_WORDS,
    ['@'] = OF_WORDS,       ['A' ... 'Z'] = OF_WORDS, ['_'] = OF_WORDS, ['a' ... 'z'] = OF_WORDS, ['|'] = OF_WORDS,
};

/* The characters at the beginning that stand for themselves. */
static size_t run(struct fz_json *json, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    bool other = false;
    for (; kinds[*at] != ESCAPED; at++)
        other |= kinds[*at] == OTHER;
    json->has_other |= other;
    return (size_t)((const char *)at - text);
}

static void add_escape(struct fz_text *text, unsigned char character)
{
    static const char escaped[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *found = memchr(escaped, character, sizeof escaped - 1);
    if (found != NULL)
        fz_text_add(text, (char[]){'\\', letters[found - escaped]}, 2);
    else
        fz_text_format(text, "\\u%04X", character);
}

/* `*end` is a NUL, as others may be before it. */
static void add_escaped(struct fz_json *json, const char *at, const char *end)
{
    while (at < end) {
        size_t size = run(json, at);
        fz_text_add(&json->text, at, size);
        at += size;
        if (at < end)
            add_escape(&json->text, (unsigned char)*at++);
    }
    json->has_other = true;
}

void fz_json_string(struct fz_json *json, const char *name, const char *value)
{
    struct fz_text *text = &json->text;
    begin_value(json, name);
    size_t plain = run(json, value);
    char *room = fz_text_room(text, plain + 2);
    if (room == NULL)
        return;
    room[0] = '"';
    memcpy(room + 1, value, plain);
    room[plain + 1] = '"';
    if (value[plain] == '\0')
        return;
    text->size--; /* the end is not there yet */
    add_escaped(json, value + plain, value + plain + strlen(value + plain));
    fz_text_add(text, "\"", 1);
}

void fz_json_own(struct fz_json *json, const char *name, const char *value)
{
    begin_value(json, name);
    size_t size = strlen(value);
    char *room = fz_text_room(&json->text, size + 2);
    if (room == NULL)
        return;
    room[0] = room[size + 1] = '"';
    memcpy(room + 1, value, size);
}

void fz_json_sized(struct fz_json *json, const char *name, const char *value, size_t size)
{
    begin_value(json, name);
    fz_text_add(&json->text, "\"", 1);
    add_escaped(json, value, value + size);
    fz_text_add(&json->text, "\"", 1);
}

void fz_json_integer(struct fz_json *json, const char *name, int64_t value)
{
    char digits[20], *at = digits + sizeof digits; /* 19 and a sign */
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        *--at = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (value < 0)
        *--at = '-';
    begin_value(json, name);
    fz_text_add(&json->text, at, (size_t)(digits + sizeof digits - at));
}

void fz_json_boolean(struct fz_json *json, const char *name, bool value)
{
    begin_value(json, name);
    fz_text_string(&json->text, value ? "true" : "false");
}

void fz_json_null(struct fz_json *json, const char *name)
{
    begin_value(json, name);
    fz_text_string(&json->text, "null");
}
