/* The system calls of a client, in the place of the C library's: the program's own come first for libcurl too. */
#include "torture/calls.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
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

/* ---- loops ---- */

int epoll_create1(int flags)
{
    if (fails("epoll_create1"))
        return failed((const int[]){EMFILE, ENOMEM, ENFILE}[service.way]);
    return NEXT(epoll_create1)(flags);
}

int epoll_ctl(int epoll, int what, int fd, struct epoll_event *event)
{
    if (what == EPOLL_CTL_ADD && fails("epoll_ctl"))
        return failed((const int[]){ENOSPC, ENOMEM, ENOSPC}[service.way]);
    return NEXT(epoll_ctl)(epoll, what, fd, event);
}

int epoll_wait(int epoll, struct epoll_event *events, int size, int timeout)
{
    if (fails("epoll_wait"))
        return service.way == 2 ? 0 : failed(EINTR);
    return NEXT(epoll_wait)(epoll, events, size, timeout);
}

int eventfd(unsigned count, int flags)
{
    if (fails("eventfd"))
        return failed((const int[]){EMFILE, ENOMEM, ENFILE}[service.way]);
    return NEXT(eventfd)(count, flags);
}

int timerfd_create(int clock, int flags)
{
    if (fails("timerfd_create"))
        return failed((const int[]){EMFILE, ENOMEM, ENFILE}[service.way]);
    return NEXT(timerfd_create)(clock, flags);
}

/* Of all that it does only the copying of a descriptor. */
int fcntl(int fd, int command, ...)
{
    va_list rest;
    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (command == F_DUPFD_CLOEXEC && fails("fcntl"))
        return failed(EMFILE);
    return NEXT(fcntl)(fd, command, argument);
}

/* ---- files ---- */

/* What a process has besides, like a counter of events, does not fail so. */
static bool is_file(int fd)
{
    struct stat is;
    return fstat(fd, &is) == 0 && S_ISREG(is.st_mode);
}

int openat(int directory, const char *path, int flags, ...)
{
    if (fails("openat"))
        return failed((const int[]){EMFILE, ENOENT, EACCES}[service.way]);
    return NEXT(openat)(directory, path, flags);
}

int mkostemp(char *path, int flags)
{
    if (fails("mkostemp"))
        return failed((const int[]){EMFILE, ENOSPC, EACCES}[service.way]);
    return NEXT(mkostemp)(path, flags);
}

/* Failing: an error, or half of it only. */
ssize_t write(int fd, const void *bytes, size_t size)
{
    if (!service.inside && is_file(fd) && fails("write")) {
        if (service.way < 2)
            return failed((const int[]){ENOSPC, EIO}[service.way]);
        size = (size + 1) / 2;
    }
    return NEXT(write)(fd, bytes, size);
}

ssize_t read(int fd, void *bytes, size_t size)
{
    if (!service.inside && is_file(fd) && fails("read")) {
        if (service.way < 2)
            return failed((const int[]){EIO, EINTR}[service.way]);
        size = (size + 1) / 2;
    }
    return NEXT(read)(fd, bytes, size);
}

int fsync(int fd)
{
    if (fails("fsync"))
        return failed((const int[]){EIO, ENOSPC, EINTR}[service.way]);
    return NEXT(fsync)(fd);
}

int rename(const char *from, const char *to)
{
    if (fails("rename"))
        return failed((const int[]){EACCES, ENOSPC, EIO}[service.way]);
    return NEXT(rename)(from, to);
}

DIR *opendir(const char *path)
{
    if (fails("opendir")) {
        errno = (const int[]){EMFILE, ENOMEM, EACCES}[service.way];
        return NULL;
    }
    return NEXT(opendir)(path);
}

#pragma GCC visibility pop
