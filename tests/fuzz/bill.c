/* Files of bills: whatever they are, in pieces they give the same rows, and the same end, as whole; and what can be read adds up
 * where sums alone are wanted. Byte 0 of an input says which kind, byte 1 how long the pieces are; the rest is the file. */
#include <stdlib.h>
#include <string.h>

#include "client/bill/read.h"
#include "fuzz.h"

/* Of all rows, and what they say in their cells. */
struct seen {
    size_t rows, details;
    uint64_t sum;
};

static int on_row(void *argument, const struct fz_bill_row *row)
{
    struct seen *seen = argument;
    seen->rows++;
    seen->details += row->part == FZ_BILL_DETAIL;
    for (size_t i = 0; i < row->count; i++)
        for (const char *at = row->texts[i]; at != NULL && *at != '\0'; at++)
            seen->sum = seen->sum * 31 + (unsigned char)*at;
    return 0;
}

static fz_bill_reader *reader_of(enum fz_bill_kind kind, struct seen *seen)
{
    fz_bill_reader *reader = NULL;
    if (fz_bill_reader_new(kind, seen == NULL ? NULL : on_row, seen, &reader, NULL) != 0)
        abort();
    return reader;
}

static int feed_pieces(fz_bill_reader *reader, const char *file, size_t size, size_t piece)
{
    int result = 0;
    for (size_t at = 0; result == 0 && at < size; at += piece)
        result = fz_bill_reader_feed(reader, file + at, size - at < piece ? size - at : piece, NULL);
    return result == 0 ? fz_bill_reader_finish(reader, NULL) : result;
}

static int read_pieces(enum fz_bill_kind kind, const char *file, size_t size, size_t piece, struct seen *seen)
{
    fz_bill_reader *reader = reader_of(kind, seen);
    int result = feed_pieces(reader, file, size, piece);
    fz_bill_reader_free(reader);
    return result;
}

/* Of a file that can be read. */
static void add_up(enum fz_bill_kind kind, const char *file, size_t size, size_t piece, size_t details)
{
    fz_bill_reader *reader = reader_of(kind, NULL);
    fz_bill_reader_sums_alone(reader);
    if (feed_pieces(reader, file, size, piece) != 0 || fz_bill_reader_rows(reader) != details)
        abort();
    fz_bill_reader_free(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct seen whole = {0}, pieces = {0};
    if (size < 3)
        return 0;
    enum fz_bill_kind kind = (enum fz_bill_kind)(input[0] % 3);
    size -= 2;
    char *file = malloc(size); /* as long as it is: what reads on is seen */
    memcpy(file, input + 2, size);
    int result = read_pieces(kind, file, size, size, &whole);
    bool zipped = file[0] == '\x1F'; /* where its data is damaged, what stands before may have been given or not */
    if (read_pieces(kind, file, size, 1 + input[1], &pieces) != result)
        abort();
    if ((result == 0 || !zipped) && (pieces.rows != whole.rows || pieces.sum != whole.sum))
        abort();
    if (result == 0) {
        add_up(kind, file, size, size, whole.details);
        add_up(kind, file, size, 1 + input[1], whole.details);
    }
    free(file);
    return 0;
}
