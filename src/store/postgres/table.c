/* PostgreSQL as an engine of the store. */
#include "store/postgres/engine.h"

/* What was committed is where it belongs. */
static void checkpoint(struct fz_store *store)
{
    (void)store;
}

static bool is_there(const struct fz_store *store)
{
    (void)store;
    return true;
}

static void wait_no_more(struct fz_store *store)
{
    fz_gate_end(&store->gate);
}

const struct fz_engine fz_postgres = {
    .has_others = true,
    .slots = 64, /* as many writers as a server of the usual size keeps busy */
    .open = fz_postgres_open,
    .close = fz_postgres_close,
    .reader_open = fz_postgres_reader_open,
    .reader_close = fz_postgres_reader_close,
    .reader_interrupt = fz_postgres_reader_interrupt,
    .reader_wait = fz_postgres_reader_wait,
    .reader_hurry = fz_postgres_reader_hurry,
    .wait_no_more = wait_no_more,
    .read = fz_postgres_read,
    .pass_day = fz_postgres_pass_day,
    .close_day = fz_postgres_close_day,
    .submit = fz_postgres_submit,
    .renew = fz_postgres_renew,
    .checkpoint = checkpoint,
    .is_there = is_there,
    .health = fz_postgres_health,
    .attempt = fz_postgres_attempt,
    .run = fz_postgres_run,
    .insert_new = fz_postgres_insert_new,
    .ask = fz_postgres_ask,
    .query = fz_postgres_query,
    .next = fz_postgres_next,
    .done = fz_postgres_done,
    .integer = fz_postgres_int,
    .string = fz_postgres_string,
    .bytes = fz_postgres_bytes,
    .is_null = fz_postgres_is_null,
    .next_id = fz_postgres_next_id,
};
