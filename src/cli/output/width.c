/* How wide text is on a terminal. */
#include <locale.h>
#include <pthread.h>
#include <stdint.h>
#include <wchar.h>

#include "cli/output/screen.h"

static locale_t letters;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Whatever the user's locale: what the API says is UTF-8. */
static void find_letters(void)
{
    letters = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* Of the letter at the beginning of `size` bytes; *bytes gets how many it has. */
static size_t width_of_letter(const char *text, size_t size, size_t *bytes)
{
    mbstate_t state = {0};
    wchar_t letter;
    size_t took = mbrtowc(&letter, text, size, &state);
    *bytes = took == 0 || took > size ? 1 : took;
    int width = took == 0 || took > size ? 1 : wcwidth(letter);
    return width < 0 ? 1 : (size_t)width;
}

/* Goes through the text as far as `most` columns reach. */
static size_t walk(const char *text, size_t size, size_t most, size_t *width)
{
    pthread_once(&once, find_letters);
    locale_t before = letters == (locale_t)0 ? (locale_t)0 : uselocale(letters);
    size_t at = 0, bytes;
    for (*width = 0; at < size; at += bytes) {
        size_t one = width_of_letter(text + at, size - at, &bytes);
        if (*width + one > most)
            break;
        *width += one;
    }
    if (before != (locale_t)0)
        uselocale(before);
    return at;
}

size_t fz_text_width(const char *text, size_t size)
{
    size_t width;
    (void)walk(text, size, SIZE_MAX, &width);
    return width;
}

size_t fz_text_fitting(const char *text, size_t size, size_t most)
{
    size_t width;
    return walk(text, size, most, &width);
}
