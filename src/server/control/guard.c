/* The control interface's guards: Host, Origin, token, Content-Type. */
#include "server/control/guard.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/private_file.h"
#include "base/server/host_names.h"
#include "base/text.h"
#include "server/net/listen.h"
#include "server/net/tls.h"

#define TOKEN_MIN 32

/* ---- what is set up once ---- */

static enum fz_result refuse_file(const char *path, const char *reason, char *why, size_t why_size)
{
    snprintf(why, why_size,
             "The control token file %s cannot be used: %s. Make one with: (umask 077; openssl rand -hex 32 "
             "> FILE)",
             path, reason);
    return FZ_FAILED;
}

static enum fz_result refuse_variable(const char *reason, char *why, size_t why_size)
{
    snprintf(why, why_size,
             "The control token of FENZHANG_CONTROL_TOKEN cannot be used: it is %s. Make one with: openssl rand -hex 32", reason);
    return FZ_FAILED;
}

static enum fz_result take_token(const char *token, char out[FZ_TOKEN_FILE_MAX], char *why, size_t why_size)
{
    if (!fz_copy(out, FZ_TOKEN_FILE_MAX, token))
        return refuse_variable("longer than 4095 characters", why, why_size);
    out[strcspn(out, "\r\n")] = '\0';
    return strlen(out) >= TOKEN_MIN ? FZ_OK : refuse_variable("shorter than 32 characters", why, why_size);
}

/* The token is the file's first line. */
static enum fz_result read_token(const char *path, char out[FZ_TOKEN_FILE_MAX], char *why, size_t why_size)
{
    char reason[160];
    if (fz_private_file_read(path, out, FZ_TOKEN_FILE_MAX, reason, sizeof reason) != FZ_OK)
        return refuse_file(path, reason, why, why_size);
    out[strcspn(out, "\r\n")] = '\0';
    return strlen(out) >= TOKEN_MIN
               ? FZ_OK
               : refuse_file(path, "its token is shorter than 32 characters", why, why_size);
}

/* "": none is demanded. */
static enum fz_result find_token(const char *file, const char *token, char out[FZ_TOKEN_FILE_MAX], char *why, size_t why_size)
{
    out[0] = '\0';
    if (file != NULL)
        return read_token(file, out, why, why_size);
    return token == NULL ? FZ_OK : take_token(token, out, why, why_size);
}

enum fz_result fz_control_check_access(const struct fz_control_access *access, int socket, char *why,
                                       size_t why_size)
{
    char token[FZ_TOKEN_FILE_MAX];
    const bool demanded = access->token_file != NULL || access->token != NULL;
    enum fz_result result = find_token(access->token_file, access->token, token, why, why_size);
    OPENSSL_cleanse(token, sizeof token);
    if (result != FZ_OK || fz_is_loopback(socket) || (access->tls && demanded))
        return result;
    snprintf(
        why, why_size,
        "The control interface cannot listen on %s: other machines could reach it, which takes a token and "
        "TLS. Add %s%s%s; or name a loopback address, like --control 127.0.0.1:8081, and from afar go "
        "through a tunnel (ssh -L).",
        access->address, access->tls ? "" : "--tls", access->tls || demanded ? "" : " and ",
        demanded ? "" : "--control-token-file FILE (or set FENZHANG_CONTROL_TOKEN)");
    return FZ_FAILED;
}

enum fz_result fz_control_guard_init(struct fz_control_guard *out, const struct fz_control_guard_setup *setup,
                                     char *why, size_t why_size)
{
    *out = (struct fz_control_guard){0};
    const char *url = setup->url, *host = strstr(url, "://") + strlen("://");
    fz_copy_part(out->scheme, sizeof out->scheme, url, (size_t)(host - url));
    fz_copy_part(out->own_host, sizeof out->own_host, host, (size_t)(strrchr(host, ':') - host));
    if (strcmp(out->scheme, "https://") == 0)
        out->tls = setup->tls;
    out->hosts = setup->hosts;
    return find_token(setup->token_file, setup->token, out->token, why, why_size);
}

/* ---- what is looked at in each request ---- */

/* What stands before the port, which may be another one, where a tunnel leads here. */
static bool take_name(const char *host, char *out, size_t size)
{
    const char *port = strrchr(host, ':');
    if (port == NULL || strchr(port, ']') != NULL) /* none, or part of an address in brackets */
        return fz_copy(out, size, host);
    return strlen(port) <= 6 && strspn(port + 1, "0123456789") == strlen(port + 1) &&
           fz_copy_part(out, size, host, (size_t)(port - host));
}

/* Whom the certificate vouches for, no web page of another place can be; and a name of --control-host is its owner's. */
static bool is_our_host(const struct fz_control_guard *guard, const char *host)
{
    char name[256];
    if (host == NULL || !take_name(host, name, sizeof name))
        return false;
    return strcasecmp(name, "127.0.0.1") == 0 || strcasecmp(name, "localhost") == 0 ||
           strcasecmp(name, "[::1]") == 0 || strcasecmp(name, guard->own_host) == 0 ||
           fz_host_names_have(guard->hosts, name) || (guard->tls != NULL && fz_tls_names(guard->tls, name));
}

static bool is_own_origin(const struct fz_control_guard *guard, const char *origin, const char *host)
{
    size_t size = strlen(guard->scheme);
    return strncasecmp(origin, guard->scheme, size) == 0 && strcasecmp(origin + size, host) == 0;
}

static bool bears_token(const struct fz_control_guard *guard, const char *authorization)
{
    static const char scheme[] = "Bearer ";
    size_t size = strlen(guard->token);
    if (size == 0)
        return true;
    if (authorization == NULL || strncasecmp(authorization, scheme, sizeof scheme - 1) != 0)
        return false;
    const char *token = authorization + sizeof scheme - 1;
    return strlen(token) == size && CRYPTO_memcmp(token, guard->token, size) == 0;
}

static bool is_json(const char *content_type)
{
    static const char json[] = "application/json";
    if (content_type == NULL || strncasecmp(content_type, json, sizeof json - 1) != 0)
        return false;
    return strchr("; \t", content_type[sizeof json - 1]) != NULL; /* the end, or parameters */
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

bool fz_control_guard_admits(const struct fz_control_guard *guard, struct MHD_Connection *connection,
                             const char *method, struct fz_control_call *call)
{
    const char *host = header(connection, MHD_HTTP_HEADER_HOST),
               *origin = header(connection, MHD_HTTP_HEADER_ORIGIN);
    if (!is_our_host(guard, host))
        fz_control_refuse(call, MHD_HTTP_FORBIDDEN,
                          "The call was refused: its Host header does not name this machine's own address, "
                          "so it may come from a web page that "
                          "another name led here. Call it as 127.0.0.1 or localhost, or start the server with "
                          "--control-host NAME.");
    else if (origin != NULL && !is_own_origin(guard, origin, host))
        fz_control_refuse(call, MHD_HTTP_FORBIDDEN,
                          "The call was refused: its Origin header says that a web page of another place "
                          "makes it. Call it without a browser.");
    else if (!bears_token(guard, header(connection, MHD_HTTP_HEADER_AUTHORIZATION)))
        fz_control_refuse(call, MHD_HTTP_UNAUTHORIZED,
                          "The call was refused: it does not bear the token. Send the header Authorization: "
                          "Bearer TOKEN, with the token of the server's "
                          "--control-token-file, or of its variable FENZHANG_CONTROL_TOKEN.");
    else if (strcmp(method, MHD_HTTP_METHOD_POST) == 0 &&
             !is_json(header(connection, MHD_HTTP_HEADER_CONTENT_TYPE)))
        fz_control_refuse(call, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
                          "The call was refused: its Content-Type is not application/json. Send that header, "
                          "and a JSON object as the body.");
    return call->status == 0;
}
