/* One setting changed in the text of a file of profiles. */
#include <string.h>

#include "cli/config/edit.h"

struct line {
    const char *text;
    size_t size; /* with its line feed, if it has one */
};

static bool next_line(const char **at, struct line *line)
{
    line->text = *at;
    line->size = strcspn(*at, "\n");
    line->size += (*at)[line->size] == '\n';
    *at += line->size;
    return line->size > 0;
}

/* `[name]`, with blanks anywhere. */
static bool is_section(const struct line *line, const char *name, bool *is_any)
{
    const char *at = line->text + strspn(line->text, " \t"), *end = memchr(at, ']', line->size - (size_t)(at - line->text));
    *is_any = *at == '[' && end != NULL;
    return *is_any && (size_t)(end - at - 1) == strlen(name) && memcmp(at + 1, name, strlen(name)) == 0;
}

/* `name = …` or `name: …`. */
static bool is_setting(const struct line *line, const char *name)
{
    const char *at = line->text + strspn(line->text, " \t");
    size_t size = strlen(name);
    if (strncmp(at, name, size) != 0)
        return false;
    at += size;
    at += strspn(at, " \t");
    return *at == '=' || *at == ':';
}

static bool is_blank(const struct line *line)
{
    return strspn(line->text, " \t\r\n") >= line->size;
}

/* Where the profile's section ends, behind its last line that says something; and the line of the setting in it, if there is
 * one. All as offsets; `end` 0: there is no such section. */
struct place {
    size_t end, setting, setting_size;
};

static struct place find(const char *text, const char *profile, const char *name)
{
    struct place place = {0};
    struct line line;
    bool inside = false, is_any;
    for (const char *at = text; next_line(&at, &line);) {
        bool is_its = is_section(&line, profile, &is_any);
        inside = is_any ? is_its : inside;
        if (inside && !is_blank(&line))
            place.end = (size_t)(at - text);
        if (inside && !is_any && is_setting(&line, name)) {
            place.setting = (size_t)(line.text - text);
            place.setting_size = line.size;
        }
    }
    return place;
}

/* A text behind which a line can begin. */
static void end_line(struct fz_text *out)
{
    if (out->size > 0 && out->data[out->size - 1] != '\n')
        fz_text_string(out, "\n");
}

static void add_setting(struct fz_text *out, const char *name, const char *value)
{
    if (value != NULL)
        fz_text_format(out, "%s = %s\n", name, value);
}

void fz_config_edit(const char *old, const char *profile, const char *name, const char *value, struct fz_text *out)
{
    struct place place = find(old, profile, name);
    size_t until = place.setting_size > 0 ? place.setting : place.end > 0 ? place.end : strlen(old);
    fz_text_add(out, old, until);
    if (place.setting_size > 0)
        until += place.setting_size;
    if (place.end == 0 && value != NULL) {
        end_line(out);
        fz_text_format(out, "%s[%s]\n", out->size > 0 ? "\n" : "", profile);
    }
    if (value != NULL)
        end_line(out);
    add_setting(out, name, value);
    fz_text_string(out, old + until);
}
