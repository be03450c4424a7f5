/* libmicrohttpd's log says that a request is refused, and not whose. But it reads from a connection just before it
 * looks at what came, so this thread's last recv() tells, where the program lets us know of it (cli/server/recv.c). A library
 * that took the place of its host's recv would be a bad guest: there, nobody knows, and the page is libmicrohttpd's. */
#include "server/net/received.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

static _Thread_local struct {
    bool told; /* of what this thread receives */
    int handle;
    const char *bytes;
    size_t size;
} last = {.handle = -1};

void fz_received_note(int handle, const char *bytes, size_t size)
{
    last.told = true;
    last.handle = handle;
    last.bytes = bytes;
    last.size = size;
}

int fz_received_handle(void)
{
    return last.handle;
}

void fz_received_from(int handle)
{
    last.handle = last.told ? handle : -1;
    last.size = 0;
}

bool fz_received_refusal(const char *format)
{
    static const char refuses[] = "Error processing request (HTTP response code is %u ('%s'))";
    return strncmp(format, refuses, sizeof refuses - 1) == 0;
}

/* Words end at blanks and line ends, over which libmicrohttpd may have put NULs. */
static size_t copy_word(char *out, size_t out_size, const char *from, size_t size)
{
    size_t word = 0;
    while (word < size && (unsigned char)from[word] > ' ')
        word++;
    if (!fz_copy_part(out, out_size, from, word == size ? 0 : word)) /* it may go on in what has not come */
        out[0] = '\0';
    return word;
}

void fz_received_words(char *method, size_t method_size, char *target, size_t target_size)
{
    target[0] = '\0';
    size_t word = copy_word(method, method_size, last.bytes, last.size);
    if (method[0] != '\0')
        copy_word(target, target_size, last.bytes + word + 1, last.size - word - 1);
}

/* The text is libmicrohttpd's own buffer, in which it is about to write itself. */
void fz_query_hide(const char *target)
{
    const char *query = target == NULL ? NULL : strchr(target, '?');
    if (query != NULL && query[1] != '\0')
        *(char *)(uintptr_t)(query + 1) = '\0';
}
