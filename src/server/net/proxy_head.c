/* The head of a CONNECT: RFC 9110, 9.3.6. Of its lines only the first counts. */
#include <ctype.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "server/net/proxy.h"
#include "wire/api_hosts.h"

#define PORT ":443"

/* The words of a request line, not terminated. */
struct line {
    const char *method, *target, *version;
    size_t method_size, target_size, version_size;
};

static bool is(const char *text, size_t size, const char *word)
{
    return size == strlen(word) && memcmp(text, word, size) == 0;
}

/* Whether there are just three words of visible characters, with one blank between them, and the version is
 * one that we know. */
static bool take_apart(const char *text, size_t size, struct line *out)
{
    const char *end = text + size, *first = memchr(text, ' ', size);
    const char *second = first == NULL ? NULL : memchr(first + 1, ' ', (size_t)(end - first - 1));
    if (second == NULL)
        return false;
    for (const char *at = text; at < end; at++)
        if (!isgraph((unsigned char)*at) && at != first && at != second)
            return false;
    *out = (struct line){.method = text,
                         .method_size = (size_t)(first - text),
                         .target = first + 1,
                         .target_size = (size_t)(second - first - 1),
                         .version = second + 1,
                         .version_size = (size_t)(end - second - 1)};
    return out->method_size > 0 && out->target_size > 0 &&
           (is(out->version, out->version_size, "HTTP/1.1") ||
            is(out->version, out->version_size, "HTTP/1.0"));
}

static bool is_ours(const char *target, size_t size)
{
    const size_t port = strlen(PORT);
    return size > port && memcmp(target + size - port, PORT, port) == 0 &&
           fz_is_api_host(target, size - port);
}

/* What is no HTTP at all, like the beginning of a TLS session, is refused at its first byte. */
unsigned fz_proxy_status(const char *head, size_t size)
{
    static const char line_end[] = "\r\n", head_end[] = "\r\n\r\n";
    struct line line;
    if (size > 0 && !isupper((unsigned char)head[0]))
        return MHD_HTTP_BAD_REQUEST;
    const char *end = memmem(head, size, head_end, strlen(head_end));
    if (end == NULL)
        return size < FZ_PROXY_HEAD_MAX ? 0 : MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE;
    const char *first_end = memmem(head, size, line_end, strlen(line_end));
    if (!take_apart(head, (size_t)(first_end - head), &line) ||
        memchr(head, '\0', (size_t)(end - head)) != NULL)
        return MHD_HTTP_BAD_REQUEST;
    if (!is(line.method, line.method_size, MHD_HTTP_METHOD_CONNECT))
        return MHD_HTTP_METHOD_NOT_ALLOWED;
    if (!is_ours(line.target, line.target_size))
        return MHD_HTTP_FORBIDDEN;
    /* Who speaks before he is answered would lose what he said. */
    return end + strlen(head_end) == head + size ? MHD_HTTP_OK : MHD_HTTP_BAD_REQUEST;
}
