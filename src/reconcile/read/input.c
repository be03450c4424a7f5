/* Opens input files, and reads pieces of them. */
#include "reconcile/read/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "reconcile/place/temporary.h"

#define COPY_BYTES (256 << 10)

static bool is_address(const struct fz_input *input)
{
    return strncmp(input->path, "postgres", 8) == 0 && strstr(input->path, "://") != NULL;
}

const char *fz_input_told(const struct fz_input *input)
{
    return is_address(input) ? fz_input_name(input) : input->path;
}

const char *fz_input_name(const struct fz_input *input)
{
    const char *slash = strrchr(input->path, '/');
    if (is_address(input))
        return "postgresql";
    return slash == NULL ? input->path : slash + 1;
}

/* ---- opening ---- */

static bool copy_all(gzFile from, int to, const char *path, struct fz_trouble *trouble)
{
    static _Thread_local char data[COPY_BYTES];
    for (;;) {
        int size = gzread(from, data, sizeof data), code;
        if (size == 0 && gzerror(from, &code) != NULL && code == Z_OK)
            return true;
        if (size <= 0) {
            (void)fz_trouble_say(trouble, "%s is cut or damaged: its gzip data does not end as it should. Fetch it again.",
                                 path);
            return false;
        }
        if (fz_temporary_append(to, data, (size_t)size, trouble) != FZ_OK)
            return false;
    }
}

/* What zlib reads of `file`, which it closes: as it is where it is not gzip. */
static int unpacked(int file, const char *path, struct fz_trouble *trouble)
{
    gzFile from = gzdopen(file, "rb");
    if (from == NULL) {
        close(file);
        (void)fz_trouble_memory(trouble);
        return -1;
    }
    int to = fz_temporary_open(trouble);
    if (to >= 0 && !copy_all(from, to, path, trouble)) {
        close(to);
        to = -1;
    }
    gzclose_r(from);
    return to;
}

int fz_input_open(const char *path, struct fz_trouble *trouble)
{
    unsigned char first[2] = {0};
    struct stat state;
    int file = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &state) != 0) {
        (void)fz_trouble_say(trouble, "%s could not be opened: %s.", path, strerrordesc_np(errno));
        return -1;
    }
    if (S_ISDIR(state.st_mode)) {
        close(file);
        (void)fz_trouble_say(trouble, "%s is a directory. Name the files in it: %s/*.csv", path, path);
        return -1;
    }
    bool is_plain = S_ISREG(state.st_mode) &&
                    (pread(file, first, 2, 0) < 2 || first[0] != 0x1F || first[1] != 0x8B); /* RFC 1952, 2.3.1 */
    return is_plain ? file : unpacked(file, path, trouble);
}

/* ---- the list ---- */

struct fz_input *fz_inputs_add(struct fz_inputs *inputs, enum fz_input_kind kind, const char *path,
                               struct fz_trouble *trouble)
{
    struct fz_input *list = reallocarray(inputs->list, inputs->count + 1, sizeof *list);
    if (list == NULL) {
        (void)fz_trouble_memory(trouble);
        return NULL;
    }
    inputs->list = list;
    list[inputs->count] = (struct fz_input){.kind = kind, .path = path, .file = -1};
    return &list[inputs->count++];
}

bool fz_inputs_add_piece(struct fz_inputs *inputs, size_t number, uint64_t begin, uint64_t end, struct fz_trouble *trouble)
{
    if (inputs->piece_count == inputs->piece_capacity) {
        size_t capacity = inputs->piece_capacity == 0 ? 64 : inputs->piece_capacity * 2;
        struct fz_piece *pieces = reallocarray(inputs->pieces, capacity, sizeof *pieces);
        if (pieces == NULL) {
            (void)fz_trouble_memory(trouble);
            return false;
        }
        inputs->pieces = pieces;
        inputs->piece_capacity = capacity;
    }
    if (inputs->list[number].piece_count++ == 0)
        inputs->list[number].first_piece = inputs->piece_count;
    inputs->pieces[inputs->piece_count++] = (struct fz_piece){.input = (uint32_t)number, .begin = begin, .end = end};
    return true;
}

bool fz_inputs_cut(struct fz_inputs *inputs, size_t number, struct fz_trouble *trouble)
{
    uint64_t at = inputs->list[number].begin, whole = inputs->list[number].end;
    bool good = true;
    do {
        uint64_t end = whole - at > inputs->piece_bytes ? at + inputs->piece_bytes : whole;
        good = fz_inputs_add_piece(inputs, number, at, end, trouble);
        at = end;
    } while (good && at < whole);
    return good;
}

void fz_inputs_done(struct fz_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++) {
        if (inputs->list[i].file >= 0)
            close(inputs->list[i].file);
        free(inputs->list[i].sums);
    }
    free(inputs->list);
    free(inputs->pieces);
    pthread_mutex_destroy(&inputs->lock);
    *inputs = (struct fz_inputs){0};
}

void fz_inputs_begin(struct fz_inputs *inputs, uint64_t piece_bytes, struct fz_trouble *trouble)
{
    *inputs = (struct fz_inputs){.trouble = trouble, .piece_bytes = piece_bytes};
    pthread_mutex_init(&inputs->lock, NULL);
}

/* ---- reading ---- */

static bool grow(struct fz_block *block, size_t capacity)
{
    if (capacity <= block->capacity)
        return true;
    if (capacity < block->capacity + block->capacity / 2) /* a long line comes in small parts */
        capacity = block->capacity + block->capacity / 2;
    char *data = realloc(block->data, capacity);
    if (data == NULL)
        return false;
    block->data = data;
    block->capacity = capacity;
    return true;
}

/* Up to `size` bytes from `at`, behind what the block has. */
static enum fz_result read_at(const struct fz_input *input, uint64_t at, size_t size, struct fz_block *block,
                              struct fz_trouble *trouble)
{
    if (!grow(block, block->size + size + 1))
        return fz_trouble_memory(trouble);
    while (size > 0) {
        ssize_t got = pread(input->file, block->data + block->size, size, (off_t)at);
        if (got < 0)
            return fz_trouble_say(trouble, "%s could not be read: %s.", input->path, strerrordesc_np(errno));
        if (got == 0)
            return fz_trouble_say(trouble, "%s became shorter while it was read. Let it be written whole first.",
                                  input->path);
        block->size += (size_t)got;
        size -= (size_t)got;
        at += (uint64_t)got;
    }
    return FZ_OK;
}

/* On to the end of the line that the block ends in. */
static enum fz_result read_line_end(const struct fz_input *input, uint64_t at, struct fz_block *block,
                                    struct fz_trouble *trouble)
{
    size_t begin = block->size, from = begin;
    while (at < input->end) {
        size_t part = input->end - at < 4096 ? (size_t)(input->end - at) : 4096;
        enum fz_result result = read_at(input, at, part, block, trouble);
        if (result != FZ_OK)
            return result;
        const char *end = memchr(block->data + from, '\n', block->size - from);
        if (end != NULL) {
            block->size = (size_t)(end + 1 - block->data);
            return FZ_OK;
        }
        if (block->size - begin > FZ_LINE_MAX)
            return fz_trouble_say(trouble, "%s has a line of more than %zu bytes, longer than any of a bill or of records.",
                                  input->path, FZ_LINE_MAX);
        from = block->size;
        at += part;
    }
    return FZ_OK;
}

/* A line that begins before `begin` is the piece's before: so one byte more is read, and all up to a line's end dropped. */
enum fz_result fz_input_read(const struct fz_input *input, uint64_t begin, uint64_t end, struct fz_block *block,
                             struct fz_trouble *trouble)
{
    uint64_t from = begin > input->begin ? begin - 1 : begin;
    block->size = 0;
    enum fz_result result = read_at(input, from, (size_t)(end - from), block, trouble);
    if (result != FZ_OK || from == begin) {
        if (result == FZ_OK && block->size > 0 && block->data[block->size - 1] != '\n')
            result = read_line_end(input, end, block, trouble);
        return result;
    }
    const char *first = memchr(block->data, '\n', block->size);
    size_t dropped = first == NULL ? block->size : (size_t)(first + 1 - block->data);
    block->size -= dropped;
    memmove(block->data, block->data + dropped, block->size);
    if (block->size == 0 || block->data[block->size - 1] == '\n')
        return FZ_OK;
    return read_line_end(input, end, block, trouble);
}

/* ---- line numbers ---- */

uint64_t fz_lines_in(const char *data, size_t size)
{
    uint64_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += data[i] == '\n';
    return count;
}

static uint64_t count_lines(struct fz_inputs *inputs, struct fz_piece *piece)
{
    struct fz_block block = {0};
    if (piece->lines == 0 &&
        fz_input_read(&inputs->list[piece->input], piece->begin, piece->end, &block, inputs->trouble) == FZ_OK)
        piece->lines = fz_lines_in(block.data, block.size) + 1;
    free(block.data);
    return piece->lines == 0 ? 0 : piece->lines - 1;
}

static void number_next(struct fz_inputs *inputs)
{
    struct fz_piece *piece = &inputs->pieces[inputs->numbered];
    bool is_first = inputs->numbered == 0 || piece[-1].input != piece->input;
    piece->first_line =
        is_first ? inputs->list[piece->input].lines_before + 1 : piece[-1].first_line + count_lines(inputs, &piece[-1]);
    inputs->numbered++;
}

uint64_t fz_inputs_line(struct fz_inputs *inputs, uint32_t piece, uint32_t line)
{
    pthread_mutex_lock(&inputs->lock);
    while (inputs->numbered <= piece)
        number_next(inputs);
    pthread_mutex_unlock(&inputs->lock);
    return inputs->pieces[piece].first_line + line;
}
