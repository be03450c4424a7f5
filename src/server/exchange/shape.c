/* Whether a head has the shape that HTTP demands: RFC 9112, sections 2.2, 3, 5 and 6. libmicrohttpd takes more:
 * lines that end in a line feed alone, folded headers (of which it makes other headers), NULs (at which it cuts),
 * doubled lengths. What is read otherwise than it was meant is refused, so that nobody gets an answer to what he
 * did not say. */
#include <string.h>
#include <strings.h>

#include "server/exchange/exchange.h"

/* Characters of a method or of a header's name: RFC 9110, 5.6.2. */
static const bool of_token[256] = {
    ['!'] = true, ['#' ... '\''] = true, ['*'] = true, ['+'] = true, ['-'] = true,         ['.'] = true,
    ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['^' ... '`'] = true, ['a' ... 'z'] = true, ['|'] = true, ['~'] = true,
};
#define NOT_IN_HOST " \t/?#@\\,\""

/* libmicrohttpd parses in place and puts NULs over line ends and colons, so the lines of a good head lie one behind
 * the other without a gap: that is what is looked at. */
struct tiles {
    const char *at; /* where the next line has to begin */
    enum fz_row fault;
    unsigned hosts, lengths, codings;
};

static bool is_token(const char *text, size_t size)
{
    size_t at = 0;
    while (at < size && of_token[(unsigned char)text[at]])
        at++;
    return size > 0 && at == size;
}

static bool is_named(const char *name, size_t size, const char *wanted)
{
    return size == strlen(wanted) && strncasecmp(name, wanted, size) == 0;
}

static void count(struct tiles *tiles, const char *name, size_t size)
{
    tiles->hosts += is_named(name, size, MHD_HTTP_HEADER_HOST);
    tiles->lengths += is_named(name, size, MHD_HTTP_HEADER_CONTENT_LENGTH);
    tiles->codings += is_named(name, size, MHD_HTTP_HEADER_TRANSFER_ENCODING);
}

/* A name elsewhere than where the line before ended: that one was folded, had a NUL or no carriage return. */
static enum MHD_Result take_line(void *argument, enum MHD_ValueKind kind, const char *name, size_t name_size,
                                 const char *value, size_t value_size)
{
    (void)kind;
    struct tiles *tiles = argument;
    if (name != tiles->at || name[0] == ' ' || name[0] == '\t' || memchr(value, '\r', value_size) != NULL)
        tiles->fault = FZ_HEAD_LINE;
    else if (!is_token(name, name_size))
        tiles->fault = FZ_HEAD_INVALID;
    count(tiles, name, name_size);
    tiles->at = value + value_size + 2; /* CR and LF; a lone LF makes the next line, or the end, begin too early */
    return tiles->fault == FZ_ROW_NONE ? MHD_YES : MHD_NO;
}

/* METHOD TARGET VERSION, with one blank in between: a NUL in the target made it shorter than it came. */
static bool is_request_line(const struct fz_exchange *exchange)
{
    const char *method = exchange->method, *version = exchange->version;
    size_t method_size = strlen(method);
    if (!is_token(method, method_size) || version != method + method_size + 1 + exchange->target_size + 1)
        return false;
    for (const char *at = exchange->target; *at != '\0'; at++)
        if ((unsigned char)*at <= ' ' || *at == 0x7F)
            return false;
    return exchange->target[0] != '\0';
}

static size_t head_size(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info == NULL ? 0 : info->header_size;
}

/* A host, an IPv6 address in brackets among them, and maybe a port (RFC 9110, 7.2). */
static bool is_host_and_port(const char *text)
{
    if (text[strcspn(text, NOT_IN_HOST)] != '\0')
        return false;
    const char *bracket = strchr(text, ']'), *colon = strchr(bracket == NULL ? text : bracket, ':');
    return colon == NULL || colon[1 + strspn(colon + 1, "0123456789")] == '\0';
}

/* Who asks for a whole URL names the host there: what Host says is ignored then (RFC 9112, 3.2.2). */
static bool is_host(const struct fz_exchange *exchange, unsigned hosts)
{
    const char *host = exchange->headers.host;
    if (hosts > 1 || (hosts == 0 && strcmp(exchange->version, MHD_HTTP_VERSION_1_0) != 0))
        return false;
    const char *authority = exchange->authority;
    return (host == NULL || is_host_and_port(host)) &&
           (authority == NULL || (authority[0] != '\0' && is_host_and_port(authority)));
}

/* Two ways to tell a body's end are how one request is smuggled inside another. */
static enum fz_row check_framing(const struct fz_exchange *exchange, const struct tiles *tiles)
{
    const char *coding = exchange->headers.transfer_encoding;
    if (tiles->lengths > 1 || tiles->codings > 1 || (tiles->lengths > 0 && tiles->codings > 0) ||
        (tiles->codings > 0 && strcmp(exchange->version, MHD_HTTP_VERSION_1_0) == 0))
        return FZ_BODY_FRAMING;
    return coding != NULL && strcasecmp(coding, "chunked") != 0 ? FZ_BODY_CODING : FZ_ROW_NONE;
}

enum fz_result fz_exchange_check_shape(struct fz_exchange *exchange)
{
    size_t size = head_size(exchange->connection);
    if (size > FZ_REQUEST_HEAD_MAX)
        return fz_refuse(&exchange->error, FZ_HEADERS_TOO_LARGE);
    if (!is_request_line(exchange))
        return fz_refuse(&exchange->error, FZ_HEAD_INVALID);
    struct tiles tiles = {.at = exchange->version + strlen(exchange->version) + 2};
    MHD_get_connection_values_n(exchange->connection, MHD_HEADER_KIND, take_line, &tiles);
    if (tiles.fault == FZ_ROW_NONE && tiles.at + 2 != exchange->method + size)
        tiles.fault = FZ_HEAD_LINE;
    if (tiles.fault == FZ_ROW_NONE && !is_host(exchange, tiles.hosts))
        tiles.fault = FZ_HEAD_HOST;
    if (tiles.fault == FZ_ROW_NONE)
        tiles.fault = check_framing(exchange, &tiles);
    return tiles.fault == FZ_ROW_NONE ? FZ_OK : fz_refuse(&exchange->error, tiles.fault);
}
