/* Row numbers: a process takes them from the book in blocks, so that nobody waits for anybody.
 *
 * Drawn values follow the number, so it must be the book's; dense it need not be. Yet a number that a transaction took and did not use goes
 * back when nobody has taken one after it: whoever asks one thing after another finds the numbers that SQLite gives. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/postgres/engine.h"

#define BLOCK 256 /* numbers in one go */

/* The place of `table`, new if it has none. */
static struct fz_numbers *place_of(struct fz_store *store, const char *table)
{
    size_t size = strlen(table);
    assert(size > 0 && size < FZ_TABLE_SIZE && strspn(table, "abcdefghijklmnopqrstuvwxyz_") == size);
    for (size_t i = 0; i < FZ_TABLES_MAX; i++) {
        struct fz_numbers *numbers = &store->numbers[i];
        if (numbers->table[0] == '\0')
            fz_copy(numbers->table, sizeof numbers->table, table);
        if (strcmp(numbers->table, table) == 0)
            return numbers;
    }
    assert(false); /* more tables than the schema has */
    return NULL;
}

/* The connection that is there for numbers, free of whatever the works do. NULL if there is none to be had. */
static struct fz_connection *asking_of(struct fz_store *store)
{
    struct fz_connection *asking = &store->asking;
    if (asking->handle != NULL && !asking->lost && PQstatus(asking->handle) == CONNECTION_OK)
        return asking;
    fz_postgres_disconnect(asking);
    return fz_postgres_connect_plainly(store, 0, asking) == FZ_OK ? asking : NULL;
}

/* One row, one number. */
static enum fz_result ask_once(struct fz_connection *asking, const char *sql, int64_t *out)
{
    PGresult *rows = fz_patience_ask(asking, sql, NULL, 0, FZ_PATIENT);
    bool found = PQresultStatus(rows) == PGRES_TUPLES_OK && PQntuples(rows) == 1;
    if (found)
        *out = strtoll(PQgetvalue(rows, 0, 0), NULL, 10);
    else
        fz_postgres_fail(asking, "take row numbers", rows);
    PQclear(rows);
    asking->failed = false;
    return found ? FZ_OK : FZ_FAILED;
}

/* A connection that was ended while nobody used it tells so when it is used. */
static enum fz_result ask(struct fz_store *store, const char *sql, int64_t *out)
{
    enum fz_result result = FZ_FAILED;
    for (int tries = 0; result != FZ_OK && tries < 2; tries++) {
        struct fz_connection *asking = asking_of(store);
        if (asking == NULL)
            return FZ_FAILED;
        result = ask_once(asking, sql, out);
        if (!asking->lost)
            break;
    }
    return result;
}

bool fz_numbers_look(struct fz_store *store)
{
    int64_t recovers = 1;
    pthread_mutex_lock(&store->numbering);
    bool there = ask(store, "SELECT CASE WHEN pg_is_in_recovery() THEN 1 ELSE 0 END", &recovers) == FZ_OK && recovers == 0;
    if (recovers != 0)
        store->asking.lost = true;
    pthread_mutex_unlock(&store->numbering);
    return there;
}

/* The same in the transaction of `connection`, which has emptied the book: what it writes no other connection can. */
static enum fz_result ask_within(struct fz_connection *connection, const char *sql, int64_t *out)
{
    PGresult *rows = NULL;
    enum fz_result result = fz_pipeline_own(connection, "take row numbers", sql);
    if (result == FZ_OK)
        result = fz_pipeline_await(connection, &rows);
    if (result == FZ_OK)
        *out = fz_postgres_number(rows, 0, 0);
    PQclear(rows);
    return result;
}

/* A book that has rows and no numbering (it was copied) goes on behind them. */
static enum fz_result take_block(struct fz_connection *connection, struct fz_numbers *numbers)
{
    char sql[400];
    snprintf(sql, sizeof sql,
             "INSERT INTO numbering (name, next) VALUES ('%s', (SELECT COALESCE(MAX(id), 0) + 1 + %d FROM %s))"
             " ON CONFLICT (name) DO UPDATE SET next = numbering.next + %d RETURNING next",
             numbers->table, BLOCK, numbers->table, BLOCK);
    int64_t end = 0;
    enum fz_result result = connection->empties ? ask_within(connection, sql, &end) : ask(connection->store, sql, &end);
    if (result != FZ_OK)
        return result;
    if (numbers->end != end - BLOCK) /* else nobody has come in between: the block goes on */
        numbers->next = end - BLOCK;
    numbers->end = end;
    return FZ_OK;
}

enum fz_result fz_postgres_next_id(struct fz_tx *tx, const char *table, int64_t *out)
{
    struct fz_connection *connection = tx->connection;
    struct fz_store *store = connection->store;
    if (connection->failed)
        return FZ_FAILED;
    pthread_mutex_lock(&store->numbering);
    struct fz_numbers *numbers = place_of(store, table);
    enum fz_result result = numbers->next < numbers->end ? FZ_OK : take_block(connection, numbers);
    int64_t number = result == FZ_OK ? numbers->next++ : 0;
    if (result != FZ_OK && !connection->failed) {
        fz_copy(connection->failure, sizeof connection->failure, store->asking.failure);
        connection->lost = connection->lost || store->asking.lost; /* where the one has gone, the other has as well */
        connection->failed = true;
    }
    pthread_mutex_unlock(&store->numbering);
    if (result != FZ_OK)
        return FZ_FAILED;
    if (connection->taken_count < FZ_TAKEN_MAX)
        connection->taken[connection->taken_count++] = (struct fz_taken){numbers, number};
    *out = number;
    return FZ_OK;
}

void fz_numbers_give_back(struct fz_connection *connection, size_t since)
{
    pthread_mutex_lock(&connection->store->numbering);
    while (connection->taken_count > since) {
        struct fz_taken taken = connection->taken[--connection->taken_count];
        if (taken.numbers->next == taken.number + 1)
            taken.numbers->next--;
    }
    pthread_mutex_unlock(&connection->store->numbering);
}

void fz_numbers_follow(struct fz_store *store, const char *book)
{
    pthread_mutex_lock(&store->numbering);
    bool made_here = store->book[0] == '\0' && book[0] != '\0'; /* what was taken for it goes on */
    uint_fast64_t era = atomic_load(&store->era); /* a server that took over may not know which numbers were given */
    if ((strcmp(store->book, book) != 0 && !made_here) || era != store->numbers_era)
        for (size_t i = 0; i < FZ_TABLES_MAX; i++) /* each keeps its place: transactions under way have taken numbers of it */
            store->numbers[i].next = store->numbers[i].end = 0;
    store->numbers_era = era;
    fz_copy(store->book, sizeof store->book, book);
    pthread_mutex_unlock(&store->numbering);
}

void fz_numbers_return(struct fz_store *store)
{
    for (size_t i = 0; i < FZ_TABLES_MAX && store->numbers[i].table[0] != '\0'; i++) {
        const struct fz_numbers *numbers = &store->numbers[i];
        char sql[200];
        int64_t next = 0;
        if (numbers->next == numbers->end)
            continue;
        snprintf(sql, sizeof sql, "UPDATE numbering SET next = %lld WHERE name = '%s' AND next = %lld RETURNING next",
                 (long long)numbers->next, numbers->table, (long long)numbers->end);
        if (ask(store, sql, &next) != FZ_OK && store->asking.lost)
            return; /* there are enough */
    }
}
