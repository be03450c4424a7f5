/* The interface: each call goes to the engine that the store, the reader or the transaction is of. */
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#include "store/engine.h"

static const struct fz_engine *engine_of(const void *begins_with_it)
{
    return *(const struct fz_engine *const *)begins_with_it;
}

bool fz_store_is_shared(const char *address)
{
    return address != NULL && (strncmp(address, "postgresql://", 13) == 0 || strncmp(address, "postgres://", 11) == 0);
}

bool fz_store_has_others(const struct fz_store *store)
{
    return engine_of(store)->has_others;
}

enum fz_result fz_store_open(const struct fz_store_options *options, struct fz_store **out, char *why, size_t why_size)
{
    bool shared = fz_store_is_shared(options->path);
    const struct fz_engine *engine = shared ? &fz_postgres : &fz_sqlite;
    if (engine != NULL)
        return engine->open(options, out, why, why_size);
    snprintf(why, why_size, "A book on PostgreSQL cannot be opened: this program was built without that engine. Name a file.");
    return FZ_FAILED;
}

void fz_store_close(struct fz_store *store)
{
    engine_of(store)->close(store);
}

enum fz_result fz_reader_open(struct fz_store *store, struct fz_reader **out)
{
    return engine_of(store)->reader_open(store, out);
}

void fz_reader_close(struct fz_reader *reader)
{
    if (reader != NULL)
        engine_of(reader)->reader_close(reader);
}

void fz_reader_interrupt(struct fz_reader *reader)
{
    engine_of(reader)->reader_interrupt(reader);
}

void fz_reader_wait(struct fz_reader *reader, int64_t wait_ms)
{
    if (engine_of(reader)->reader_wait != NULL)
        engine_of(reader)->reader_wait(reader, wait_ms);
}

void fz_reader_hurry(struct fz_reader *reader, int64_t most_ms)
{
    if (engine_of(reader)->reader_hurry != NULL)
        engine_of(reader)->reader_hurry(reader, most_ms);
}

void fz_store_wait_no_more(struct fz_store *store)
{
    if (engine_of(store)->wait_no_more != NULL)
        engine_of(store)->wait_no_more(store);
}

enum fz_result fz_store_read(struct fz_reader *reader, fz_work work, void *argument, struct fz_error *error)
{
    return fz_store_read_ahead(reader, NULL, work, argument, error);
}

enum fz_result fz_store_read_ahead(struct fz_reader *reader, fz_ahead ahead, fz_work work, void *argument, struct fz_error *error)
{
    return engine_of(reader)->read(reader, ahead, work, argument, error);
}

enum fz_result fz_store_read_once(struct fz_store *store, fz_work work, void *argument)
{
    struct fz_reader *reader = NULL;
    enum fz_result result = fz_reader_open(store, &reader);
    if (result == FZ_OK)
        result = fz_store_read(reader, work, argument, NULL);
    fz_reader_close(reader);
    return result;
}

enum fz_result fz_store_pass_day(struct fz_reader *reader, int day, int64_t most_ms, struct fz_error *error)
{
    const struct fz_engine *engine = engine_of(reader);
    return engine->pass_day == NULL ? FZ_OK : engine->pass_day(reader, day, most_ms, error);
}

enum fz_result fz_store_submit(struct fz_store *store, struct fz_write *write)
{
    return engine_of(store)->submit(store, write);
}

void fz_store_answering(struct fz_store *store)
{
    if (engine_of(store)->answering != NULL)
        engine_of(store)->answering(store);
}

void fz_store_answered(struct fz_store *store)
{
    if (engine_of(store)->answered != NULL)
        engine_of(store)->answered(store);
}

enum fz_result fz_store_renew(struct fz_store *store, const struct fz_renewal *renewal, struct fz_error *error)
{
    return engine_of(store)->renew(store, renewal, error);
}

void fz_store_checkpoint(struct fz_store *store)
{
    engine_of(store)->checkpoint(store);
}

bool fz_store_is_there(const struct fz_store *store)
{
    return engine_of(store)->is_there(store);
}

void fz_store_health(struct fz_store *store, struct fz_store_health *out)
{
    engine_of(store)->health(store, out);
}

struct waiting {
    struct fz_write write;
    enum fz_result result;
    sem_t ended;
};

static void wake(struct fz_write *write, enum fz_result result)
{
    struct waiting *waiting = (struct waiting *)write; /* its first member */
    waiting->result = result;
    sem_post(&waiting->ended);
}

static enum fz_result submit_and_wait(struct fz_store *store, struct waiting *waiting)
{
    waiting->write.done = wake;
    sem_init(&waiting->ended, 0, 0);
    enum fz_result result = fz_store_submit(store, &waiting->write);
    if (result == FZ_OK) {
        while (sem_wait(&waiting->ended) != 0)
            continue; /* a signal came */
        result = waiting->result;
    }
    sem_destroy(&waiting->ended);
    return result;
}

enum fz_result fz_store_write(struct fz_store *store, fz_work work, void *argument, struct fz_error *error)
{
    struct waiting waiting = {.write = {.work = work, .argument = argument, .error = error}};
    return submit_and_wait(store, &waiting);
}

enum fz_result fz_store_write_alone(struct fz_store *store, fz_work work, void *argument, struct fz_error *error)
{
    struct waiting waiting = {.write = {.work = work, .argument = argument, .error = error, .alone = true}};
    return submit_and_wait(store, &waiting);
}

/* ---- within a transaction ---- */

enum fz_result fz_attempt(struct fz_tx *tx, fz_work work, void *argument)
{
    return engine_of(tx->connection)->attempt(tx, work, argument);
}

enum fz_result fz_close_day(struct fz_tx *tx, int day)
{
    const struct fz_engine *engine = engine_of(tx->connection);
    return engine->close_day == NULL ? FZ_OK : engine->close_day(tx, day);
}

enum fz_result fz_run(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count,
                      int64_t *changed)
{
    return engine_of(tx->connection)->run(tx, statement, values, count, changed);
}

enum fz_result fz_insert(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count)
{
    int64_t changed = 0;
    enum fz_result result = fz_run(tx, statement, values, count, &changed);
    return result == FZ_OK && changed == 0 ? FZ_CONFLICT : result;
}

enum fz_result fz_insert_new(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count)
{
    const struct fz_engine *engine = engine_of(tx->connection);
    return engine->insert_new == NULL ? fz_insert(tx, statement, values, count) : engine->insert_new(tx, statement, values, count);
}

void fz_ask_ahead(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count)
{
    const struct fz_engine *engine = engine_of(tx->connection);
    if (engine->ask != NULL)
        engine->ask(tx, statement, values, count);
}

enum fz_result fz_query(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count,
                        struct fz_cursor *out)
{
    return engine_of(tx->connection)->query(tx, statement, values, count, out);
}

enum fz_result fz_next(struct fz_cursor *cursor)
{
    return engine_of(cursor->connection)->next(cursor);
}

enum fz_result fz_query_one(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count,
                            struct fz_cursor *out)
{
    struct fz_cursor cursor;
    enum fz_result result = fz_query(tx, statement, values, count, &cursor);
    if (result != FZ_OK)
        return result;
    result = fz_next(&cursor);
    if (result == FZ_OK)
        *out = cursor;
    return result;
}

void fz_cursor_done(struct fz_cursor *cursor)
{
    if (cursor->handle != NULL)
        engine_of(cursor->connection)->done(cursor);
}

int64_t fz_int(const struct fz_cursor *cursor, int column)
{
    return engine_of(cursor->connection)->integer(cursor, column);
}

const char *fz_string(const struct fz_cursor *cursor, int column)
{
    return engine_of(cursor->connection)->string(cursor, column);
}

const void *fz_bytes(const struct fz_cursor *cursor, int column, size_t *size)
{
    return engine_of(cursor->connection)->bytes(cursor, column, size);
}

bool fz_is_null(const struct fz_cursor *cursor, int column)
{
    return engine_of(cursor->connection)->is_null(cursor, column);
}

enum fz_result fz_lock(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count)
{
    return fz_slots(tx) == 1 ? FZ_OK : fz_run(tx, statement, values, count, NULL);
}

int64_t fz_slots(const struct fz_tx *tx)
{
    return engine_of(tx->connection)->slots;
}

enum fz_result fz_next_id(struct fz_tx *tx, const char *table, int64_t *out)
{
    return engine_of(tx->connection)->next_id(tx, table, out);
}
