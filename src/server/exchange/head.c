/* The head of a request: headers, sizes, and what it says about the connection. */
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/exchange/exchange.h"
#include "server/fault/negative_test.h"
#include "wire/server/accept.h"

struct wanted {
    const char *name;
    size_t size;
    size_t offset;
    bool single; /* says one thing: two values that differ leave open which */
};
#define WANTED(text, member)                                                                                 \
    {                                                                                                        \
        text, sizeof text - 1, offsetof(struct fz_headers, member), false                                    \
    }
#define WANTED_ONCE(text, member)                                                                            \
    {                                                                                                        \
        text, sizeof text - 1, offsetof(struct fz_headers, member), true                                     \
    }

static const struct wanted wanted[] = {
    WANTED("Accept", accept),
    WANTED("User-Agent", user_agent),
    WANTED("Authorization", authorization),
    WANTED("Accept-Language", accept_language),
    WANTED("Accept-Encoding", accept_encoding),
    WANTED_ONCE("Wechatpay-Serial", serial),
    WANTED("Host", host),
    WANTED("Connection", connection),
    WANTED("Content-Length", content_length),
    WANTED_ONCE("Content-Type", content_type),
    WANTED("Transfer-Encoding", transfer_encoding),
    WANTED_ONCE(FZ_NEGATIVE_TEST_HEADER, negative_test),
};

static enum MHD_Result note_header(void *argument, enum MHD_ValueKind kind, const char *key, size_t key_size,
                                   const char *value, size_t value_size)
{
    (void)kind, (void)value_size;
    struct fz_headers *headers = argument;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (wanted[i].size != key_size || strncasecmp(wanted[i].name, key, key_size) != 0)
            continue;
        const char **place = (const char **)(void *)((char *)headers + wanted[i].offset);
        if (*place == NULL)
            *place = value == NULL ? "" : value;
        else if (place == &headers->authorization)
            headers->authorization_doubled = true;
        else if (wanted[i].single && strcasecmp(*place, value == NULL ? "" : value) != 0) {
            headers->differing = wanted[i].name;
            headers->differing_value = value;
        }
        break;
    }
    return MHD_YES;
}

/* Where the request goes decides how large its body may be. That it goes nowhere is told in its turn. */
static void find_route(struct fz_exchange *exchange)
{
    struct fz_error error = {0};
    if (fz_route_find(exchange->method, exchange->target, &exchange->route, &error) != FZ_OK)
        exchange->no_route = error.row;
}

void fz_exchange_note_head(struct fz_exchange *exchange)
{
    struct fz_headers *headers = &exchange->headers;
    MHD_get_connection_values_n(exchange->connection, MHD_HEADER_KIND, note_header, headers);
    find_route(exchange);
    exchange->manner = (struct fz_manner){.old_spelling = exchange->route.old_spelling,
                                          .chinese = fz_wants_chinese(headers->accept_language)};
}

enum fz_result fz_exchange_read_head(struct fz_exchange *exchange, bool *has_body)
{
    struct fz_headers *headers = &exchange->headers;
    fz_exchange_note_head(exchange);
    enum fz_result result = fz_exchange_check_shape(exchange);
    if (result != FZ_OK)
        return result;
    if (exchange->authority != NULL)
        headers->host = exchange->authority; /* RFC 9112, 3.2.2 */
    if (headers->transfer_encoding != NULL) {
        *has_body = true;
        return FZ_OK;
    }
    bool takes_file = exchange->route.spec != NULL && exchange->route.spec->takes_file;
    /* libmicrohttpd has refused what is no number. */
    unsigned long long announced =
        headers->content_length == NULL ? 0 : strtoull(headers->content_length, NULL, 10);
    if (announced > (takes_file ? FZ_UPLOAD_MAX : FZ_REQUEST_BODY_MAX))
        return fz_refuse(&exchange->error, FZ_BODY_TOO_LARGE);
    *has_body = announced > 0;
    return FZ_OK;
}

static bool of_host_name(char c)
{
    return isalnum((unsigned char)c) || c == '.' || c == '-' || c == '_';
}

/* A Host that can stand in a URL: letters, digits, dots, dashes, or an IPv6 address in brackets; a port. */
static bool is_host(const char *host)
{
    size_t size = 0;
    if (host[0] == '[') {
        size = 1 + strspn(host + 1, "0123456789abcdefABCDEF:.");
        if (size == 1 || host[size] != ']')
            return false;
        size++;
    } else {
        while (of_host_name(host[size]))
            size++;
    }
    if (size == 0 || size > 255)
        return false;
    if (host[size] == '\0')
        return true;
    size_t digits = strspn(host + size + 1, "0123456789");
    return host[size] == ':' && digits >= 1 && digits <= 5 && host[size + 1 + digits] == '\0';
}

void fz_exchange_set_origin(struct fz_exchange *exchange)
{
    const struct fz_workshop_setup *lent = &exchange->tools->workshop->lent;
    const char *host = exchange->headers.host;
    if (lent->public_url != NULL)
        fz_copy(exchange->origin, sizeof exchange->origin, lent->public_url);
    else if (host != NULL && is_host(host))
        snprintf(exchange->origin, sizeof exchange->origin, "%s://%s",
                 exchange->tools->tls == NULL ? "http" : "https", host);
    else
        fz_copy(exchange->origin, sizeof exchange->origin, lent->api_url);
    size_t size = strlen(exchange->origin);
    if (size > 0 && exchange->origin[size - 1] == '/')
        exchange->origin[size - 1] = '\0';
}

/* Whether a comma-separated list has `token`. */
static bool has_token(const char *list, const char *token)
{
    size_t size = strlen(token);
    while (list != NULL && *list != '\0') {
        list += strspn(list, " \t,");
        size_t length = strcspn(list, " \t,");
        if (length == size && strncasecmp(list, token, size) == 0)
            return true;
        list += length;
    }
    return false;
}

bool fz_exchange_keeps_alive(const struct fz_exchange *exchange)
{
    const char *connection = exchange->headers.connection;
    if (strcmp(exchange->version, "HTTP/1.0") == 0)
        return has_token(connection, "keep-alive") && !has_token(connection, "close");
    return !has_token(connection, "close");
}
