/* SQLite as an engine of the store. */
#include "store/sqlite/engine.h"

const struct fz_engine fz_sqlite = {
    .slots = 1,
    .open = fz_sqlite_open,
    .close = fz_sqlite_close,
    .reader_open = fz_sqlite_reader_open,
    .reader_close = fz_sqlite_reader_close,
    .reader_interrupt = fz_sqlite_reader_interrupt,
    .read = fz_sqlite_read,
    .submit = fz_sqlite_submit,
    .answering = fz_sqlite_answering,
    .answered = fz_sqlite_answered,
    .renew = fz_sqlite_renew,
    .checkpoint = fz_sqlite_checkpoint,
    .is_there = fz_sqlite_is_there,
    .health = fz_sqlite_health,
    .attempt = fz_sqlite_attempt,
    .run = fz_sqlite_run,
    .query = fz_sqlite_query,
    .next = fz_sqlite_next,
    .done = fz_sqlite_done,
    .integer = fz_sqlite_int,
    .string = fz_sqlite_string,
    .bytes = fz_sqlite_bytes,
    .is_null = fz_sqlite_is_null,
    .next_id = fz_sqlite_next_id,
};
