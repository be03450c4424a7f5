/* Log lines: one write each, so that threads and processes do not mix theirs. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/world.h"

static void write_line(const char *level, const char *format, va_list arguments)
{
    char time[FZ_TIME_SIZE];
    fz_format_time(time, fz_wire_now_ms());
    char line[2048];
    int head = snprintf(line, sizeof line, "%s %s ", time, level);
    int body = vsnprintf(line + head, sizeof line - (size_t)head - 1, format, arguments);
    size_t size = (size_t)head + (size_t)(body < 0 ? 0 : body);
    if (size > sizeof line - 2)
        size = sizeof line - 2;
    line[size++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, size);
    (void)written; /* a log that cannot be written must not stop the book */
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
