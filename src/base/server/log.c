/* Log lines: one write each, so that threads and processes do not mix theirs. */
#include "base/server/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "base/text.h"

#define TEXT_MAX 1900 /* bytes */

static atomic_bool as_json, as_journal;
static atomic_uint lost;
static _Atomic(const struct fz_log_taker *) taker;

void fz_log_to(const struct fz_log_taker *whom)
{
    atomic_store(&taker, whom);
}

void fz_log_as_json(void)
{
    atomic_store(&as_json, true);
}

bool fz_log_goes_to_journal(void)
{
    const char *named = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat found;
    return named != NULL && sscanf(named, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &found) == 0 &&
           found.st_dev == device && found.st_ino == inode;
}

void fz_log_as_journal(void)
{
    atomic_store(&as_journal, true);
}

bool fz_log_is_journal(void)
{
    return atomic_load(&as_journal);
}

/* Quotes and backslashes escaped; there is nothing else in clean text that JSON forbids. */
static void escape(char out[2 * TEXT_MAX + 1], const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            *out++ = '\\';
        *out++ = *text;
    }
    *out = '\0';
}

#define LINE_SIZE (2 * TEXT_MAX + 100)

/* "<4>", or nothing where nobody reads it. */
static void mark(char out[8], const char *level)
{
    int priority = strcmp(level, "error") == 0 ? LOG_ERR : strcmp(level, "warning") == 0 ? LOG_WARNING : LOG_INFO;
    out[0] = '\0';
    if (atomic_load(&as_journal))
        snprintf(out, 8, "<%d>", priority);
}

/* Its size without the NUL. */
static int make_line(char out[LINE_SIZE], const char *level, const char *text)
{
    char priority[8], time[FZ_TIME_SIZE], escaped[2 * TEXT_MAX + 1];
    mark(priority, level);
    fz_format_time(time, fz_wire_now_ms());
    if (!atomic_load(&as_json))
        return atomic_load(&as_journal) ? snprintf(out, LINE_SIZE, "%s%s\n", priority, text)
                                        : snprintf(out, LINE_SIZE, "%s %s %s\n", time, level, text);
    escape(escaped, text);
    return snprintf(out, LINE_SIZE, "%s{\"log\":\"message\",\"time\":\"%s\",\"level\":\"%s\",\"text\":\"%s\"}\n", priority, time,
                    level, escaped);
}

/* False when nobody takes it. What cannot be written for another reason is nobody's: a log must not stop
 * the book. */
static bool put_line(int handle, const char *level, const char *text)
{
    char line[LINE_SIZE];
    int size = make_line(line, level, text);
    return write(handle, line, (size_t)size) >= 0 || errno != EAGAIN;
}

/* A terminal says that there is room when it has some, not when it has enough: so it must not wait in a
 * write either. */
int fz_log_open(int handle)
{
    struct stat kind;
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", handle);
    bool waits = fstat(handle, &kind) == 0 && (S_ISFIFO(kind.st_mode) || isatty(handle));
    int own = waits ? open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
    return own >= 0 ? own : fcntl(handle, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

static bool has_room(int handle)
{
    struct pollfd log = {.fd = handle, .events = POLLOUT};
    return poll(&log, 1, 0) != 0;
}

/* A terminal that was halted, or a pipe that nobody reads, would hold up whoever logs: the book's writer
 * too. */
static bool put_all(int handle, const char *level, const char *text)
{
    char told[100];
    unsigned before = atomic_load(&lost);
    if (!has_room(handle))
        return false;
    snprintf(told, sizeof told, "%u lines of the log were lost here: standard error took none", before);
    if (before > 0 && put_line(handle, "warning", told))
        atomic_fetch_sub(&lost, before);
    return put_line(handle, level, text);
}

static void write_to_standard_error(const char *level, const char *text)
{
    int handle = fz_log_open(STDERR_FILENO);
    if (handle < 0)
        return;
    if (!put_all(handle, level, text))
        atomic_fetch_add(&lost, 1);
    close(handle);
}

static void write_line(const char *level, const char *format, va_list arguments)
{
    char text[TEXT_MAX], clean[TEXT_MAX];
    const struct fz_log_taker *whom = atomic_load(&taker);
    if (vsnprintf(text, sizeof text, format, arguments) < 0)
        return;
    fz_copy_clean(clean, sizeof clean, text, strlen(text), sizeof clean);
    if (whom != NULL)
        whom->take(whom, level, clean);
    else
        write_to_standard_error(level, clean);
}

#define LEVEL(name)                                                                                          \
    void fz_log_##name(const char *format, ...)                                                              \
    {                                                                                                        \
        va_list arguments;                                                                                   \
        va_start(arguments, format);                                                                         \
        write_line(#name, format, arguments);                                                                \
        va_end(arguments);                                                                                   \
    }

LEVEL(info)
LEVEL(warning)
LEVEL(error)
