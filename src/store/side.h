/* The two sides of a copy into another store: the book that is read, and the place that is filled. Which tables there are each engine's
 * catalogue says, so that none can be forgotten; rows are read in the order of their keys, which is the same in all engines.
 *
 * A place that is being filled is marked, and whoever would open it as a book is told so, until all of it is there. */
#ifndef FZ_STORE_SIDE_H
#define FZ_STORE_SIDE_H

#include "store/store.h"

#define FZ_CATALOGUE_NAME_SIZE 64
#define FZ_COLUMNS_MAX         64
#define FZ_KEY_MAX             8
#define FZ_CATALOGUE_MAX       64 /* tables */

struct fz_table_column {
    char name[FZ_CATALOGUE_NAME_SIZE];
    char letter; /* as in FZ_STATEMENT */
};

/* Columns are in the order of their names: engines add them in different ones. */
struct fz_table {
    char name[FZ_CATALOGUE_NAME_SIZE];
    struct fz_table_column columns[FZ_COLUMNS_MAX];
    size_t column_count;
    size_t key[FZ_KEY_MAX]; /* which of them are the primary key, first to last */
    size_t key_count;
};

struct fz_catalogue {
    struct fz_table tables[FZ_CATALOGUE_MAX]; /* by name */
    size_t count;
};
/* Adds a column, with its place in the primary key (from 1; 0: none); columns come by table and name. FZ_FULL: there are more than
 * can be. */
FZ_MUST_CHECK enum fz_result fz_catalogue_add(struct fz_catalogue *catalogue, const char *table, const char *column, char letter,
                                              int key);

/* What is read of a table, in SQL that all engines know. */
enum fz_reach {
    FZ_REACH_ALL,
    FZ_REACH_BEHIND, /* what has a key greater than $1, $2 … */
    FZ_REACH_LAST    /* the row with the greatest key */
};
void fz_table_select(const struct fz_table *table, enum fz_reach reach, struct fz_text *out);

/* Each engine's sides begin with this. */
struct fz_side {
    const struct fz_side_engine *engine;
    struct fz_text failure; /* what failed first: the end of a sentence; `data` is NULL while nothing did */
};
/* Takes down what failed, and gives FZ_FAILED. Only the first counts. */
enum fz_result fz_side_fail(struct fz_side *side, const char *format, ...) FZ_PRINTF(2, 3);

/* What FZ_FAILED means is in side->failure, but where there is a `why`. */
struct fz_side_engine {
    /* Holds the book at rest until `close`: nobody can write to it. FZ_ABSENT, FZ_CONFLICT (it is in use), FZ_REFUSED (its schema is
     * another program version's), FZ_FAILED; `why` is a sentence. */
    enum fz_result (*open_source)(const char *address, struct fz_side **out, char *why, size_t why_size);
    /* Marks the place as being filled with the book of that name, or takes up what was begun. FZ_CONFLICT: it is not empty, or in
     * use; the others as above. */
    enum fz_result (*open_target)(const char *address, const char *book, struct fz_side **out, char *why, size_t why_size);
    void (*close)(struct fz_side *side);

    enum fz_result (*catalogue)(struct fz_side *side, struct fz_catalogue *out);
    enum fz_result (*count)(struct fz_side *side, const struct fz_table *table, int64_t *out);
    /* Reads rows in the order of their keys, `after` one if that is not NULL. `next` gives a value for each column, borrowed until the
     * next call; FZ_ABSENT at the end. `read_end` also before that. */
    enum fz_result (*read)(struct fz_side *side, const struct fz_table *table, enum fz_reach reach, const struct fz_value *after);
    enum fz_result (*next)(struct fz_side *side, struct fz_value *out);
    void (*read_end)(struct fz_side *side);

    /* Of the target alone. Rows between `begin` and `commit` come whole or not at all, also after kill -9. FZ_MALFORMED: the engine
     * cannot keep such a value; `failure` says which. */
    enum fz_result (*begin)(struct fz_side *side, const struct fz_table *table);
    enum fz_result (*put)(struct fz_side *side, const struct fz_value *values);
    enum fz_result (*commit)(struct fz_side *side);
    enum fz_result (*empty)(struct fz_side *side, const struct fz_table *table);
    enum fz_result (*complete)(struct fz_side *side); /* all rows are there: references are looked at, and what was put off is done */
    enum fz_result (*release)(struct fz_side *side);  /* it is a book from here on */
};

extern const struct fz_side_engine fz_sqlite_side;
extern const struct fz_side_engine fz_postgres_side __attribute__((weak)); /* as fz_postgres */

#endif
