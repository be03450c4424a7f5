/* Bounded text. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define FIRST_CAPACITY 1024 /* an answer or a header as a rule fits, and need not be moved */

/* The length of the UTF-8 character at `text`, 0 if there is none: over-long forms, surrogates and four-byte
 * forms are none. */
static size_t character_size(const unsigned char *text, size_t size)
{
    if (text[0] < 0x80)
        return 1;
    if (text[0] >= 0xC2 && text[0] <= 0xDF)
        return size >= 2 && (text[1] & 0xC0) == 0x80 ? 2 : 0;
    if ((text[0] & 0xF0) != 0xE0 || size < 3 || (text[1] & 0xC0) != 0x80 || (text[2] & 0xC0) != 0x80)
        return 0;
    if (text[0] == 0xE0 && text[1] < 0xA0)
        return 0;
    if (text[0] == 0xED && text[1] > 0x9F)
        return 0;
    return 3;
}

/* Where to cut text that goes on at `cut`: before the character that would be split. Not UTF-8 at all: just
 * there. */
static size_t boundary(const char *text, size_t cut)
{
    for (size_t back = 0; back <= cut && back < 4; back++)
        if (((unsigned char)text[cut - back] & 0xC0) != 0x80)
            return cut - back;
    return cut;
}

bool fz_copy_part(char *target, size_t size, const char *source, size_t source_size)
{
    if (size == 0)
        return false;
    if (source_size < size) {
        if (source_size > 0)
            memcpy(target, source, source_size);
        target[source_size] = '\0';
        return true;
    }
    size_t cut = boundary(source, size - 1);
    memcpy(target, source, cut);
    target[cut] = '\0';
    return false;
}

bool fz_copy(char *target, size_t size, const char *source)
{
    if (source == NULL)
        source = "";
    return fz_copy_part(target, size, source, strlen(source));
}

long fz_utf8_length(const char *text, size_t size)
{
    long characters = 0;
    for (size_t at = 0; at < size; characters++) {
        size_t step = character_size((const unsigned char *)text + at, size - at);
        if (step == 0)
            return -1;
        at += step;
    }
    return characters;
}

/* C0, DEL and C1 (two bytes, C2 80 to C2 9F): a terminal that shows a log obeys the latter too. */
static bool is_control(const unsigned char *character)
{
    return character[0] < 0x20 || character[0] == 0x7F || (character[0] == 0xC2 && character[1] < 0xA0);
}

void fz_copy_clean(char *target, size_t size, const char *source, size_t source_size, size_t characters)
{
    if (size == 0)
        return;
    size_t used = 0;
    for (size_t at = 0; at < source_size && characters > 0; characters--) {
        const unsigned char *here = (const unsigned char *)source + at;
        size_t step = character_size(here, source_size - at);
        bool clean = step > 0 && !is_control(here);
        size_t width = clean ? step : 1;
        if (used + width >= size)
            break;
        if (clean)
            memcpy(target + used, here, step);
        else
            target[used] = '?';
        used += width;
        at += step == 0 ? 1 : step;
    }
    target[used] = '\0';
}

void fz_clean_controls(char *text)
{
    for (unsigned char *at = (unsigned char *)text; *at != '\0'; at++)
        if ((*at < 0x20 && *at != '\n') || *at == 0x7f)
            *at = '?';
        else if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0)
            at[0] = at[1] = '?';
}

enum fz_result fz_parse_int(const char *text, int64_t *out)
{
    bool negative = *text == '-';
    const char *digits = negative ? text + 1 : text;
    size_t count = strspn(digits, "0123456789");
    if (count == 0 || count > 18 || digits[count] != '\0')
        return FZ_MALFORMED;
    int64_t value = 0;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (digits[i] - '0');
    *out = negative ? -value : value;
    return FZ_OK;
}

/* Makes room for `more` bytes and the final NUL. */
static bool reserve(struct fz_text *text, size_t more)
{
    if (text->failed)
        return false;
    if (more > text->max || text->size > text->max - more) {
        text->failed = true;
        return false;
    }
    size_t needed = text->size + more + 1;
    if (needed <= text->capacity)
        return true;
    size_t capacity = text->capacity < FIRST_CAPACITY ? FIRST_CAPACITY : text->capacity;
    while (capacity < needed)
        capacity *= 2;
    char *grown = fz_reallocate(text->data, capacity);
    if (grown == NULL) {
        text->failed = true;
        return false;
    }
    text->data = grown;
    text->capacity = capacity;
    return true;
}

char *fz_text_room(struct fz_text *text, size_t size)
{
    if (!reserve(text, size))
        return NULL;
    char *room = text->data + text->size;
    text->size += size;
    text->data[text->size] = '\0';
    return room;
}

void fz_text_add(struct fz_text *text, const void *data, size_t size)
{
    char *room = fz_text_room(text, size);
    if (room != NULL && size > 0)
        memcpy(room, data, size);
}

void fz_text_string(struct fz_text *text, const char *string)
{
    fz_text_add(text, string, strlen(string));
}

/* Into the room that there is, and only where that was too little once more. */
void fz_text_format(struct fz_text *text, const char *format, ...)
{
    va_list arguments;
    size_t room = text->failed || text->capacity == 0 ? 0 : text->capacity - text->size;
    char *at = room == 0 ? NULL : text->data + text->size;
    va_start(arguments, format);
    int size = vsnprintf(at, room, format, arguments);
    va_end(arguments);
    if (size < 0 || !reserve(text, (size_t)size)) {
        text->failed = true;
        if (at != NULL)
            *at = '\0';
        return;
    }
    if ((size_t)size >= room) {
        va_start(arguments, format);
        vsnprintf(text->data + text->size, (size_t)size + 1, format, arguments);
        va_end(arguments);
    }
    text->size += (size_t)size;
}

void fz_text_done(struct fz_text *text)
{
    fz_release(text->data);
    *text = (struct fz_text){.max = text->max};
}
