/* Sockets that listen, and what to do when one cannot be had. */
#include "server/net/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"

#define BACKLOG  4096 /* the kernel cuts it to its own limit */
#define PORT_MAX 65535

/* "ADDR:PORT" or "[ADDR]:PORT" taken apart; "PORT" and ":PORT" are of 127.0.0.1, because to be reached from other machines has
 * to be asked for. */
static bool split(const char *address, char *host, size_t host_size, char *port, size_t port_size)
{
    const char *colon = strrchr(address, ':'), *digits = colon == NULL ? address : colon + 1;
    int64_t number;
    if (strspn(digits, "0123456789") != strlen(digits) || !fz_copy(port, port_size, digits) ||
        fz_parse_int(port, &number) != FZ_OK || number > PORT_MAX)
        return false;
    if (colon == NULL || colon == address)
        return fz_copy(host, host_size, "127.0.0.1");
    bool bracketed = address[0] == '[';
    const char *start = address + (bracketed ? 1 : 0);
    const char *end = colon - (bracketed ? 1 : 0);
    if (end <= start || (bracketed && *end != ']') ||
        (!bracketed && memchr(start, ':', (size_t)(end - start)) != NULL))
        return false;
    return fz_copy_part(host, host_size, start, (size_t)(end - start));
}

/* No SO_REUSEPORT. SO_REUSEADDR only lets a restart have its port back while old connections linger; of two
 * that listen, Linux refuses the second all the same. */
static int open_one(const struct addrinfo *info)
{
    int handle = socket(info->ai_family, info->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, info->ai_protocol);
    if (handle < 0)
        return -1;
    int yes = 1;
    if (setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
        bind(handle, info->ai_addr, info->ai_addrlen) == 0 && listen(handle, BACKLOG) == 0)
        return handle;
    int reason = errno;
    close(handle);
    errno = reason;
    return -1;
}

/* Who listens on all addresses is called at loopback: no client can go to 0.0.0.0, and no certificate names it. */
static void make_callable(struct sockaddr_storage *address)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
    if (address->ss_family == AF_INET && v4->sin_addr.s_addr == htonl(INADDR_ANY))
        v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else if (address->ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr))
        v6->sin6_addr = in6addr_loopback;
}

static bool write_host(int handle, char out[FZ_HOST_SIZE])
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    if (getsockname(handle, (struct sockaddr *)&address, &size) != 0)
        return false;
    make_callable(&address);
    if (getnameinfo((struct sockaddr *)&address, size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return false;
    int written =
        snprintf(out, FZ_HOST_SIZE, address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
    return written > 0 && written < FZ_HOST_SIZE;
}

bool fz_is_loopback(int socket)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getsockname(socket, (struct sockaddr *)&address, &size) != 0)
        return false;
    if (address.ss_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)&address)->sin6_addr);
    return address.ss_family == AF_INET &&
           ntohl(((struct sockaddr_in *)&address)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

/* What to do about `problem` of bind or listen. */
static void explain(const char *option, const char *address, int problem, char *why, size_t why_size)
{
    int size = snprintf(why, why_size, "The server cannot listen on %s (%s): %s. ", address, option,
                        problem == 0 ? "its name is too long" : strerrordesc_np(problem));
    if (size < 0 || (size_t)size >= why_size)
        return;
    char *rest = why + size;
    size_t room = why_size - (size_t)size;
    if (problem == EADDRINUSE)
        snprintf(rest, room,
                 "If another server has the port, stop that one first; if another option names it, too, or you want both, "
                 "choose another port with %s PORT (%s 0 picks a free one).",
                 option, option);
    else if (problem == EACCES)
        snprintf(rest, room, "This user may not take ports below 1024: choose a higher one with %s PORT.", option);
    else if (problem == EADDRNOTAVAIL)
        snprintf(rest, room, "It is no address of this machine: choose another with %s ADDR:PORT.", option);
    else
        snprintf(rest, room, "Choose another address or port with %s ADDR:PORT.", option);
}

enum fz_result fz_listen(const char *option, const char *address, int *out_socket, char host[FZ_HOST_SIZE], char *why,
                         size_t why_size)
{
    char name[256], port[8];
    if (!split(address, name, sizeof name, port, sizeof port)) {
        snprintf(why, why_size,
                 "The server cannot listen on %s (%s): it is neither ADDR:PORT nor PORT, 0 to 65535. Give it as "
                 "127.0.0.1:8080, [::1]:8080 or 8080.",
                 address, option);
        return FZ_MALFORMED;
    }
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int trouble = getaddrinfo(name, port, &hints, &found);
    if (trouble != 0) {
        snprintf(why, why_size, "The server cannot listen on %s (%s): %s. Give an address of this machine.", address,
                 option, gai_strerror(trouble));
        return FZ_MALFORMED;
    }
    int handle = open_one(found);
    int problem = handle < 0 ? errno : 0;
    freeaddrinfo(found);
    if (handle >= 0 && write_host(handle, host)) {
        *out_socket = handle;
        return FZ_OK;
    }
    if (handle >= 0)
        close(handle);
    explain(option, address, problem, why, why_size);
    return FZ_FAILED;
}

/* A datagram socket, one of a path, one that is connected: nothing can be accepted from these by an address with a port. */
static bool is_listening_tcp(int handle)
{
    int listening = 0, family = 0;
    socklen_t size = sizeof listening;
    return getsockopt(handle, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening == 1 &&
           getsockopt(handle, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 && (family == AF_INET || family == AF_INET6);
}

enum fz_result fz_listen_handed_over(const char *option, int handle, char host[FZ_HOST_SIZE], char *why, size_t why_size)
{
    if (!is_listening_tcp(handle) || !write_host(handle, host)) {
        snprintf(why, why_size,
                 "The socket that was handed over in place of %s is no TCP socket that listens. Give the .socket unit "
                 "ListenStream=ADDR:PORT, and leave Accept= away.",
                 option);
        return FZ_MALFORMED;
    }
    int flags = fcntl(handle, F_GETFL);
    if (flags >= 0 && fcntl(handle, F_SETFL, flags | O_NONBLOCK) == 0 && fcntl(handle, F_SETFD, FD_CLOEXEC) == 0)
        return FZ_OK;
    snprintf(why, why_size, "The socket that was handed over in place of %s cannot be used: %s.", option, strerrordesc_np(errno));
    return FZ_FAILED;
}

uint16_t fz_port_of(int socket)
{
    struct sockaddr_in6 address = {0}; /* the port is in the same place in IPv4 */
    socklen_t size = sizeof address;
    bool known = socket >= 0 && getsockname(socket, (struct sockaddr *)&address, &size) == 0;
    return known ? ntohs(address.sin6_port) : 0;
}
