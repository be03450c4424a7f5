/* A disk and a network that can be watched and made to fail, preloaded into the program under test.
 *   FZ_DISK_TRACE  file that gets a line for every "receive FD", "sync begin", "sync end" and "send FD", in the order in which they
 *                  were; and for every file that is written ("write PATH"), synchronised ("synced PATH"), renamed
 *                  ("rename OLD NEW") or linked ("link OLD NEW")
 *   FZ_DISK_FULL   while this file exists, writing to a regular file fails with ENOSPC
 *   FZ_DISK_BROKEN while this file exists, synchronising fails with EIO
 *   FZ_DISK_HUNG   while this file exists, synchronising does not come back ("sync hangs")
 * If one of these three has text in it, that is a pattern (fnmatch), and it goes for files alone whose paths fit. */
#undef _FILE_OFFSET_BITS /* both spellings of pwrite are wanted */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
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
#define PATH_SIZE   1024
#define REAL(name)  ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void trace_line(const char *line, int size)
{
    static int trace_file = -2;
    pthread_mutex_lock(&lock);
    if (trace_file == -2) {
        const char *path = getenv("FZ_DISK_TRACE");
        trace_file = path == NULL ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    if (trace_file >= 0)
        syscall(SYS_write, trace_file, line, (size_t)size);
    pthread_mutex_unlock(&lock);
}

static void trace(const char *what, int file)
{
    char line[64];
    trace_line(line, file < 0 ? snprintf(line, sizeof line, "%s\n", what) : snprintf(line, sizeof line, "%s %d\n", what, file));
}

/* The name of an open file; false if it is none that has a name. */
static int path_of(int file, char path[PATH_SIZE])
{
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = readlink(link, path, PATH_SIZE - 1);
    path[size < 0 ? 0 : size] = '\0';
    return path[0] == '/';
}

static void trace_path(const char *what, int file)
{
    char path[PATH_SIZE], line[PATH_SIZE + 40];
    int problem = errno;
    if (path_of(file, path))
        trace_line(line, snprintf(line, sizeof line, "%s %s\n", what, path));
    errno = problem;
}

static void trace_names(const char *what, const char *old, const char *new)
{
    char line[4 * PATH_SIZE + 40];
    trace_line(line, snprintf(line, sizeof line, "%s %s %s\n", what, old, new));
}

/* Whether the flag is up, for this file: what stands in it is a pattern for paths; nothing means all. */
static int is_flagged(const char *variable, int file)
{
    char pattern[128] = "", path[PATH_SIZE];
    const char *flag = getenv(variable);
    int text = flag == NULL ? -1 : (int)syscall(SYS_openat, AT_FDCWD, flag, O_RDONLY | O_CLOEXEC);
    if (text < 0)
        return 0;
    long size = syscall(SYS_read, text, pattern, sizeof pattern - 1);
    syscall(SYS_close, text);
    return size <= 0 || (path_of(file, path) && fnmatch(pattern, path, 0) == 0);
}

static int is_full(int file)
{
    struct stat status;
    if (!is_flagged("FZ_DISK_FULL", file) || fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        return 0;
    errno = ENOSPC;
    return 1;
}

EXPORTED ssize_t pwrite(int file, const void *data, size_t size, off_t offset)
{
    trace_path("write", file);
    return is_full(file) ? -1 : REAL(pwrite)(file, data, size, offset);
}

EXPORTED ssize_t pwrite64(int file, const void *data, size_t size, off64_t offset)
{
    trace_path("write", file);
    return is_full(file) ? -1 : REAL(pwrite64)(file, data, size, offset);
}

EXPORTED ssize_t copy_file_range(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t size, unsigned flags)
{
    trace_path("write", to);
    return is_full(to) ? -1 : REAL(copy_file_range)(from, from_offset, to, to_offset, size, flags);
}

EXPORTED ssize_t write(int file, const void *data, size_t size)
{
    trace_path("write", file);
    return is_full(file) ? -1 : REAL(write)(file, data, size);
}

static int synchronise(int file, int (*real)(int))
{
    if (is_flagged("FZ_DISK_BROKEN", file)) {
        errno = EIO;
        return -1;
    }
    if (is_flagged("FZ_DISK_HUNG", file))
        trace("sync hangs", -1);
    while (is_flagged("FZ_DISK_HUNG", file))
        poll(NULL, 0, 20);
    trace("sync begin", -1);
    int result = real(file);
    trace("sync end", -1);
    if (result == 0)
        trace_path("synced", file);
    return result;
}

EXPORTED int rename(const char *old, const char *new)
{
    trace_names("rename", old, new);
    return REAL(rename)(old, new);
}

EXPORTED int renameat(int old_directory, const char *old, int new_directory, const char *new)
{
    char from[PATH_SIZE], to[PATH_SIZE], old_path[2 * PATH_SIZE], new_path[2 * PATH_SIZE];
    if (path_of(old_directory, from) && path_of(new_directory, to)) {
        snprintf(old_path, sizeof old_path, "%s/%s", from, old);
        snprintf(new_path, sizeof new_path, "%s/%s", to, new);
        trace_names("rename", old_path, new_path);
    }
    return REAL(renameat)(old_directory, old, new_directory, new);
}

EXPORTED int link(const char *old, const char *new)
{
    trace_names("link", old, new);
    return REAL(link)(old, new);
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
