/* Base64 in its two alphabets (RFC 4648, sections 4 and 5). */
#include "wire/base64.h"

#include <stdbool.h>
#include <stdint.h>

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* What a character stands for, plus 1; 0 for those outside the alphabet. */
#define LETTERS_AND_DIGITS                                                                                   \
    ['A'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,       \
    26, ['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49,  \
    50, 51, 52, ['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62
static const unsigned char standard_values[256] = {LETTERS_AND_DIGITS, ['+'] = 63, ['/'] = 64};
static const unsigned char url_safe_values[256] = {LETTERS_AND_DIGITS, ['-'] = 63, ['_'] = 64};

/* Without padding; returns the place behind. */
static char *write_with(const char *alphabet, char *out, const unsigned char *data, size_t size)
{
    for (; size >= 3; size -= 3, data += 3) {
        *out++ = alphabet[data[0] >> 2];
        *out++ = alphabet[(data[0] & 3) << 4 | data[1] >> 4];
        *out++ = alphabet[(data[1] & 15) << 2 | data[2] >> 6];
        *out++ = alphabet[data[2] & 63];
    }
    if (size > 0) {
        unsigned second = size == 2 ? data[1] : 0;
        *out++ = alphabet[data[0] >> 2];
        *out++ = alphabet[(data[0] & 3U) << 4 | second >> 4];
        if (size == 2)
            *out++ = alphabet[(second & 15) << 2];
    }
    return out;
}

/* Without padding. Checks everything before it writes, so that `out` stays as it was on failure. */
static enum fz_result read_with(const unsigned char values[256], const char *text, size_t text_size,
                                unsigned char *out, size_t out_size, size_t *size)
{
    const unsigned char *characters = (const unsigned char *)text;
    size_t rest = text_size % 4;
    bool foreign = rest == 1;
    for (size_t i = 0; i < text_size; i++)
        foreign |= values[characters[i]] == 0;
    if (foreign)
        return FZ_MALFORMED;
    /* The bits that no byte takes up have to be zero: else several texts would stand for the same bytes. */
    unsigned spare = rest == 2 ? 15 : rest == 3 ? 3 : 0;
    if (spare != 0 && ((values[characters[text_size - 1]] - 1U) & spare) != 0)
        return FZ_MALFORMED;
    size_t total = text_size / 4 * 3 + rest * 3 / 4;
    if (total > out_size)
        return FZ_FULL;
    for (; text_size >= 4; text_size -= 4, characters += 4) {
        uint32_t group = (values[characters[0]] - 1U) << 18 | (values[characters[1]] - 1U) << 12 |
                         (values[characters[2]] - 1U) << 6 | (values[characters[3]] - 1U);
        *out++ = (unsigned char)(group >> 16);
        *out++ = (unsigned char)(group >> 8);
        *out++ = (unsigned char)group;
    }
    if (rest >= 2)
        *out++ = (unsigned char)((values[characters[0]] - 1U) << 2 | (values[characters[1]] - 1U) >> 4);
    if (rest == 3)
        *out = (unsigned char)((values[characters[1]] - 1U) << 4 | (values[characters[2]] - 1U) >> 2);
    *size = total;
    return FZ_OK;
}

void fz_base64_write(char *out, const void *data, size_t size)
{
    char *end = write_with(standard, out, data, size);
    for (size_t i = size % 3; i != 0 && i < 3; i++)
        *end++ = '=';
    *end = '\0';
}

enum fz_result fz_base64_read(const char *text, size_t text_size, unsigned char *out, size_t out_size,
                              size_t *size)
{
    if (text_size % 4 != 0)
        return FZ_MALFORMED;
    for (int i = 0; i < 2 && text_size > 0 && text[text_size - 1] == '='; i++)
        text_size--;
    return read_with(standard_values, text, text_size, out, out_size, size);
}

void fz_base64url_write(char *out, const void *data, size_t size)
{
    *write_with(url_safe, out, data, size) = '\0';
}

enum fz_result fz_base64url_read(const char *text, size_t text_size, unsigned char *out, size_t out_size,
                                 size_t *size)
{
    return read_with(url_safe_values, text, text_size, out, out_size, size);
}
