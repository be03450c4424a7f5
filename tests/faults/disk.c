/* A disk and a network that can be watched and made to fail, preloaded into the program under test.
 *   FZ_DISK_TRACE  file that gets a line for every "receive FD", "sync begin", "sync end" and "send FD", in the order in which they happened
 *   FZ_DISK_FULL   while this file exists, writing to a regular file fails with ENOSPC
 *   FZ_DISK_BROKEN while this file exists, synchronising fails with EIO
 *   FZ_DISK_HUNG   while this file exists, synchronising does not come back */
#undef _FILE_OFFSET_BITS /* both spellings of pwrite are wanted */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORTED    __attribute__((visibility("default")))
#define REAL(name)  ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void trace(const char *what, int file)
{
    static int trace_file = -2;
    pthread_mutex_lock(&lock);
    if (trace_file == -2) {
        const char *path = getenv("FZ_DISK_TRACE");
        trace_file = path == NULL ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    if (trace_file >= 0) {
        char line[64];
        int size = file < 0 ? snprintf(line, sizeof line, "%s\n", what) : snprintf(line, sizeof line, "%s %d\n", what, file);
        syscall(SYS_write, trace_file, line, (size_t)size);
    }
    pthread_mutex_unlock(&lock);
}

static int flagged(const char *variable)
{
    const char *path = getenv(variable);
    return path != NULL && syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
}

static int is_full(int file)
{
    struct stat status;
    if (!flagged("FZ_DISK_FULL") || fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        return 0;
    errno = ENOSPC;
    return 1;
}

EXPORTED ssize_t pwrite(int file, const void *data, size_t size, off_t offset)
{
    return is_full(file) ? -1 : REAL(pwrite)(file, data, size, offset);
}

EXPORTED ssize_t pwrite64(int file, const void *data, size_t size, off64_t offset)
{
    return is_full(file) ? -1 : REAL(pwrite64)(file, data, size, offset);
}

EXPORTED ssize_t write(int file, const void *data, size_t size)
{
    return is_full(file) ? -1 : REAL(write)(file, data, size);
}

static int synchronise(int file, int (*real)(int))
{
    if (flagged("FZ_DISK_BROKEN")) {
        errno = EIO;
        return -1;
    }
    while (flagged("FZ_DISK_HUNG"))
        poll(NULL, 0, 20);
    trace("sync begin", -1);
    int result = real(file);
    trace("sync end", -1);
    return result;
}

EXPORTED int fdatasync(int file)
{
    return synchronise(file, REAL(fdatasync));
}

EXPORTED int fsync(int file)
{
    return synchronise(file, REAL(fsync));
}

/* The program's own recv() calls this one. */
EXPORTED ssize_t recvfrom(int file, void *restrict data, size_t size, int flags, __SOCKADDR_ARG address,
                          socklen_t *restrict address_size)
{
    ssize_t got = REAL(recvfrom)(file, data, size, flags, address, address_size);
    if (got > 0)
        trace("receive", file);
    return got;
}

EXPORTED ssize_t send(int file, const void *data, size_t size, int flags)
{
    trace("send", file);
    return REAL(send)(file, data, size, flags);
}

EXPORTED ssize_t sendmsg(int file, const struct msghdr *message, int flags)
{
    trace("send", file);
    return REAL(sendmsg)(file, message, flags);
}

EXPORTED ssize_t writev(int file, const struct iovec *parts, int count)
{
    trace("send", file);
    return REAL(writev)(file, parts, count);
}
