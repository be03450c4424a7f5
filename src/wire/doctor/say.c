/* What the doctor found, in words, and where the two messages part. */
#include <string.h>

#include "wire/doctor/internal.h"

#define BEFORE_SHOWN 80 /* bytes of a line before the difference, and behind it */
#define BEHIND_SHOWN 60
#define WHOLE_MAX    (1 << 20)

static const struct {
    const char *name, *english, *chinese;
} mistakes[FZ_MISTAKE_COUNT] = {
    [FZ_MISTAKE_NONE] = {"NONE", "The signature is good", "签名正确"},
#define FZ_MISTAKE(id, english, chinese) [FZ_MISTAKE_##id] = {#id, english, chinese},
#include "wire/doctor/mistakes.def"
#undef FZ_MISTAKE
};

const char *fz_mistake_name(enum fz_mistake mistake)
{
    return mistakes[mistake].name;
}

const char *fz_mistake_text(enum fz_mistake mistake, bool chinese)
{
    return chinese ? mistakes[mistake].chinese : mistakes[mistake].english;
}

static void add_words(struct fz_text *text, enum fz_mistake mistake, const char *how, bool chinese)
{
    if (text->size > 0)
        fz_text_string(text, chinese ? "。另外：" : ". Besides: ");
    fz_text_string(text, fz_mistake_text(mistake, chinese));
    bool is_name = how != NULL && strchr(how, ' ') == NULL; /* such as a member's; anything longer is English */
    if (how != NULL && (!chinese || is_name))
        fz_text_format(text, chinese ? "（%s）" : " (%s)", how);
}

void fz_doctor_say(const struct fz_finding *finding, const char *more, bool chinese, struct fz_diagnosis *out)
{
    struct fz_text text = {.max = 4096};
    *out = (struct fz_diagnosis){.mistake = fz_mistake_name(FZ_MISTAKE_NONE)};
    for (size_t i = 0; i < finding->count; i++) {
        *(i == 0 ? &out->mistake : &out->also[i - 1]) = fz_mistake_name(finding->list[i].mistake);
        add_words(&text, finding->list[i].mistake, finding->list[i].how, chinese);
    }
    if (finding->count == 0)
        add_words(&text, FZ_MISTAKE_NONE, NULL, chinese);
    if (more != NULL)
        fz_text_format(&text, chinese ? "。%s" : ". %s", more);
    (void)fz_copy(out->says, sizeof out->says, text.data);
    fz_text_done(&text);
}

void fz_doctor_name(enum fz_mistake mistake, const char *how, bool chinese, struct fz_diagnosis *out)
{
    struct fz_finding finding = {0};
    fz_finding_add(&finding, mistake, how);
    fz_doctor_say(&finding, NULL, chinese, out);
}

void fz_doctor_name_instead(enum fz_mistake mistake, const char *those, bool chinese, struct fz_diagnosis *out)
{
    struct fz_finding finding = {0};
    struct fz_text more = {.max = 4096};
    fz_text_format(&more, chinese ? "此处可用：%s" : "These would do here: %s", those == NULL ? "" : those);
    fz_finding_add(&finding, mistake, NULL);
    fz_doctor_say(&finding, those == NULL ? NULL : more.data, chinese, out);
    fz_text_done(&more);
}

/* ---- where they part ---- */

static void flatten(const struct fz_doctor_message *message, struct fz_text *out)
{
    struct fz_piece pieces[FZ_MESSAGE_PIECES];
    size_t count = fz_doctor_message_pieces(message, pieces);
    for (size_t i = 0; i < count; i++)
        fz_text_add(out, pieces[i].data, pieces[i].size);
}

/* Bytes of the character at `text`: 0 if it is not UTF-8, or one that does not show. */
static size_t visible_size(const char *text, size_t size)
{
    static const char mark[] = "\xEF\xBB\xBF";
    for (size_t width = 1; width <= 3 && width <= size; width++)
        if (fz_utf8_length(text, width) == 1) {
            bool control = (unsigned char)text[0] < 0x20 || text[0] == 0x7F ||
                           (width == 2 && (unsigned char)text[0] == 0xC2 && (unsigned char)text[1] < 0xA0);
            return control || (width == 3 && memcmp(text, mark, 3) == 0) ? 0 : width;
        }
    return 0;
}

/* As text that shows what is there. */
static void show(struct fz_text *out, const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t width = visible_size(text + at, size - at);
        if (width > 0)
            fz_text_add(out, text + at, width);
        else if (text[at] == '\n' || text[at] == '\r' || text[at] == '\t')
            fz_text_string(out, text[at] == '\n' ? "\\n" : text[at] == '\r' ? "\\r" : "\\t");
        else
            fz_text_format(out, "\\x%02X", (unsigned)(unsigned char)text[at]);
        at += width == 0 ? 1 : width;
    }
}

/* Back to where a character begins. */
static size_t character_start(const char *text, size_t at, size_t least)
{
    size_t back = at;
    while (back > least && at - back < 3 && ((unsigned char)text[back] & 0xC0) == 0x80)
        back--;
    return ((unsigned char)text[back] & 0xC0) == 0x80 ? at : back;
}

/* From `begin` over `part`, where the two part, to the line's end or a little further. Gives how many bytes
 * of the outcome stand before that. */
static size_t show_line(const struct fz_text *message, size_t begin, size_t part, char out[FZ_DIAGNOSIS_LINE])
{
    struct fz_text text = {.max = 8 * (BEFORE_SHOWN + BEHIND_SHOWN)};
    size_t end = part;
    while (end < message->size && end - part < BEHIND_SHOWN &&
           (end == begin || message->data[end - 1] != '\n' || end <= part))
        end++;
    if (end < message->size)
        end = character_start(message->data, end, part);
    show(&text, message->data + begin, part - begin);
    size_t before = text.size;
    show(&text, message->data + part, end - part);
    (void)fz_copy(out, FZ_DIAGNOSIS_LINE, text.data);
    fz_text_done(&text);
    return before;
}

static void point(const struct fz_text *was_signed, const struct fz_text *expected, struct fz_diagnosis *out)
{
    size_t part = 0, line_start = 0;
    int line = 1;
    while (part < was_signed->size && part < expected->size &&
           was_signed->data[part] == expected->data[part]) {
        if (expected->data[part++] == '\n') {
            line_start = part;
            line++;
        }
    }
    if (part == was_signed->size && part == expected->size)
        return;
    out->differs = true;
    out->offset = (int64_t)part;
    out->line = line;
    part = character_start(expected->data, part, line_start);
    size_t begin = part - line_start > BEFORE_SHOWN ? part - BEFORE_SHOWN : line_start;
    begin = character_start(expected->data, begin, line_start);
    (void)show_line(was_signed, begin, part, out->signed_line);
    out->same = show_line(expected, begin, part, out->expected_line);
}

void fz_doctor_point(const struct fz_doctor_message *was_signed, const struct fz_doctor_message *expected,
                     struct fz_diagnosis *out)
{
    struct fz_text one = {.max = WHOLE_MAX}, other = {.max = WHOLE_MAX};
    flatten(was_signed, &one);
    flatten(expected, &other);
    if (!one.failed && !other.failed && one.size > 0 && other.size > 0)
        point(&one, &other, out);
    fz_text_done(&one);
    fz_text_done(&other);
}
