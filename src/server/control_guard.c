/* The control interface's guards: Host, Origin, token, Content-Type. */
#include "server/control_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define TOKEN_MIN 32

/* ---- what is set up once ---- */

static bool is_loopback(int socket)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getsockname(socket, (struct sockaddr *)&address, &size) != 0)
        return false;
    if (address.ss_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)&address)->sin6_addr);
    return address.ss_family == AF_INET &&
           ntohl(((struct sockaddr_in *)&address)->sin_addr.s_addr) >> 24 == 127;
}

static enum fz_result refuse_file(const char *path, const char *reason, char *why, size_t why_size)
{
    snprintf(why, why_size,
             "The control token file %s cannot be used: %s. Make one with: (umask 077; openssl rand -hex 32 "
             "> FILE)",
             path, reason);
    return FZ_FAILED;
}

/* The token is the file's first line. */
static enum fz_result read_token(const char *path, char out[FZ_TOKEN_FILE_MAX], char *why, size_t why_size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (file < 0)
        return refuse_file(path, strerrordesc_np(errno), why, why_size);
    struct stat found;
    ssize_t size = fstat(file, &found) == 0 ? read(file, out, FZ_TOKEN_FILE_MAX - 1) : -1;
    close(file);
    if (size < 0 || !S_ISREG(found.st_mode))
        return refuse_file(path, "it is no file that can be read", why, why_size);
    if ((found.st_mode & 077) != 0)
        return refuse_file(path, "others can read it (chmod 600)", why, why_size);
    out[size] = '\0';
    out[strcspn(out, "\r\n")] = '\0';
    return strlen(out) >= TOKEN_MIN
               ? FZ_OK
               : refuse_file(path, "its token is shorter than 32 characters", why, why_size);
}

enum fz_result fz_control_check_address(int socket, const char *url, char *why, size_t why_size)
{
    if (is_loopback(socket))
        return FZ_OK;
    snprintf(why, why_size,
             "The control interface cannot listen on %s: other machines could reach it, which takes a token "
             "and TLS, and this version has no "
             "TLS. Name a loopback address, like --control 127.0.0.1:8081; from afar, go through a tunnel "
             "(ssh -L).",
             url);
    return FZ_FAILED;
}

enum fz_result fz_control_guard_init(struct fz_control_guard *out, const char *url, const char *token_file,
                                     char *why, size_t why_size)
{
    *out = (struct fz_control_guard){0};
    const char *host = url + strlen("http://");
    fz_copy_part(out->own_host, sizeof out->own_host, host, (size_t)(strrchr(host, ':') - host));
    return token_file == NULL ? FZ_OK : read_token(token_file, out->token, why, why_size);
}

/* ---- what is looked at in each request ---- */

/* "NAME" or "NAME:PORT"; the port may be another one, where a tunnel leads here. */
static bool names(const char *host, const char *name)
{
    size_t size = strlen(name);
    if (strncasecmp(host, name, size) != 0)
        return false;
    const char *port = host + size;
    return *port == '\0' ||
           (*port == ':' && strlen(port) <= 6 && strspn(port + 1, "0123456789") == strlen(port + 1));
}

static bool is_our_host(const struct fz_control_guard *guard, const char *host)
{
    return host != NULL && (names(host, "127.0.0.1") || names(host, "localhost") || names(host, "[::1]") ||
                            names(host, guard->own_host));
}

static bool is_own_origin(const char *origin, const char *host)
{
    static const char scheme[] = "http://";
    return strncasecmp(origin, scheme, sizeof scheme - 1) == 0 &&
           strcasecmp(origin + sizeof scheme - 1, host) == 0;
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
                          "another name led here. Call it as 127.0.0.1 or localhost.");
    else if (origin != NULL && !is_own_origin(origin, host))
        fz_control_refuse(call, MHD_HTTP_FORBIDDEN,
                          "The call was refused: its Origin header says that a web page of another place "
                          "makes it. Call it without a browser.");
    else if (!bears_token(guard, header(connection, MHD_HTTP_HEADER_AUTHORIZATION)))
        fz_control_refuse(call, MHD_HTTP_UNAUTHORIZED,
                          "The call was refused: it does not bear the token. Send the header Authorization: "
                          "Bearer TOKEN, with the token of the "
                          "--control-token-file.");
    else if (strcmp(method, MHD_HTTP_METHOD_POST) == 0 &&
             !is_json(header(connection, MHD_HTTP_HEADER_CONTENT_TYPE)))
        fz_control_refuse(call, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
                          "The call was refused: its Content-Type is not application/json. Send that header, "
                          "and a JSON object as the body.");
    return call->status == 0;
}
