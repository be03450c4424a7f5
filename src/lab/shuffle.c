/* Shuffles a file's lines by dealing them out onto heaps, files without a name, at random, and shuffling each heap in
 * memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/draws.h"
#include "lab/lab.h"

#define HEAP_BYTES ((int64_t)8 << 20) /* about what a heap comes to */
#define HEAPS_MAX  512

struct heaps {
    FILE **list;
    int64_t count;
    struct fz_lab_draws draws;
};

static bool make_heaps(struct heaps *heaps, int64_t bytes)
{
    heaps->count = bytes / HEAP_BYTES + 1 < HEAPS_MAX ? bytes / HEAP_BYTES + 1 : HEAPS_MAX;
    heaps->list = calloc((size_t)heaps->count, sizeof *heaps->list);
    for (int64_t i = 0; heaps->list != NULL && i < heaps->count; i++)
        if ((heaps->list[i] = tmpfile()) == NULL)
            return false;
    return heaps->list != NULL;
}

static void drop_heaps(struct heaps *heaps)
{
    for (int64_t i = 0; heaps->list != NULL && i < heaps->count; i++)
        if (heaps->list[i] != NULL)
            fclose(heaps->list[i]);
    free(heaps->list);
}

/* ---- a heap ---- */

struct line {
    const char *text;
    size_t size;
};

/* The lines of `text`, which ends in a line feed; NULL when memory is short. */
static struct line *lines_of(const char *text, size_t size, size_t *count)
{
    size_t room = 0;
    struct line *lines = NULL;
    *count = 0;
    for (const char *at = text, *end = text + size; at < end; at += lines[(*count)++].size) {
        if (*count == room) {
            room = room * 2 + 1024;
            struct line *more = reallocarray(lines, room, sizeof *lines);
            if (more == NULL) {
                free(lines);
                return NULL;
            }
            lines = more;
        }
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        lines[*count] = (struct line){at, (size_t)(feed - at) + 1};
    }
    return lines;
}

static bool write_shuffled(struct line *lines, size_t count, struct fz_lab_draws *draws, FILE *to)
{
    for (size_t left = count; left > 0; left--) {
        size_t at = (size_t)fz_lab_below(draws, (int64_t)left);
        if (fwrite(lines[at].text, 1, lines[at].size, to) != lines[at].size)
            return false;
        lines[at] = lines[left - 1];
    }
    return true;
}

static bool write_heap(FILE *heap, struct fz_lab_draws *draws, FILE *to)
{
    long size = ftell(heap);
    if (size <= 0)
        return size == 0;
    char *text = malloc((size_t)size);
    size_t count = 0;
    struct line *lines = NULL;
    rewind(heap);
    if (text != NULL && fread(text, 1, (size_t)size, heap) == (size_t)size)
        lines = lines_of(text, (size_t)size, &count);
    bool done = lines != NULL && write_shuffled(lines, count, draws, to);
    free(lines);
    free(text);
    return done;
}

static bool write_heaps(struct heaps *heaps, FILE *to)
{
    bool done = true;
    for (int64_t i = 0; done && i < heaps->count; i++)
        done = write_heap(heaps->list[i], &heaps->draws, to);
    return done;
}

/* ---- a file ---- */

/* The details of a bill are the only lines that begin with an accent; what comes behind them stays where it is. The rows of
 * the records are all lines but the first. */
static bool shuffle(FILE *from, FILE *to, struct heaps *heaps)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t size = getline(&line, &room, from);
    bool done = size > 0 && fwrite(line, 1, (size_t)size, to) == (size_t)size;
    bool is_bill = size > 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0, behind = false;
    while (done && (size = getline(&line, &room, from)) > 0) {
        if (is_bill && !behind && line[0] != '`') {
            done = write_heaps(heaps, to);
            behind = true;
        }
        FILE *onto = behind ? to : heaps->list[fz_lab_below(&heaps->draws, heaps->count)];
        done = done && fwrite(line, 1, (size_t)size, onto) == (size_t)size;
    }
    free(line);
    return done && !ferror(from) && (behind || write_heaps(heaps, to));
}

static FILE *open_at(int directory, const char *name, int flags, const char *mode)
{
    int file = openat(directory, name, flags | O_CLOEXEC, 0666);
    FILE *stream = file < 0 ? NULL : fdopen(file, mode);
    if (stream == NULL && file >= 0)
        close(file);
    return stream;
}

static bool shuffle_into(int directory, const char *name, const char *unfinished, uint64_t seed)
{
    struct stat is;
    struct heaps heaps = {.draws = fz_lab_draws_of(seed, FZ_LAB_FOR_SHUFFLE, 0)};
    FILE *from = open_at(directory, name, O_RDONLY, "r");
    FILE *to = open_at(directory, unfinished, O_WRONLY | O_CREAT | O_TRUNC, "w");
    bool done = from != NULL && to != NULL && fstat(fileno(from), &is) == 0 && make_heaps(&heaps, is.st_size) &&
                shuffle(from, to, &heaps);
    drop_heaps(&heaps);
    if (from != NULL)
        fclose(from);
    if (to != NULL && fclose(to) != 0)
        done = false;
    return done;
}

enum fz_result fz_lab_shuffle(int directory, const char *name, uint64_t seed)
{
    char unfinished[64];
    snprintf(unfinished, sizeof unfinished, "%s.part", name);
    if (shuffle_into(directory, name, unfinished, seed) && renameat(directory, unfinished, directory, name) == 0)
        return FZ_OK;
    int error = errno;
    unlinkat(directory, unfinished, 0);
    errno = error;
    return FZ_FAILED;
}
