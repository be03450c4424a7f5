/* Takes bill files in pieces: unpacks what is gzip, and cuts the text into lines. */
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "base/memory.h"
#include "client/bill/read.h"
#include "client/bill/rows.h"

#define PLAIN_MAX (64 << 10)
#define GZIP      "\x1F\x8B" /* RFC 1952, 2.3.1 */

enum form { UNKNOWN, PLAIN, ZIPPED };

struct fz_bill_reader {
    struct fz_bill_rows rows;
    struct fz_text line; /* begun, and not ended yet */
    enum form form;
    unsigned char first[2]; /* of a file that has no more yet */
    size_t first_count;
    z_stream zip;
    bool zip_ended; /* between two members */
    bool has_failed;
    EVP_MD_CTX *hash; /* of the text; NULL: nobody wants it */
    unsigned char plain[PLAIN_MAX];
};

static fz_error *no_memory(void)
{
    return fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_DONE, " ");
}

/* ---- lines ---- */

static fz_error *add_to_line(struct fz_bill_reader *reader, const char *data, size_t size)
{
    if (reader->line.size + size > FZ_BILL_LINE_MAX)
        return fz_bill_error(&(struct fz_bill_fault){.line = reader->rows.number + 1, .issue = "is longer than any line of a bill"});
    fz_text_add(&reader->line, data, size);
    return reader->line.failed ? no_memory() : NULL;
}

static fz_error *end_line(struct fz_bill_reader *reader)
{
    if (reader->line.data != NULL)
        reader->line.data[reader->line.size] = '\0';
    fz_error *error = fz_bill_rows_take(&reader->rows, reader->line.data == NULL ? (char[1]){""} : reader->line.data, reader->line.size);
    reader->line.size = 0; /* its memory serves the next */
    return error;
}

static fz_error *add_part(struct fz_bill_reader *reader, const char *data, size_t size, bool is_end)
{
    fz_error *error = add_to_line(reader, data, size);
    return error == NULL && is_end ? end_line(reader) : error;
}

/* Where only sums are wanted a line is not copied, if it is whole. */
static bool is_summed(struct fz_bill_reader *reader, const char *line, size_t size)
{
    if (reader->line.size > 0 || size == 0)
        return false;
    return fz_bill_rows_take_sums(&reader->rows, line, line[size - 1] == '\r' ? size - 1 : size);
}

static fz_error *take_plain(struct fz_bill_reader *reader, const char *data, size_t size)
{
    if (reader->hash != NULL && EVP_DigestUpdate(reader->hash, data, size) != 1)
        return no_memory();
    while (size > 0) {
        const char *end = memchr(data, '\n', size);
        size_t part = end == NULL ? size : (size_t)(end - data);
        fz_error *error = end != NULL && is_summed(reader, data, part) ? NULL : add_part(reader, data, part, end != NULL);
        if (error != NULL)
            return error;
        part += end != NULL;
        data += part;
        size -= part;
    }
    return NULL;
}

/* ---- gzip ---- */

static void *zip_allocate(void *opaque, unsigned count, unsigned size)
{
    (void)opaque;
    return fz_allocate((size_t)count * size);
}

static void zip_release(void *opaque, void *memory)
{
    (void)opaque;
    fz_release(memory);
}

static fz_error *begin_zip(struct fz_bill_reader *reader)
{
    reader->zip.zalloc = zip_allocate;
    reader->zip.zfree = zip_release;
    reader->form = ZIPPED;
    return inflateInit2(&reader->zip, 16 + MAX_WBITS) == Z_OK ? NULL : no_memory();
}

static fz_error *bad_zip(const struct fz_bill_reader *reader, const char *issue)
{
    return fz_bill_error(&(struct fz_bill_fault){.line = reader->rows.number + 1, .issue = issue});
}

static fz_error *unzip(struct fz_bill_reader *reader)
{
    z_stream *zip = &reader->zip;
    if (reader->zip_ended) /* gzip files may lie one behind the other (RFC 1952, 2.2) */
        (void)inflateReset(zip);
    zip->next_out = reader->plain;
    zip->avail_out = PLAIN_MAX;
    int result = inflate(zip, Z_NO_FLUSH);
    reader->zip_ended = result == Z_STREAM_END;
    if (result == Z_MEM_ERROR)
        return no_memory();
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return bad_zip(reader, "is where the gzip data is damaged");
    return take_plain(reader, (char *)reader->plain, PLAIN_MAX - zip->avail_out);
}

static fz_error *take_zipped(struct fz_bill_reader *reader, const unsigned char *data, size_t size)
{
    z_stream *zip = &reader->zip;
    fz_error *error = NULL;
    while (error == NULL && size > 0) {
        unsigned part = size < (1U << 30) ? (unsigned)size : 1U << 30;
        zip->next_in = (unsigned char *)(uintptr_t)data; /* zlib only reads it */
        zip->avail_in = part;
        do
            error = unzip(reader);
        while (error == NULL && (zip->avail_in > 0 || (zip->avail_out == 0 && !reader->zip_ended)));
        data += part;
        size -= part;
    }
    return error;
}

/* ---- pieces ---- */

static fz_error *take(struct fz_bill_reader *reader, const unsigned char *data, size_t size)
{
    return reader->form == ZIPPED ? take_zipped(reader, data, size) : take_plain(reader, (const char *)data, size);
}

/* The first two bytes say what the file is; they may come one by one. */
static fz_error *take_first(struct fz_bill_reader *reader, const unsigned char **data, size_t *size)
{
    while (reader->first_count < sizeof reader->first && *size > 0) {
        reader->first[reader->first_count++] = *(*data)++;
        (*size)--;
    }
    if (reader->first_count < sizeof reader->first)
        return NULL;
    reader->form = PLAIN;
    fz_error *error = memcmp(reader->first, GZIP, sizeof reader->first) == 0 ? begin_zip(reader) : NULL;
    return error != NULL ? error : take(reader, reader->first, sizeof reader->first);
}

static int given(struct fz_bill_reader *reader, fz_error *error, fz_error **out)
{
    reader->has_failed = error != NULL;
    return error == NULL ? 0 : fz_fail(out, error);
}

static fz_error *check(const struct fz_bill_reader *reader)
{
    return reader->has_failed ? fz_error_make(FZ_CODE_OPTIONS, FZ_OUTCOME_DONE, "The reader has failed, or finished, before: it can only be freed.")
                              : NULL;
}

int fz_bill_reader_feed(fz_bill_reader *reader, const void *data, size_t size, fz_error **error)
{
    const unsigned char *at = data;
    fz_error *wrong = check(reader);
    if (wrong == NULL && reader->form == UNKNOWN)
        wrong = take_first(reader, &at, &size);
    if (wrong == NULL && reader->form != UNKNOWN)
        wrong = take(reader, at, size);
    return given(reader, wrong, error);
}

static fz_error *finish(struct fz_bill_reader *reader)
{
    fz_error *error = NULL;
    if (reader->form == UNKNOWN)
        error = take_plain(reader, (char *)reader->first, reader->first_count);
    if (error == NULL && reader->form == ZIPPED && !reader->zip_ended)
        return bad_zip(reader, "is where the file is cut: its gzip data does not end");
    if (error == NULL && reader->line.size > 0)
        error = end_line(reader);
    return error != NULL ? error : fz_bill_rows_end(&reader->rows);
}

int fz_bill_reader_finish(fz_bill_reader *reader, fz_error **error)
{
    fz_error *wrong = check(reader);
    int result = given(reader, wrong != NULL ? wrong : finish(reader), error);
    reader->has_failed = true;
    return result;
}

void fz_bill_reader_hash(fz_bill_reader *reader, EVP_MD_CTX *hash)
{
    reader->hash = hash;
}

void fz_bill_reader_sums_alone(fz_bill_reader *reader)
{
    reader->rows.has_sums_alone = true;
}

size_t fz_bill_reader_rows(const fz_bill_reader *reader)
{
    return reader->rows.details;
}

/* Read again, as it came. */
fz_error *fz_bill_reader_give_summary(fz_bill_reader *reader, fz_bill_on_row *on_row, void *argument)
{
    struct fz_bill_rows *rows = &reader->rows;
    fz_bill_reader *again;
    fz_error *error = NULL;
    if (rows->summary.size == 0)
        return fz_bill_rows_give_sums(rows, on_row, argument);
    if (fz_bill_reader_new(rows->kind, on_row, argument, &again, &error) != 0)
        return error;
    again->rows.number = rows->summary_line - 1;
    (void)fz_bill_reader_feed(again, rows->summary.data, rows->summary.size, &error);
    fz_bill_reader_free(again);
    return error;
}

int fz_bill_reader_new(enum fz_bill_kind kind, fz_bill_on_row *on_row, void *argument, fz_bill_reader **reader, fz_error **error)
{
    *reader = NULL;
    if (kind < FZ_BILL_REFUNDS || kind > FZ_BILL_STATEMENT)
        return fz_fail(error, fz_error_make(FZ_CODE_OPTIONS, FZ_OUTCOME_NOT_SENT, "There is no kind of bill of the number %d.", (int)kind));
    fz_bill_reader *made = fz_allocate_zeroed(sizeof *made);
    if (made == NULL)
        return fz_fail(error, no_memory());
    made->line.max = FZ_BILL_LINE_MAX;
    fz_bill_rows_begin(&made->rows, kind, on_row, argument);
    *reader = made;
    return 0;
}

void fz_bill_reader_free(fz_bill_reader *reader)
{
    if (reader == NULL)
        return;
    if (reader->form == ZIPPED)
        (void)inflateEnd(&reader->zip);
    fz_text_done(&reader->line);
    fz_bill_rows_done(&reader->rows);
    fz_release(reader);
}
