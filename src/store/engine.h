/* What an engine does for the store. Each has its own idea of what a store, a reader and a connection are; all of them begin with a pointer to
 * this table, which is all that the others know of them. */
#ifndef FZ_STORE_ENGINE_H
#define FZ_STORE_ENGINE_H

#include "store/store.h"

struct fz_engine {
    bool has_others; /* other processes may have the book open, too */
    int64_t slots; /* fz_slots; 1: there is one writer */

    /* As the functions of store.h that have the same names. */
    enum fz_result (*open)(const struct fz_store_options *options, struct fz_store **out, char *why, size_t why_size);
    void (*close)(struct fz_store *store);
    enum fz_result (*reader_open)(struct fz_store *store, struct fz_reader **out);
    void (*reader_close)(struct fz_reader *reader);
    void (*reader_interrupt)(struct fz_reader *reader);
    void (*reader_wait)(struct fz_reader *reader, int64_t wait_ms); /* may be NULL: there is nothing to wait for */
    void (*reader_hurry)(struct fz_reader *reader, int64_t most_ms); /* this and the next may be NULL: it does not go away */
    void (*wait_no_more)(struct fz_store *store);
    enum fz_result (*read)(struct fz_reader *reader, fz_ahead ahead, fz_work work, void *argument, struct fz_error *error); /* fz_store_read_ahead */
    enum fz_result (*pass_day)(struct fz_reader *reader, int day, int64_t most_ms, struct fz_error *error); /* fz_store_pass_day; this and the next may be NULL: nothing to wait for */
    enum fz_result (*close_day)(struct fz_tx *tx, int day);
    enum fz_result (*submit)(struct fz_store *store, struct fz_write *write);
    void (*answering)(struct fz_store *store); /* these two may be NULL: it does not matter */
    void (*answered)(struct fz_store *store);
    enum fz_result (*renew)(struct fz_store *store, const struct fz_renewal *renewal, struct fz_error *error);
    void (*checkpoint)(struct fz_store *store);
    bool (*is_there)(const struct fz_store *store);
    void (*health)(struct fz_store *store, struct fz_store_health *out);

    enum fz_result (*attempt)(struct fz_tx *tx, fz_work work, void *argument);
    enum fz_result (*run)(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count,
                          int64_t *changed);
    /* These two may be NULL: it is fz_insert then, and nothing is asked ahead. */
    enum fz_result (*insert_new)(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count);
    void (*ask)(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count);
    enum fz_result (*query)(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count,
                            struct fz_cursor *out);
    enum fz_result (*next)(struct fz_cursor *cursor);
    void (*done)(struct fz_cursor *cursor); /* of one that is open */
    int64_t (*integer)(const struct fz_cursor *cursor, int column);
    const char *(*string)(const struct fz_cursor *cursor, int column);
    const void *(*bytes)(const struct fz_cursor *cursor, int column, size_t *size);
    bool (*is_null)(const struct fz_cursor *cursor, int column);
    enum fz_result (*next_id)(struct fz_tx *tx, const char *table, int64_t *out);
};

extern const struct fz_engine fz_sqlite;
extern const struct fz_engine fz_postgres __attribute__((weak)); /* at NULL in a program that was built without it */

#endif
