/* The audit of an open book: a file's in one snapshot, a database's in slices. */
#include <time.h>

#include "base/calendar.h"
#include "base/text.h"
#include "book/audit/audit.h"

#define SLICE 20000 /* rows */
#define EVERY_MS 10
#define WAIT_MS 300 /* for a clock that goes on */

struct open_book {
    struct fz_reader *reader;
    struct fz_error *error;
};

static enum fz_result read_book(void *by, fz_work work, void *argument)
{
    struct open_book *book = by;
    return fz_store_read(book->reader, work, argument, book->error);
}

static enum fz_result read_now(struct fz_tx *tx, void *out)
{
    *(int64_t *)out = tx->now_ms;
    return FZ_OK;
}

/* The moment is the time of none that has been written, so the clock has to go on by one first. Then whoever has begun to write before it is waited for:
 * he holds his day, today's or, shortly after midnight, yesterday's. FZ_FULL: one does not end. */
static enum fz_result pass(void *by, int64_t *out)
{
    struct open_book *book = by;
    int64_t begin_ms = 0;
    enum fz_result result = read_book(book, read_now, &begin_ms);
    *out = begin_ms;
    for (int i = 0; result == FZ_OK && *out <= begin_ms && i < WAIT_MS / EVERY_MS; i++) {
        nanosleep(&(struct timespec){.tv_nsec = EVERY_MS * 1000000L}, NULL);
        result = read_book(book, read_now, out);
    }
    if (result == FZ_OK && *out <= begin_ms)
        return FZ_ABSENT;
    if (result == FZ_OK)
        result = fz_store_pass_day(book->reader, fz_day_of(*out) - 1, FZ_WRITE_ENDS_MS, book->error);
    return result == FZ_OK ? fz_store_pass_day(book->reader, fz_day_of(*out), FZ_WRITE_ENDS_MS, book->error) : result;
}

static enum fz_result in_one(struct fz_tx *tx, void *out)
{
    return fz_audit(tx, out);
}

enum fz_result fz_audit_book(struct fz_store *store, struct fz_reader *reader, struct fz_audit *out, struct fz_error *error)
{
    return fz_store_has_others(store) ? fz_audit_beside(reader, SLICE, out, error) : fz_store_read(reader, in_one, out, error);
}

enum fz_result fz_audit_beside(struct fz_reader *reader, int64_t size, struct fz_audit *out, struct fz_error *error)
{
    struct open_book book = {reader, error};
    const struct fz_audit_reading reading = {.read = read_book, .pass = pass, .by = &book, .size = size};
    enum fz_result result = fz_audit_in_slices(&reading, out);
    if (result != FZ_CONFLICT)
        return result;
    fz_copy(error->issue, sizeof error->issue, "again and again another book came in its place while it was audited");
    return FZ_FULL;
}
