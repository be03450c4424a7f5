/* The WAL as a file, before SQLite opens it. SQLite takes a WAL whose head is damaged for an empty one, says
 * nothing, and writes over it (https://www.sqlite.org/fileformat2.html#walformat, 4.1 and 4.2). */
#include "store/sqlite/wal_file.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


#define HEAD_SIZE  32
#define FRAME_HEAD 24
#define PAGE_MAX   65536
#define MAGIC      0x377F0682u /* its last bit says whether checksums are over big-endian numbers */
#define VERSION    3007000u

static uint32_t big_endian(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t little_endian(const unsigned char *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

/* The running checksum, carried on over `size` bytes (a multiple of 8). */
static void add(uint32_t sum[2], const unsigned char *data, size_t size, bool big)
{
    for (size_t i = 0; i < size; i += 8) {
        sum[0] += (big ? big_endian(data + i) : little_endian(data + i)) + sum[1];
        sum[1] += (big ? big_endian(data + i + 4) : little_endian(data + i + 4)) + sum[0];
    }
}

static bool adds_up(const uint32_t sum[2], const unsigned char *at)
{
    return sum[0] == big_endian(at) && sum[1] == big_endian(at + 4);
}

/* `content`: the WAL's beginning, zero behind its end. */
static enum fz_wal_state judge(const unsigned char *content)
{
    static const unsigned char nothing[HEAD_SIZE];
    if (memcmp(content, nothing, HEAD_SIZE) == 0)
        return FZ_WAL_EMPTY; /* power was lost before its first sync */
    uint32_t magic = big_endian(content), sum[2] = {0, 0};
    bool big = (magic & 1) != 0;
    add(sum, content, HEAD_SIZE - 8, big);
    if ((magic & ~1u) != MAGIC || big_endian(content + 4) != VERSION || !adds_up(sum, content + 24))
        return FZ_WAL_BAD_HEAD;
    uint32_t page = big_endian(content + 8);
    if (page > PAGE_MAX || page % 8 != 0)
        return FZ_WAL_BAD_HEAD;
    const unsigned char *frame = content + HEAD_SIZE;
    add(sum, frame, 8, big);
    add(sum, frame + FRAME_HEAD, page, big);
    bool same_round = memcmp(frame + 8, content + 16, 8) == 0;
    return same_round && adds_up(sum, frame + 16) ? FZ_WAL_SOUND : FZ_WAL_NO_FRAME;
}

enum fz_wal_state fz_wal_look(const char *path)
{
    enum fz_wal_state state = FZ_WAL_EMPTY;
    const size_t size = HEAD_SIZE + FRAME_HEAD + PAGE_MAX;
    unsigned char *content = calloc(1, size);
    char *name = NULL;
    int file = asprintf(&name, "%s-wal", path) < 0 ? -1 : open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (content != NULL && file >= 0 && pread(file, content, size, 0) >= HEAD_SIZE)
        state = judge(content);
    if (file >= 0)
        close(file);
    free(name);
    free(content);
    return state;
}
