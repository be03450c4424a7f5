/* JSON written straight into a text (RFC 8259), compact. */
#include "wire/json_text.h"

#include <string.h>

static void begin_value(struct fz_json *json, const char *name)
{
    struct fz_text *text = &json->text;
    if (json->follows)
        fz_text_add(text, ",", 1);
    json->follows = true;
    if (name == NULL)
        return;
    fz_text_add(text, "\"", 1);
    fz_text_string(text, name);
    fz_text_add(text, "\":", 2);
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

/* What RFC 8259, section 7, has escaped: quotation mark, reverse solidus, and the control characters. */
static bool stands_for_itself(unsigned char character)
{
    return character >= 0x20 && character != '"' && character != '\\';
}

static void add_escape(struct fz_text *text, unsigned char character)
{
    static const char escaped[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *found = strchr(escaped, character);
    if (found != NULL)
        fz_text_add(text, (char[]){'\\', letters[found - escaped]}, 2);
    else
        fz_text_format(text, "\\u%04X", character);
}

void fz_json_string(struct fz_json *json, const char *name, const char *value)
{
    struct fz_text *text = &json->text;
    begin_value(json, name);
    fz_text_add(text, "\"", 1);
    for (const char *at = value; *at != '\0';) {
        const char *from = at;
        while (stands_for_itself((unsigned char)*at))
            at++;
        fz_text_add(text, from, (size_t)(at - from));
        if (*at != '\0')
            add_escape(text, (unsigned char)*at++);
    }
    fz_text_add(text, "\"", 1);
}

void fz_json_given(struct fz_json *json, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0')
        fz_json_string(json, name, value);
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
