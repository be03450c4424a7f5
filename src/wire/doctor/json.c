/* Other texts for a body that is JSON: as the serialisers of the usual languages write it. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "wire/doctor/internal.h"
#include "wire/json_dumped.h"

#define READING_NS 40 /* what a byte costs to read, and to write */
#define WRITING_NS 30

/* What is said of a style. */
#define SIGNED  "the signed one has "
#define BLANKS  "blanks behind , and :"
#define ESCAPES "letters beyond ASCII as \\uXXXX"
#define SLASHES "slashes as \\/"
#define HTML    "<, > and & as \\uXXXX"
#define SORTED  "its members sorted"
#define LINES   "lines indented by "

enum after { AS_IT_IS, SMALL_ESCAPES, FOR_HTML };

static const struct style {
    size_t flags;
    enum after after;
    const char *how;
    bool likely;
} styles[] = {
    {JSON_COMPACT, AS_IT_IS, "the signed one has no blanks", true},
    {JSON_ENSURE_ASCII, SMALL_ESCAPES, SIGNED BLANKS ", and " ESCAPES, true},
    {0, AS_IT_IS, SIGNED BLANKS, true},
    {JSON_COMPACT | JSON_SORT_KEYS, AS_IT_IS, SIGNED SORTED, true},
    {JSON_COMPACT | JSON_ENSURE_ASCII, SMALL_ESCAPES, SIGNED ESCAPES, true},
    {JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ESCAPE_SLASH, SMALL_ESCAPES, SIGNED ESCAPES ", and " SLASHES, true},
    {JSON_COMPACT | JSON_ESCAPE_SLASH, AS_IT_IS, SIGNED SLASHES, true},
    {JSON_SORT_KEYS, AS_IT_IS, SIGNED SORTED ", and " BLANKS, false},
    {JSON_SORT_KEYS | JSON_ENSURE_ASCII, SMALL_ESCAPES, SIGNED SORTED ", " BLANKS ", and " ESCAPES, false},
    {JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII, SMALL_ESCAPES, SIGNED SORTED ", and " ESCAPES, false},
    {JSON_COMPACT, FOR_HTML, SIGNED HTML, false},
    {JSON_COMPACT | JSON_SORT_KEYS, FOR_HTML, SIGNED SORTED ", and " HTML, false},
    {JSON_COMPACT | JSON_ENSURE_ASCII, AS_IT_IS, SIGNED ESCAPES " in capitals", false},
    {JSON_INDENT(2), AS_IT_IS, SIGNED LINES "2", false},
    {JSON_INDENT(4), AS_IT_IS, SIGNED LINES "4", false},
    {JSON_INDENT(2) | JSON_ENSURE_ASCII, SMALL_ESCAPES, SIGNED LINES "2, and " ESCAPES, false},
    {JSON_INDENT(4) | JSON_ENSURE_ASCII, SMALL_ESCAPES, SIGNED LINES "4, and " ESCAPES, false},
    {JSON_INDENT(2) | JSON_SORT_KEYS, AS_IT_IS, SIGNED SORTED ", on " LINES "2", false},
    {JSON_INDENT(4) | JSON_SORT_KEYS, AS_IT_IS, SIGNED SORTED ", on " LINES "4", false},
    {JSON_COMPACT | JSON_SORT_KEYS | JSON_ESCAPE_SLASH | JSON_ENSURE_ASCII, SMALL_ESCAPES,
     SIGNED SORTED ", " ESCAPES ", and " SLASHES, false},
};

/* The digits of \uXXXX in small letters; jansson writes capitals. */
static void make_small(char *text)
{
    for (; *text != '\0'; text++) {
        if (*text != '\\')
            continue;
        text++;
        if (*text != 'u')
            continue;
        for (int i = 1; i <= 4; i++)
            if (text[i] >= 'A' && text[i] <= 'F')
                text[i] = (char)(text[i] | 0x20);
        text += 4;
    }
}

static void put_for_html(struct fz_text *out, const char *text)
{
    for (; *text != '\0'; text++)
        if (strchr("<>&", *text) != NULL)
            fz_text_format(out, "\\u%04x", (unsigned)*text);
        else
            fz_text_add(out, text, 1);
}

static void add_style(json_t *json, const struct style *style, struct fz_variants *out)
{
    char *text = fz_json_dumped(json, style->flags | JSON_ENCODE_ANY);
    struct fz_text html = {.max = 1 << 19};
    if (text == NULL)
        return;
    if (style->after == SMALL_ESCAPES)
        make_small(text);
    if (style->after == FOR_HTML)
        put_for_html(&html, text);
    const char *made = html.data != NULL && !html.failed ? html.data : text;
    struct fz_variant *variant =
        fz_variants_add(out, FZ_MISTAKE_BODY_RESERIALISED, style->how, made, strlen(made));
    if (variant != NULL)
        variant->likely = style->likely;
    fz_text_done(&html);
    free(text);
}

/* Members that are null go, at every depth: as deep as jansson reads, which has a limit. */
static bool drop_nulls(json_t *json)
{
    bool dropped = false;
    const char *name;
    json_t *value;
    void *next;
    size_t index;
    json_object_foreach_safe(json, next, name, value)
    {
        if (json_is_null(value))
            dropped = json_object_del(json, name) == 0;
        else
            dropped |= drop_nulls(value);
    }
    json_array_foreach(json, index, value) dropped |= drop_nulls(value);
    return dropped;
}

static bool spend(size_t *budget_ns, size_t cost_ns)
{
    bool enough = *budget_ns >= cost_ns;
    *budget_ns -= enough ? cost_ns : *budget_ns;
    return enough;
}

/* The signed one is what the sent string holds, or the other way round. */
static void add_twice(json_t *json, const struct fz_arrival *arrival, struct fz_variants *out)
{
    if (json_is_string(json)) {
        (void)fz_variants_add(out, FZ_MISTAKE_BODY_SERIALISED_TWICE, "the sent one", json_string_value(json),
                              json_string_length(json));
        return;
    }
    json_t *string = json_stringn(arrival->body, arrival->body_size);
    char *text = fz_json_dumped(string, JSON_ENCODE_ANY);
    if (text != NULL)
        (void)fz_variants_add(out, FZ_MISTAKE_BODY_SERIALISED_TWICE, "the signed one", text, strlen(text));
    free(text);
    json_decref(string);
}

void fz_doctor_json_variants(const struct fz_arrival *arrival, struct fz_variants *out, size_t *budget_ns)
{
    if (!spend(budget_ns, READING_NS * arrival->body_size))
        return;
    json_t *json = json_loadb(arrival->body, arrival->body_size, JSON_DECODE_ANY, NULL);
    if (json == NULL)
        return;
    for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++)
        if (spend(budget_ns, WRITING_NS * arrival->body_size))
            add_style(json, &styles[i], out);
    if (spend(budget_ns, WRITING_NS * arrival->body_size))
        add_twice(json, arrival, out);
    static const struct style without_nulls = {JSON_COMPACT, AS_IT_IS, "the signed one has no members that are null",
                                               false};
    if (drop_nulls(json) && spend(budget_ns, WRITING_NS * arrival->body_size))
        add_style(json, &without_nulls, out);
    json_decref(json);
}
