/* A request out of a log: the least that finds method, target, four headers and the body. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "cli/explain/explain.h"
#include "wire/server/target.h"

#define BLANKS " \t\r\n"

/* What is left to read. */
struct rest {
    char *at, *end;
};

/* The next line, without its end; NULL when there is none. */
static char *take_line(struct rest *rest)
{
    if (rest->at >= rest->end)
        return NULL;
    char *line = rest->at, *end = memchr(line, '\n', (size_t)(rest->end - line));
    rest->at = end == NULL ? rest->end : end + 1;
    if (end == NULL)
        end = rest->end;
    if (end > line && end[-1] == '\r')
        end--;
    *end = '\0';
    return line;
}

/* Without the mark that curl -v puts before each line of the head. */
static char *without_mark(char *line)
{
    if (line[0] != '>')
        return line;
    return line + 1 + strspn(line + 1, " ");
}

/* Of a whole URL the path is what was signed. */
static void set_target(char *target, struct fz_pasted *out)
{
    size_t size;
    const char *authority = fz_target_authority(target, &size);
    if (authority == NULL) {
        out->target = target;
        return;
    }
    char *path = target + (authority - target) + size;
    memmove(target, authority, size); /* over the scheme, which is longer than what is written behind the host */
    target[size] = '\0';
    if (*path != '/')
        *--path = '/';
    out->host = target;
    out->target = path;
}

/* METHOD target HTTP/…: cuts the line into the first two. */
static bool read_request_line(char *line, struct fz_pasted *out)
{
    size_t method = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    char *target = line + method + 1;
    if (method == 0 || line[method] != ' ')
        return false;
    size_t size = strcspn(target, BLANKS);
    if (size == 0 || strncmp(target + size, " HTTP/", 6) != 0)
        return false;
    line[method] = '\0';
    target[size] = '\0';
    out->method = line;
    set_target(target, out);
    return true;
}

/* The value of the header `name`, if the line is one. */
static const char *value_of(const char *line, const char *name)
{
    size_t size = strlen(name);
    if (strncasecmp(line, name, size) != 0 || line[size] != ':')
        return NULL;
    return line + size + 1 + strspn(line + size + 1, BLANKS);
}

/* A value that had a line feed in it goes on in a line of its own, before which curl puts no mark. */
static void check_line(const char *line, bool marked, struct fz_pasted *out)
{
    bool remark = marked && line[0] == '*';
    if (out->broken_line == NULL && !remark && (strchr(BLANKS, line[0]) != NULL || strchr(line, ':') == NULL))
        out->broken_line = line;
}

static void read_header(const char *line, struct fz_pasted *out, int64_t *length)
{
    const char *value = value_of(line, "Host");
    if (value != NULL && out->host == NULL)
        out->host = value;
    if ((value = value_of(line, "Authorization")) != NULL)
        out->authorization = value;
    if ((value = value_of(line, "Content-Type")) != NULL)
        out->content_type = value;
    if ((value = value_of(line, "Content-Length")) != NULL && fz_parse_int(value, length) != FZ_OK)
        *length = -1;
}

/* curl -v puts its own remarks and the answer behind the request. */
static size_t before_remarks(const char *body, size_t size)
{
    static const char *const marks[] = {"< ", "* ", "{ [", "} ["};
    for (size_t at = 0; at < size;) {
        for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
            if (strncmp(body + at, marks[i], strlen(marks[i])) == 0)
                return at;
        const char *end = memchr(body + at, '\n', size - at);
        at = end == NULL ? size : (size_t)(end - body) + 1;
    }
    return size;
}

static bool is_blank(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] == '\0' || strchr(BLANKS, text[i]) == NULL)
            return false;
    return true;
}

/* An editor ends a file with a line end that was not part of the body: Content-Length tells, and without one
 * it is taken off. */
static void take_body(struct rest *rest, bool marked, int64_t length, struct fz_pasted *out)
{
    out->body = rest->at;
    size_t size = (size_t)(rest->end - rest->at);
    if (marked)
        size = before_remarks(rest->at, size);
    if (length >= 0 && size > (size_t)length && is_blank(rest->at + length, size - (size_t)length))
        size = (size_t)length;
    if (length < 0 && size > 0 && rest->at[size - 1] == '\n')
        size -= size > 1 && rest->at[size - 2] == '\r' ? 2 : 1;
    out->body_size = size;
    out->missing = length > 0 && size < (size_t)length ? (size_t)length - size : 0;
}

enum fz_result fz_pasted_read(char *text, size_t size, struct fz_pasted *out)
{
    struct rest rest = {.at = text, .end = text + size};
    struct fz_pasted pasted = {0};
    int64_t length = -1;
    bool marked = false;
    char *line;
    while ((line = take_line(&rest)) != NULL && !read_request_line(without_mark(line), &pasted))
        ;
    if (line == NULL)
        return FZ_MALFORMED;
    marked = line[0] == '>';
    while ((line = take_line(&rest)) != NULL && *(line = without_mark(line)) != '\0') {
        check_line(line, marked, &pasted);
        read_header(line, &pasted, &length);
    }
    take_body(&rest, marked, length, &pasted);
    *out = pasted;
    return FZ_OK;
}
