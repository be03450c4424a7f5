/* What the text of a signature is: base64, or what some signers make of it. */
#include <openssl/crypto.h>
#include <string.h>

#include "wire/base64.h"
#include "wire/doctor/internal.h"

#define digit_of(c) OPENSSL_hexchar2int((unsigned char)(c)) /* -1: it is none */
#define TEXT_MAX    1400 /* base64 of the base64 of 512 bytes, and a little */

/* A text being turned back, in place. */
struct text {
    char data[TEXT_MAX];
    size_t size;
};

static bool from_hex(const struct text *text, unsigned char *out, size_t *size)
{
    if (text->size == 0 || text->size % 2 != 0 || text->size > 2 * FZ_DOCTOR_SIGNATURE_MAX)
        return false;
    for (size_t i = 0; i < text->size; i += 2) {
        int high = digit_of(text->data[i]), low = digit_of(text->data[i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i / 2] = (unsigned char)(high << 4 | low);
    }
    *size = text->size / 2;
    return true;
}

static bool from_base64(const struct text *text, unsigned char *out, size_t *size)
{
    return fz_base64_read(text->data, text->size, out, FZ_DOCTOR_SIGNATURE_MAX, size) == FZ_OK;
}

static bool from_url_safe(struct text text, unsigned char *out, size_t *size)
{
    while (text.size > 0 && text.data[text.size - 1] == '=')
        text.size--;
    return fz_base64url_read(text.data, text.size, out, FZ_DOCTOR_SIGNATURE_MAX, size) == FZ_OK;
}

static bool from_unpadded(struct text text, unsigned char *out, size_t *size)
{
    while (text.size % 4 != 0 && text.size < sizeof text.data)
        text.data[text.size++] = '=';
    return from_base64(&text, out, size);
}

/* Once decoded, it is base64 again, or hexadecimal. */
static bool from_twice(const struct text *text, unsigned char *out, size_t *size)
{
    struct text inner;
    return fz_base64_read(text->data, text->size, (unsigned char *)inner.data, sizeof inner.data,
                          &inner.size) == FZ_OK &&
           from_base64(&inner, out, size);
}

static bool from_base64_of_hex(const struct text *text, unsigned char *out, size_t *size)
{
    struct text inner;
    return fz_base64_read(text->data, text->size, (unsigned char *)inner.data, sizeof inner.data,
                          &inner.size) == FZ_OK &&
           from_hex(&inner, out, size);
}

static bool from_escaped(struct text text, unsigned char *out, size_t *size)
{
    size_t to = 0;
    for (size_t at = 0; at < text.size; at++) {
        int value = (unsigned char)text.data[at];
        if (value == '%' && at + 2 < text.size && digit_of(text.data[at + 1]) >= 0 &&
            digit_of(text.data[at + 2]) >= 0) {
            value = digit_of(text.data[at + 1]) * 16 + digit_of(text.data[at + 2]);
            at += 2;
        }
        text.data[to++] = (char)value;
    }
    text.size = to;
    return from_base64(&text, out, size);
}

/* A blank was a plus, or a line break. */
static bool from_blanks(struct text text, bool plus, unsigned char *out, size_t *size)
{
    size_t to = 0;
    for (size_t at = 0; at < text.size; at++)
        if (text.data[at] != ' ' || plus)
            text.data[to++] = text.data[at] == ' ' ? '+' : text.data[at];
    text.size = to;
    return from_base64(&text, out, size);
}

bool fz_doctor_read_signature(const char *text, size_t text_size, size_t key_size,
                              unsigned char bytes[FZ_DOCTOR_SIGNATURE_MAX], enum fz_mistake *mistake)
{
    struct text whole = {.size = text_size};
    if (text_size > sizeof whole.data)
        return false;
    if (text_size > 0)
        memcpy(whole.data, text, text_size);
    size_t size = 0;
#define TRY(which, call)                                                                                     \
    if (call && size == key_size) {                                                                          \
        *mistake = which;                                                                                    \
        return true;                                                                                         \
    }
    TRY(FZ_MISTAKE_NONE, from_base64(&whole, bytes, &size))
    TRY(FZ_MISTAKE_SIGNATURE_PADDING, from_unpadded(whole, bytes, &size))
    TRY(FZ_MISTAKE_SIGNATURE_URL_SAFE, from_url_safe(whole, bytes, &size))
    TRY(FZ_MISTAKE_SIGNATURE_HEX, from_hex(&whole, bytes, &size))
    TRY(FZ_MISTAKE_SIGNATURE_BASE64_TWICE, from_twice(&whole, bytes, &size))
    TRY(FZ_MISTAKE_SIGNATURE_HEX, from_base64_of_hex(&whole, bytes, &size))
    TRY(FZ_MISTAKE_SIGNATURE_ESCAPED, from_escaped(whole, bytes, &size))
    TRY(FZ_MISTAKE_SIGNATURE_BLANKS, from_blanks(whole, true, bytes, &size))
    TRY(FZ_MISTAKE_SIGNATURE_BLANKS, from_blanks(whole, false, bytes, &size))
#undef TRY
    return false;
}
