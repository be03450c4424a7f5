/* Compression of statements: zlib, block by block. */
#include "server/files/gzip_file.h"

#include <unistd.h>
#include <zlib.h>

#define LEVEL      6
#define GZIP       (15 + 16) /* windowBits: the largest window, in a gzip wrapping without name or time */
#define MEMORY     8
#define BLOCK_SIZE ((size_t)1 << 16)

/* Hands on all that zlib has for what it was given. */
static enum fz_result drain(z_stream *stream, int flush, fz_block_sink sink, void *argument)
{
    unsigned char block[BLOCK_SIZE];
    enum fz_result result = FZ_OK;
    do {
        stream->next_out = block;
        stream->avail_out = BLOCK_SIZE;
        if (deflate(stream, flush) == Z_STREAM_ERROR)
            return FZ_FAILED;
        size_t size = BLOCK_SIZE - stream->avail_out;
        if (size > 0)
            result = sink(argument, block, size);
    } while (result == FZ_OK && stream->avail_out == 0);
    return result;
}

enum fz_result fz_gzip_file(int file, fz_block_sink sink, void *argument)
{
    z_stream stream = {0};
    unsigned char block[BLOCK_SIZE];
    if (deflateInit2(&stream, LEVEL, Z_DEFLATED, GZIP, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        return FZ_FAILED;
    enum fz_result result = FZ_OK;
    off_t at = 0;
    ssize_t got = 1;
    while (result == FZ_OK && got > 0) {
        got = pread(file, block, BLOCK_SIZE, at);
        at += got;
        stream.next_in = block;
        stream.avail_in = got < 0 ? 0 : (unsigned)got;
        result = got < 0 ? FZ_FAILED : drain(&stream, got == 0 ? Z_FINISH : Z_NO_FLUSH, sink, argument);
    }
    deflateEnd(&stream);
    return result;
}
