/* JSON as YAML that people read. */
#include "world/write.h"

#include <string.h>

#include "world/letters.h"

#define LINE_MAX 110 /* of what stands in braces on one line */
#define STEP     2   /* columns of a level */

static bool is_plain(const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    static const char *const others[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
    if (strspn(text, letters) == 0 || strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") != strlen(text))
        return false;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcasecmp(text, others[i]) == 0)
            return false;
    return true;
}

/* Returns how many bytes it has written. */
static size_t write_letter(const char *at, const char *end, struct fz_text *out)
{
    char escape[8];
    size_t size = fz_world_escape(at, end, escape);
    if (*at == '\n')
        fz_text_string(out, "\\n");
    else if (*at == '"' || *at == '\\')
        fz_text_format(out, "\\%c", *at);
    else if (size > 0)
        fz_text_string(out, escape);
    else
        fz_text_add(out, at, 1);
    return size == 0 ? 1 : size;
}

/* In quotes as JSON has them, unless nothing else can be meant. */
static void write_text(const char *text, struct fz_text *out)
{
    if (is_plain(text)) {
        fz_text_string(out, text);
        return;
    }
    const char *end = text + strlen(text);
    fz_text_string(out, "\"");
    while (text < end)
        text += write_letter(text, end, out);
    fz_text_string(out, "\"");
}

static void write_scalar(const json_t *json, struct fz_text *out)
{
    if (json_is_string(json))
        write_text(json_string_value(json), out);
    else if (json_is_integer(json))
        fz_text_format(out, "%lld", (long long)json_integer_value(json));
    else
        fz_text_string(out, json_is_true(json) ? "true" : json_is_false(json) ? "false" : "null");
}

/* ---- on one line ---- */

static void write_flow(const json_t *json, struct fz_text *out)
{
    const char *name, *joint = "";
    json_t *value;
    size_t i;
    if (!json_is_object(json) && !json_is_array(json)) {
        write_scalar(json, out);
        return;
    }
    fz_text_string(out, json_is_object(json) ? "{" : "[");
    if (json_is_object(json)) {
        json_object_foreach((json_t *)(uintptr_t)json, name, value)
        {
            fz_text_string(out, joint);
            write_text(name, out);
            fz_text_string(out, ": ");
            write_flow(value, out);
            joint = ", ";
        }
    } else {
        json_array_foreach(json, i, value)
        {
            fz_text_string(out, joint);
            write_flow(value, out);
            joint = ", ";
        }
    }
    fz_text_string(out, json_is_object(json) ? "}" : "]");
}

/* A block has no escapes. */
static bool is_for_block(const char *text)
{
    const char *end = text + strlen(text);
    char escape[8];
    for (; text < end; text++)
        if (*text != '\n' && fz_world_escape(text, end, escape) > 0)
            return false;
    return true;
}

static bool is_block(const json_t *json)
{
    const char *text = json_string_value(json);
    return text != NULL && strncmp(text, "-----BEGIN ", 11) == 0 && text[strlen(text) - 1] == '\n' && strstr(text, "\n\n") == NULL &&
           strstr(text, "\n ") == NULL && is_for_block(text);
}

/* False, and nothing is written: it is too long, or has a block in it. */
static bool write_short(const json_t *json, struct fz_text *out)
{
    FZ_CLEANUP(fz_text_done) struct fz_text line = {.max = LINE_MAX};
    write_flow(json, &line);
    if (line.failed || is_block(json) || (line.data != NULL && strstr(line.data, "-----BEGIN ") != NULL))
        return false;
    fz_text_add(out, line.data, line.size);
    return true;
}

/* ---- below each other ---- */

static void write_indent(size_t columns, struct fz_text *out)
{
    for (size_t i = 0; i < columns; i++)
        fz_text_string(out, " ");
}

static void write_block(const char *text, size_t columns, struct fz_text *out)
{
    fz_text_string(out, "|\n");
    while (*text != '\0') {
        size_t size = strcspn(text, "\n") + 1;
        write_indent(columns, out);
        fz_text_add(out, text, size);
        text += size;
    }
}

static void write_below(const json_t *json, size_t columns, bool is_first, struct fz_text *out);

/* Behind `name:` or `- `. */
static void write_value(const json_t *json, size_t columns, bool is_item, struct fz_text *out)
{
    bool has_parts = json_is_object(json) || json_is_array(json);
    size_t before = out->size;
    if (!is_item)
        fz_text_string(out, " ");
    if (is_block(json)) {
        write_block(json_string_value(json), columns, out);
    } else if (!has_parts) {
        write_scalar(json, out);
        fz_text_string(out, "\n");
    } else if (write_short(json, out)) {
        fz_text_string(out, "\n");
    } else {
        if (!is_item && !out->failed) {
            out->size = before; /* nothing stands behind the name */
            fz_text_string(out, "\n");
        }
        write_below(json, columns, is_item, out);
    }
}

/* `is_first`: the first line's indentation stands there already. */
static void write_below(const json_t *json, size_t columns, bool is_first, struct fz_text *out)
{
    const char *name;
    json_t *value;
    size_t i;
    if (json_is_array(json)) {
        json_array_foreach(json, i, value)
        {
            write_indent(is_first && i == 0 ? 0 : columns, out);
            fz_text_string(out, "- ");
            write_value(value, columns + STEP, true, out);
        }
        return;
    }
    json_object_foreach((json_t *)(uintptr_t)json, name, value)
    {
        write_indent(is_first ? 0 : columns, out);
        write_text(name, out);
        fz_text_string(out, ":");
        write_value(value, columns + STEP, false, out);
        is_first = false;
    }
}

void fz_world_write(const json_t *json, struct fz_text *out)
{
    write_below(json, 0, false, out);
}
