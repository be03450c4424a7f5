/* The system calls of a client, in the place of the C library's: the program's own come first for libcurl too. */
#include "torture/calls.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "torture/service.h"

/* The function behind `name`. */
#define NEXT(name) ((__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name))

/* Whether this call is the one that fails. */
static bool fails(const char *name)
{
    if (service.inside || ++service.calls != service.failing)
        return false;
    service.failed = name;
    return true;
}

static int failed(int with)
{
    errno = with;
    return -1;
}

ssize_t recv_whole(int fd, void *bytes, size_t size)
{
    return NEXT(recv)(fd, bytes, size, MSG_DONTWAIT);
}

void send_whole(int fd, const void *bytes, size_t size)
{
    (void)!NEXT(send)(fd, bytes, size, MSG_NOSIGNAL); /* a pair's buffer has room for it */
}

/* Seen by the libraries, unlike all else. */
#pragma GCC visibility push(default)

int socket(int domain, int type, int protocol)
{
    int pair[2];
    if (fails("socket"))
        return failed((const int[]){EMFILE, ENOMEM, EACCES}[service.way]);
    if (domain != AF_INET || (type & 15) != SOCK_STREAM)
        return NEXT(socket)(domain, type, protocol);
    if (NEXT(socketpair)(AF_UNIX, type, 0, pair) != 0)
        return -1;
    service_accept(pair[0], pair[1]);
    return pair[0];
}

int connect(int fd, const struct sockaddr *address, socklen_t size)
{
    if (fails("connect"))
        return failed((const int[]){ECONNREFUSED, ENETUNREACH, ETIMEDOUT}[service.way]);
    return service_has(fd) ? 0 : NEXT(connect)(fd, address, size);
}

/* Failing: an error, an end, or half of it only. */
ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
    bool ours = service_has(fd);
    if (ours && fails("send")) {
        if (service.way == 0)
            return failed(ECONNRESET);
        if (service.way == 1)
            return failed(EPIPE);
        size = (size + 1) / 2;
    }
    ssize_t sent = NEXT(send)(fd, bytes, size, flags);
    if (ours && sent > 0)
        service_serve(fd);
    return sent;
}

ssize_t recv(int fd, void *bytes, size_t size, int flags)
{
    if (service_has(fd) && fails("recv")) {
        if (service.way == 0)
            return failed(ECONNRESET);
        if (service.way == 1)
            return 0;
        size = (size + 1) / 2;
    }
    return NEXT(recv)(fd, bytes, size, flags);
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    if (fails("poll"))
        return service.way == 2 ? 0 : failed((const int[]){EINTR, ENOMEM}[service.way]);
    return NEXT(poll)(fds, count, timeout);
}

int socketpair(int domain, int type, int protocol, int pair[2])
{
    if (fails("socketpair"))
        return failed((const int[]){EMFILE, ENOMEM, ENFILE}[service.way]);
    return NEXT(socketpair)(domain, type, protocol, pair);
}

int getsockopt(int fd, int level, int option, void *value, socklen_t *size)
{
    if (fails("getsockopt"))
        return failed((const int[]){ENOMEM, ENOBUFS, EINVAL}[service.way]);
    return NEXT(getsockopt)(fd, level, option, value, size);
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
    if (fails("setsockopt"))
        return failed((const int[]){ENOMEM, ENOBUFS, EINVAL}[service.way]);
    return NEXT(setsockopt)(fd, level, option, value, size);
}

int close(int fd)
{
    service_close(fd);
    return NEXT(close)(fd);
}

#pragma GCC visibility pop
