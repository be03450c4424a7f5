/* Whatever stands around it, a secret behind its name does not get into the request log. An input says how the two are
 * written and what stands before and behind them:
 *   byte 0  which word of the mask's table       byte 3  how many layers of escapes, and of which kind
 *   byte 1  how the name is made of it           byte 4  what parts the two from the text before and behind
 *   byte 2  how name and value are joined        byte 5  of the rest so many 256ths stand before */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "server/log/mask.h"

#define SECRET   "Qv8xZk3W"
#define TEXT_MAX 65536

static char text[TEXT_MAX], masked[TEXT_MAX];
static size_t used;

static void add(const void *bytes, size_t size)
{
    if (size > sizeof text - used)
        size = sizeof text - used;
    memcpy(text + used, bytes, size);
    used += size;
}

static void add_string(const char *string)
{
    add(string, strlen(string));
}

/* ---- the pair ---- */

/* # is the name, $ the secret. */
static const char *const shapes[] = {
    "\"#\":\"$\"",       "\"#\" :\t\"$\"",       "\"#\"\v=\f\"$\"", "'#':'$'",         "#=$",
    "#:$",               "# : $",                "x[#]=$",          "x[#][0]=$",       "<#>$</#>",
    "<#><![CDATA[$]]></#>", "<x #=\"$\"/>",      "\"#\":[\"$\"]",   "\"#\":{\"x\":\"$\"}", "#\xEF\xBC\x9A$",
    "#\xC2\xA0:$",       "name=\"#\"\r\n\r\n$", "{\"name\":\"#\",\"value\":\"$\"}", "\\\"#\\\":\\\"$\\\"", "[#] => $",
    "\"#\":\"a, $\"",    "\"#\":\"a\\\"$\"",     "#=a&$!",          "#=a, $!",           "x[\"#\"]=$",
    "x['#'][0] = $",
};
static const char *const names[] = {"#", "x_#", "#_x", "x-#", "x.#", "#2", "#s", "x_#_y"};
static const char boundaries[] = " \n\t,;&?{(\"'<>|!";
/* Behind it none may stand that makes a name of the secret itself, as a colon in the next line would. */
static const char *const ends[] = {",", "}", "&", ";", ")", ">", "!", "\nx"};

static void add_filled(const char *shape, const char *name)
{
    for (; *shape != '\0'; shape++) {
        if (*shape == '#')
            add_string(name);
        else if (*shape == '$')
            add_string(SECRET);
        else
            add(shape, 1);
    }
}

static const char *name_of(const uint8_t *input)
{
    static char name[64];
    size_t words = 0;
    while (fz_secret_words[words] != NULL)
        words++;
    const char *word = fz_secret_words[input[0] % words], *form = names[input[1] % 8];
    const char *place = strchr(form, '#');
    snprintf(name, sizeof name, "%.*s%s%s", (int)(place - form), form, word, place + 1);
    if ((input[1] & 0x80) != 0)
        for (char *at = name; *at != '\0'; at++)
            *at = (char)(*at >= 'a' && *at <= 'z' ? *at - 32 : *at);
    return name;
}

/* ---- escapes ---- */

static size_t escape(char kind, unsigned char c, char out[16])
{
    const char *letter = c < 0x20 || c == '"' || c == '\\' ? strchr("\"\\\n\r\t", (int)c) : NULL;
    switch (kind) {
    case 0: /* as in a URL */
        if (strchr("\"%&=:<>[]{}\\ ", (int)c) != NULL || c < 0x20 || c >= 0x7F)
            return (size_t)sprintf(out, "%%%02X", c);
        break;
    case 1: /* in a JSON string, with more of them than has to be */
    case 4: /* in a JSON string, as the server writes it */
        if (letter != NULL && *letter != '\0')
            return (size_t)sprintf(out, "\\%c", "\"\\nrt"[letter - "\"\\\n\r\t"]);
        if (c < 0x20 || (kind == 1 && strchr("=&<>'", (int)c) != NULL))
            return (size_t)sprintf(out, "\\u%04x", c);
        break;
    case 2: /* in XML */
        if (strchr("\"&<>'=:", (int)c) != NULL && c != '\0')
            return (size_t)sprintf(out, "&#%d;", c);
        break;
    default: /* every letter, as nobody has to */
        return (size_t)sprintf(out, "%%%02x", c);
    }
    out[0] = (char)c;
    return 1;
}

/* Writes what stands behind `from` again, with a layer of escapes more. */
static void wrap(size_t from, char kind)
{
    static char plain[TEXT_MAX];
    size_t size = used - from;
    char out[16];
    memcpy(plain, text + from, size);
    used = from;
    for (size_t i = 0; i < size; i++)
        add(out, escape(kind, (unsigned char)plain[i], out));
}

/* ---- what has to hold ---- */

static size_t written;

static void fail(const char *what)
{
    fprintf(stderr, "%s\n  ", what);
    fwrite(text, 1, used, stderr);
    fputs("\n  ", stderr);
    fwrite(masked, 1, written, stderr);
    fputs("\n", stderr);
    abort();
}

static size_t mask(size_t max)
{
    struct fz_masked out = {.text = masked, .max = max};
    fz_mask_text(&out, text, used, NULL);
    masked[out.size] = '\0';
    return out.size;
}

/* What is shown is what was there, in its order. */
static void check_shown(size_t size)
{
    size_t at = 0;
    for (size_t i = 0; i < size; i++) {
        if (i + 3 <= size && memcmp(masked + i, "***", 3) == 0) {
            i += 2;
            continue;
        }
        const char *found = memchr(text + at, masked[i], used - at);
        if (found == NULL)
            fail("something is shown that was not there");
        at = (size_t)(found - text) + 1;
    }
}

/* The text as a string of JSON that the server writes itself: the secret stays hidden, and what stands behind is shown. */
static void check_own_json(void)
{
    static const char behind[] = "\",\"diagnosis\":{\"mistake\":\"UNKNOWN\",\"expected\":\"***\"}}";
    static char plain[TEXT_MAX];
    size_t size = used;
    char out[16];
    memcpy(plain, text, size);
    used = 0;
    add_string("{\"message\":\"");
    for (size_t i = 0; i < size; i++)
        add(out, escape(4, (unsigned char)plain[i], out));
    add_string("\",\"diagnosis\":{\"mistake\":\"UNKNOWN\",\"expected\":\"" SECRET "\"}}");
    struct fz_masked own = {.text = masked, .max = sizeof masked - 1};
    fz_mask_json(&own, text, used, NULL);
    written = own.size;
    if (memmem(masked, written, SECRET, strlen(SECRET)) != NULL)
        fail("the secret is shown in the server's own JSON");
    size_t length = sizeof behind - 1;
    if (written < length || memcmp(masked + written - length, behind, length) != 0)
        fail("a string of the server's own JSON hides the next");
    check_shown(written);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    if (size < 6)
        return 0;
    const uint8_t *rest = input + 6;
    const char *shape = shapes[input[2] % (sizeof shapes / sizeof shapes[0])];
    /* Where the name is itself a value, nothing may have taken that for a part of its own. */
    size_t before = strstr(shape, "\"name\"") == shape + 1 || strncmp(shape, "name", 4) == 0 ? 0 : (size - 6) * input[5] / 256;
    used = 0;
    add(rest, before);
    add(boundaries + input[4] % (sizeof boundaries - 1), 1);
    size_t from = used;
    add_filled(shape, name_of(input));
    for (int layers = input[3] % 4, kinds = input[3] >> 2; layers > 0; layers--, kinds >>= 2)
        wrap(from, (char)(kinds & 3));
    size_t end = used;
    add_string(ends[(input[4] >> 4) % 8]);
    add(rest + before, size - 6 - before);
    written = mask(sizeof masked - 1);
    if (memmem(masked, written, SECRET, strlen(SECRET)) != NULL)
        fail("the secret is shown");
    /* Where every letter is escaped, it is not shown in that form either. */
    static const char all[] = "%51%76%38%78%5a%6b%33%57";
    if (memmem(text + from, end - from, all, strlen(all)) != NULL && memmem(masked, written, all, strlen(all)) != NULL)
        fail("the escaped secret is shown");
    check_shown(written);
    if (mask(written / 2) > written / 2)
        fail("more is written than there is room for");
    if (used < TEXT_MAX / 8) /* with its escapes it still has room */
        check_own_json();
    return 0;
}
