/* Masking: what the names before them tell to be secrets is replaced, in every reading of a text. */
#include "server/log/mask.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/log/mask_escapes.h"
#include "server/log/mask_scan.h"

#define READINGS 5 /* of a text: as it stands, and with so many layers of escapes undone, less one */

/* ---- text ---- */

/* A text without escapes has one reading, and is written while it is read. */
static void mask_plain(struct fz_masked *out, const char *text, size_t size, const char *also)
{
    struct fz_mask_scan scan = {.end = text + size, .also = also, .bare = true};
    const char *done = text, *from, *to;
    fz_mask_begin(&scan, text);
    while (out->size < out->max && fz_mask_next(&scan, &from, &to)) {
        fz_masked_add(out, done, (size_t)(from - done));
        fz_masked_string(out, FZ_MASK);
        done = to;
    }
    fz_masked_add(out, done, (size_t)(text + size - done));
}

/* A text with escapes, read again and again: `text` with more of them undone each time. */
struct readings {
    char *text;
    uint32_t *at; /* where each of its characters stands in the text as it was */
    bool *hidden; /* of each character of the text as it was */
    size_t size;
};

static bool begin_readings(struct readings *readings, const char *text, size_t size)
{
    readings->text = malloc(size);
    readings->at = malloc((size + 1) * sizeof readings->at[0]);
    readings->hidden = calloc(size, sizeof readings->hidden[0]);
    readings->size = size;
    if (readings->text == NULL || readings->at == NULL || readings->hidden == NULL)
        return false;
    memcpy(readings->text, text, size);
    for (size_t i = 0; i <= size; i++)
        readings->at[i] = (uint32_t)i;
    return true;
}

static void end_readings(struct readings *readings)
{
    free(readings->text);
    free(readings->at);
    free(readings->hidden);
}

/* What was found before is a plain word to this reading, whatever it was. */
static void blot_out(struct readings *readings)
{
    for (size_t i = 0; i < readings->size; i++)
        if (readings->hidden[readings->at[i]])
            readings->text[i] = 'x';
}

static void read_once(struct readings *readings, const char *also, bool bare)
{
    struct fz_mask_scan scan = {.end = readings->text + readings->size, .also = also, .bare = bare};
    const char *from, *to;
    fz_mask_begin(&scan, readings->text);
    while (fz_mask_next(&scan, &from, &to)) {
        uint32_t first = readings->at[from - readings->text], end = readings->at[to - readings->text];
        memset(readings->hidden + first, true, end - first);
    }
    blot_out(readings);
}

/* Each reading has one more layer of escapes undone, until there are none. Beyond the last one it cannot be told what
 * stands where: from the first escape on all is hidden. */
static void read_all(struct readings *readings, const char *also, size_t size)
{
    for (int left = READINGS;; left--) {
        size_t escape = fz_first_escape(readings->text, readings->size);
        bool bare = escape == readings->size;
        read_once(readings, also, bare);
        if (!bare && left == 1)
            memset(readings->hidden + readings->at[escape], true, size - readings->at[escape]);
        if (bare || left == 1)
            return;
        readings->size = fz_undo_escapes(readings->text, readings->at, readings->size);
    }
}

static void write_shown(struct fz_masked *out, const char *text, const bool *hidden, size_t size)
{
    for (size_t i = 0, run; i < size && !out->cut; i += run) {
        for (run = 1; i + run < size && hidden[i + run] == hidden[i]; run++)
            ;
        if (hidden[i])
            fz_masked_string(out, FZ_MASK);
        else
            fz_masked_add(out, text + i, run);
    }
}

const bool fz_mask_telling[256] = {['\0'] = true, ['%'] = true, ['\\'] = true, ['&'] = true,
                                   [':'] = true,  ['='] = true, ['<'] = true,  [0xEF] = true};

/* Most values are such. */
bool fz_is_nothing_to_mask(const char *text, size_t size)
{
    size_t at = 0;
    while (at < size && !fz_mask_telling[(unsigned char)text[at]])
        at++;
    return at == size;
}

void fz_mask_text(struct fz_masked *out, const char *text, size_t size, const char *also)
{
    if (fz_is_nothing_to_mask(text, size)) {
        fz_masked_add(out, text, size);
        return;
    }
    if (fz_first_escape(text, size) == size) {
        mask_plain(out, text, size, also);
        return;
    }
    struct readings readings;
    if (begin_readings(&readings, text, size)) {
        read_all(&readings, also, size);
        write_shown(out, text, readings.hidden, size);
    } else {
        fz_masked_string(out, FZ_MASK); /* memory is short */
    }
    end_readings(&readings);
}

/* ---- headers ---- */

/* Masks each run of more characters of base64 than a nonce may have: a signature under another name. */
static void mask_runs(struct fz_masked *out, size_t from)
{
    static const bool of_base64[256] = {['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['+'] = true,
                                        ['/'] = true,         ['='] = true,         ['-'] = true,         ['_'] = true};
    static const size_t longest = 128;
    size_t kept = from, run = 0;
    for (size_t i = from; i <= out->size; i++) {
        char c = i < out->size ? out->text[i] : '\0';
        if (of_base64[(unsigned char)c]) {
            run++;
            continue;
        }
        size_t part = run > longest ? sizeof FZ_MASK - 1 : run;
        memmove(out->text + kept, run > longest ? FZ_MASK : out->text + i - run, part);
        kept += part;
        if (i < out->size)
            out->text[kept++] = c;
        run = 0;
    }
    out->size = kept;
}

static void mask_authorization(struct fz_masked *out, const char *value)
{
    static const char scheme[] = "WECHATPAY2-";
    size_t first = strcspn(value, " \t"), from = out->size;
    if (value[first] == '\0' || first > 32) {
        fz_masked_string(out, FZ_MASK);
        return;
    }
    fz_masked_add(out, value, first);
    if (strncasecmp(value, scheme, sizeof scheme - 1) != 0) {
        fz_masked_string(out, " " FZ_MASK);
        return;
    }
    fz_mask_text(out, value + first, strlen(value + first), NULL);
    mask_runs(out, from);
}

void fz_mask_header(struct fz_masked *out, const char *name, const char *value)
{
    if (strcasecmp(name, "Authorization") == 0)
        mask_authorization(out, value);
    else if (fz_is_secret_name(name, strlen(name)))
        fz_masked_string(out, FZ_MASK);
    else
        fz_mask_text(out, value, strlen(value), NULL);
}
