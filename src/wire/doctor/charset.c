/* Other texts for a body that is not ASCII: in another character set. */
#include <iconv.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "wire/doctor/internal.h"

#define CONVERTING_NS     6 /* what a byte costs */
#define GROWTH_MAX        3 /* bytes for one */
#define UTF8_CONTINUES(c) (((unsigned char)(c)&0xC0) == 0x80)

static const struct {
    const char *from, *to, *how;
} conversions[] = {
    {"UTF-8", "GB18030", "GBK was signed, UTF-8 sent"},
    {"GB18030", "UTF-8", "UTF-8 was signed, GBK sent"},
    {"ISO-8859-1", "UTF-8", "bytes of UTF-8 were taken for Latin-1"},
    {"UTF-8", "ISO-8859-1", "Latin-1 was signed, UTF-8 sent"},
    {"WINDOWS-1252", "UTF-8", "bytes of UTF-8 were taken for Windows-1252"},
    {"UTF-8", "BIG5", "Big5 was signed, UTF-8 sent"},
    {"BIG5", "UTF-8", "UTF-8 was signed, Big5 sent"},
};

#define CONVERSION_COUNT (sizeof conversions / sizeof conversions[0])

/* Opening a converter loads its module, which takes a hundred times as long as using it, unless another one
 * of the kind is open: so one of each stays. */
static iconv_t kept[CONVERSION_COUNT];
static void keep_modules(void)
{
    for (size_t i = 0; i < CONVERSION_COUNT; i++)
        kept[i] = iconv_open(conversions[i].to, conversions[i].from);
}

static bool is_ascii(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((text[i] & 0x80) != 0)
            return false;
    return true;
}

static void add_converted(const struct fz_arrival *arrival, size_t index, struct fz_variants *out)
{
    iconv_t converter = iconv_open(conversions[index].to, conversions[index].from);
    size_t room = GROWTH_MAX * arrival->body_size, left = arrival->body_size, space = room;
    char *made = converter == (iconv_t)-1 ? NULL : malloc(room), *to = made;
    char *from = (char *)(uintptr_t)arrival->body; /* iconv only reads it */
    if (made != NULL && iconv(converter, &from, &left, &to, &space) != (size_t)-1)
        (void)fz_variants_add(out, FZ_MISTAKE_BODY_CHARSET, conversions[index].how, made, room - space);
    free(made);
    if (converter != (iconv_t)-1)
        iconv_close(converter);
}

/* A question mark for every character that is not ASCII, or for each of its bytes. */
static void add_questions(const struct fz_arrival *arrival, bool every_byte, struct fz_variants *out)
{
    char *made = malloc(arrival->body_size);
    size_t size = 0;
    for (size_t i = 0; made != NULL && i < arrival->body_size; i++)
        if (every_byte || !UTF8_CONTINUES(arrival->body[i]))
            made[size++] = (arrival->body[i] & 0x80) != 0 ? '?' : arrival->body[i];
    if (made != NULL)
        (void)fz_variants_add(out, FZ_MISTAKE_BODY_CHARSET, "letters beyond ASCII became ? in the signed one", made, size);
    free(made);
}

void fz_doctor_charset_variants(const struct fz_arrival *arrival, struct fz_variants *out, size_t *budget_ns)
{
    if (is_ascii(arrival->body, arrival->body_size))
        return;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, keep_modules);
    for (size_t i = 0; i < CONVERSION_COUNT; i++) {
        size_t cost_ns = CONVERTING_NS * arrival->body_size;
        if (*budget_ns < cost_ns)
            return;
        *budget_ns -= cost_ns;
        add_converted(arrival, i, out);
    }
    add_questions(arrival, false, out);
    add_questions(arrival, true, out);
}
