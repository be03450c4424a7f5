/* Lines of several programs, each behind the number of its own. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/local/children.h"

#define BLOCK          65536
#define LINE_MAX_BYTES (1 << 20) /* a longer one is written in pieces */

static void write_all(int to, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(to, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return; /* nobody reads any more; the program goes on all the same */
        data += written;
        size -= (size_t)written;
    }
}

/* In one write, so that lines of others do not come in between. */
static void write_line(struct fz_child_stream *stream, int to, const char *data, size_t size)
{
    struct fz_text line = {.max = LINE_MAX_BYTES + BLOCK + sizeof stream->prefix + 1};
    fz_text_string(&line, stream->prefix);
    fz_text_add(&line, stream->line.data, stream->line.size);
    fz_text_add(&line, data, size);
    fz_text_string(&line, "\n");
    if (!line.failed)
        write_all(to, line.data, line.size);
    fz_text_done(&line);
    stream->line.size = 0;
}

bool fz_child_lines_read(struct fz_child_stream *stream, int to)
{
    char block[BLOCK];
    ssize_t got = read(stream->handle, block, sizeof block);
    if (got < 0)
        return errno == EINTR || errno == EAGAIN;
    const char *at = block, *end = block + got;
    for (const char *feed; (feed = memchr(at, '\n', (size_t)(end - at))) != NULL; at = feed + 1)
        write_line(stream, to, at, (size_t)(feed - at));
    stream->line.max = LINE_MAX_BYTES;
    if (stream->line.size + (size_t)(end - at) > LINE_MAX_BYTES)
        write_line(stream, to, "", 0);
    fz_text_add(&stream->line, at, (size_t)(end - at));
    return got > 0;
}

void fz_child_lines_end(struct fz_child_stream *stream, int to)
{
    if (stream->line.size > 0)
        write_line(stream, to, "", 0);
    fz_text_done(&stream->line);
    close(stream->handle);
    stream->handle = -1;
}
