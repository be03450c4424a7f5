/* Of an upload the signature covers the part `meta` alone: finds it in the pasted form. */
#include <string.h>

#include "cli/explain/explain.h"

#define DELIMITER_SIZE 80 /* CR LF, two dashes, 70 letters of a boundary (RFC 2046, 5.1.1) and a NUL */

/* A part of the body. */
struct span {
    const char *at, *end;
};

/* Where `what` begins in the span; NULL: nowhere. */
static const char *find(struct span in, const char *what)
{
    return in.at > in.end ? NULL : memmem(in.at, (size_t)(in.end - in.at), what, strlen(what));
}

/* What stands before each part; false: it is no form, or has no boundary. */
static bool read_delimiter(const char *content_type, char out[DELIMITER_SIZE])
{
    const char *begin = content_type == NULL ? NULL : strcasestr(content_type, "boundary=");
    if (begin == NULL || strncasecmp(content_type, "multipart/form-data", strlen("multipart/form-data")) != 0)
        return false;
    begin += strlen("boundary=");
    begin += *begin == '"';
    size_t size = strcspn(begin, "\"; \t");
    if (size == 0 || size + sizeof "\r\n--" > DELIMITER_SIZE)
        return false;
    memcpy(out, "\r\n--", strlen("\r\n--"));
    memcpy(out + strlen("\r\n--"), begin, size);
    out[strlen("\r\n--") + size] = '\0';
    return true;
}

static bool is_meta(struct span head)
{
    return find(head, " name=\"meta\"") != NULL || find(head, ";name=\"meta\"") != NULL;
}

/* The first delimiter has no line end before it. */
void fz_pasted_take_meta(struct fz_pasted *pasted)
{
    char delimiter[DELIMITER_SIZE];
    if (!read_delimiter(pasted->content_type, delimiter))
        return;
    struct span rest = {pasted->body, pasted->body + pasted->body_size};
    const char *part = find(rest, delimiter + strlen("\r\n"));
    while (part != NULL) {
        const char *head_end = find((struct span){part, rest.end}, "\r\n\r\n");
        const char *content = head_end == NULL ? rest.end : head_end + strlen("\r\n\r\n");
        const char *next = find((struct span){content, rest.end}, delimiter);
        if (next != NULL && is_meta((struct span){part, head_end})) {
            pasted->body = content;
            pasted->body_size = (size_t)(next - content);
            return;
        }
        part = next;
    }
}
