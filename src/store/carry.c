/* A book carried over, table by table: rows in pieces, then a comparison of everything. */
#include "store/carry.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/side.h"

/* Of a piece, which is a transaction. So much is brought over again after a kill. */
#define PIECE_ROWS  20000
#define PIECE_BYTES (16 << 20)
#define TELL_EVERY  1000 /* rows */

/* A copy under way. */
struct carrying {
    const struct fz_carry *with;
    struct fz_side *from, *to;
    struct fz_catalogue tables;
    struct fz_carry_at at;
    char *why;
    size_t why_size;
};

static const struct fz_side_engine *engine_of(const char *address)
{
    return fz_store_is_shared(address) ? &fz_postgres_side : &fz_sqlite_side;
}

static bool is_linked(const struct fz_carry *carry, char *why, size_t why_size)
{
    if (engine_of(carry->from) != NULL && engine_of(carry->to) != NULL)
        return true;
    snprintf(why, why_size, "A book on PostgreSQL cannot be copied: this program was built without that engine.");
    return false;
}

/* ---- what it comes to ---- */

static enum fz_result fails(struct carrying *job, const struct fz_side *side, enum fz_result result)
{
    bool source = side == job->from;
    snprintf(job->why, job->why_size, "The %s: %s. %s", source ? "book that is copied" : "copy",
             side->failure.data == NULL ? "memory is short" : side->failure.data,
             result == FZ_MALFORMED ? "Nothing of the book that is copied was changed."
                                    : "What arrived stays, and the same command goes on from there; nothing of the book that is copied was "
                                      "changed.");
    return result;
}

static void describe(const struct fz_table *table, const struct fz_value *row, struct fz_text *out)
{
    fz_text_format(out, "table %s, row", table->name);
    for (size_t i = 0; i < table->key_count; i++) {
        const struct fz_value *value = &row[table->key[i]];
        fz_text_format(out, "%s %s ", i == 0 ? "" : ",", table->columns[table->key[i]].name);
        if (value->kind == FZ_VALUE_INT)
            fz_text_format(out, "%" PRId64, value->integer);
        else
            fz_text_add(out, value->data, value->size);
    }
}

static enum fz_result cannot_keep(struct carrying *job, const struct fz_table *table, const struct fz_value *row)
{
    FZ_CLEANUP(fz_text_done) struct fz_text where = {.max = 400};
    describe(table, row, &where);
    const char *what = job->to->failure.data == NULL ? "it cannot be kept there" : job->to->failure.data;
    snprintf(job->why, job->why_size, "%s: %s. Nothing of the book that is copied was changed.",
             where.data == NULL ? table->name : where.data, what);
    return FZ_MALFORMED;
}

static void tell(struct carrying *job, int64_t rows)
{
    job->at.table_rows += rows;
    job->at.rows += rows;
    if (rows == 0 || job->at.table_rows % TELL_EVERY == 0)
        job->with->tell(&job->at, job->with->argument);
}

static void tell_end(struct carrying *job)
{
    job->at.ended = true;
    tell(job, 0);
    job->at.ended = false;
}

/* ---- a row that outlasts the next one ---- */

struct kept_key {
    struct fz_value values[FZ_KEY_MAX];
    void *data[FZ_KEY_MAX];
};

static void forget(struct kept_key *key)
{
    for (size_t i = 0; i < FZ_KEY_MAX; i++)
        free(key->data[i]);
    *key = (struct kept_key){0};
}

static enum fz_result keep(const struct fz_table *table, const struct fz_value *row, struct kept_key *out)
{
    for (size_t i = 0; i < table->key_count; i++) {
        struct fz_value *to = &out->values[i];
        *to = row[table->key[i]];
        if (to->kind == FZ_VALUE_INT)
            continue;
        out->data[i] = malloc(to->size + 1);
        if (out->data[i] == NULL)
            return FZ_FAILED;
        memcpy(out->data[i], to->data, to->size);
        to->data = out->data[i];
    }
    return FZ_OK;
}

/* ---- rows brought over ---- */

/* The key of the last row that arrived. FZ_ABSENT: none did. */
static enum fz_result find_last(struct carrying *job, const struct fz_table *table, struct kept_key *out)
{
    struct fz_value row[FZ_COLUMNS_MAX];
    enum fz_result result = job->to->engine->read(job->to, table, FZ_REACH_LAST, NULL);
    if (result == FZ_OK)
        result = job->to->engine->next(job->to, row);
    if (result == FZ_OK)
        result = keep(table, row, out);
    job->to->engine->read_end(job->to);
    return result == FZ_OK || result == FZ_ABSENT ? result : fails(job, job->to, FZ_FAILED);
}

static size_t size_of(const struct fz_table *table, const struct fz_value *row)
{
    size_t size = 0;
    for (size_t i = 0; i < table->column_count; i++)
        size += row[i].kind == FZ_VALUE_INT ? 8 : row[i].size;
    return size;
}

/* A piece: FZ_ABSENT behind the last row. */
static enum fz_result bring_piece(struct carrying *job, const struct fz_table *table, bool *begun)
{
    struct fz_value row[FZ_COLUMNS_MAX];
    size_t bytes = 0, rows = 0;
    enum fz_result result = FZ_OK;
    while (result == FZ_OK && rows < PIECE_ROWS && bytes < PIECE_BYTES) {
        result = job->from->engine->next(job->from, row);
        if (result != FZ_OK)
            return result == FZ_ABSENT ? FZ_ABSENT : fails(job, job->from, result);
        if (!*begun && job->to->engine->begin(job->to, table) != FZ_OK)
            return fails(job, job->to, FZ_FAILED);
        *begun = true;
        result = job->to->engine->put(job->to, row);
        if (result != FZ_OK)
            return result == FZ_MALFORMED ? cannot_keep(job, table, row) : fails(job, job->to, result);
        bytes += size_of(table, row);
        rows++;
        tell(job, 1);
    }
    return result;
}

static enum fz_result bring(struct carrying *job, const struct fz_table *table, const struct fz_value *after)
{
    enum fz_result result = job->from->engine->read(job->from, table, after == NULL ? FZ_REACH_ALL : FZ_REACH_BEHIND, after);
    if (result != FZ_OK)
        result = fails(job, job->from, result);
    while (result == FZ_OK) {
        bool begun = false;
        result = bring_piece(job, table, &begun);
        if (begun && (result == FZ_OK || result == FZ_ABSENT) && job->to->engine->commit(job->to) != FZ_OK)
            result = fails(job, job->to, FZ_FAILED);
    }
    job->from->engine->read_end(job->from);
    return result == FZ_ABSENT ? FZ_OK : result;
}

static enum fz_result bring_rest(struct carrying *job, const struct fz_table *table)
{
    struct kept_key last = {0};
    int64_t there = 0;
    if (job->to->engine->count(job->to, table, &there) != FZ_OK)
        return fails(job, job->to, FZ_FAILED);
    job->at.table = table->name;
    job->at.table_rows = 0;
    job->at.found += there;
    tell(job, there);
    enum fz_result result = find_last(job, table, &last);
    if (result == FZ_OK || result == FZ_ABSENT)
        result = bring(job, table, result == FZ_OK ? last.values : NULL);
    forget(&last);
    if (result == FZ_OK)
        tell_end(job);
    return result;
}

/* ---- rows compared ---- */

static bool is_same(const struct fz_value *a, const struct fz_value *b)
{
    if (a->kind != b->kind || a->kind == FZ_VALUE_NULL)
        return a->kind == b->kind;
    if (a->kind == FZ_VALUE_INT)
        return a->integer == b->integer;
    return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

static bool is_same_row(const struct fz_table *table, const struct fz_value *a, const struct fz_value *b)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (!is_same(&a[i], &b[i]))
            return false;
    return true;
}

static enum fz_result differs(struct carrying *job, const struct fz_table *table, const struct fz_value *row)
{
    FZ_CLEANUP(fz_text_done) struct fz_text where = {.max = 400};
    describe(table, row, &where);
    snprintf(job->why, job->why_size,
             "The copy differs from the book in %s. Nothing of the book was changed; begin again with an empty target.",
             where.data == NULL ? table->name : where.data);
    return FZ_CONFLICT;
}

/* Row by row, of both at once. */
static enum fz_result compare_rows(struct carrying *job, const struct fz_table *table)
{
    struct fz_value ours[FZ_COLUMNS_MAX], theirs[FZ_COLUMNS_MAX];
    for (;;) {
        enum fz_result from = job->from->engine->next(job->from, ours), to = job->to->engine->next(job->to, theirs);
        if (from == FZ_FAILED || to == FZ_FAILED)
            return fails(job, from == FZ_FAILED ? job->from : job->to, FZ_FAILED);
        if (from == FZ_ABSENT && to == FZ_ABSENT)
            return FZ_OK;
        if (from != to || !is_same_row(table, ours, theirs))
            return differs(job, table, from == FZ_OK ? ours : theirs);
        tell(job, 1);
    }
}

/* FZ_CONFLICT: they differ. */
static enum fz_result compare(struct carrying *job, const struct fz_table *table)
{
    job->at.table = table->name;
    job->at.table_rows = 0;
    tell(job, 0);
    enum fz_result result = job->from->engine->read(job->from, table, FZ_REACH_ALL, NULL);
    if (result != FZ_OK)
        return fails(job, job->from, result);
    result = job->to->engine->read(job->to, table, FZ_REACH_ALL, NULL);
    result = result == FZ_OK ? compare_rows(job, table) : fails(job, job->to, result);
    job->to->engine->read_end(job->to);
    job->from->engine->read_end(job->from);
    return result;
}

/* The book may have gone on between two runs: what an earlier one brought over is then out of date. */
static enum fz_result make_anew(struct carrying *job, const struct fz_table *table)
{
    int64_t rows = job->at.rows - job->at.table_rows;
    if (job->to->engine->empty(job->to, table) != FZ_OK)
        return fails(job, job->to, FZ_FAILED);
    enum fz_result result = bring(job, table, NULL);
    job->at.rows = rows;
    return result == FZ_OK ? compare(job, table) : result;
}

static enum fz_result compare_or_mend(struct carrying *job, const struct fz_table *table)
{
    enum fz_result result = compare(job, table);
    if (result == FZ_CONFLICT && job->at.found > 0)
        result = make_anew(job, table);
    return result;
}

/* ---- both sides ---- */

static bool is_same_table(const struct fz_table *a, const struct fz_table *b)
{
    bool same = strcmp(a->name, b->name) == 0 && a->column_count == b->column_count && a->key_count == b->key_count &&
                memcmp(a->key, b->key, sizeof a->key) == 0;
    for (size_t i = 0; same && i < a->column_count; i++)
        same = a->columns[i].letter == b->columns[i].letter && strcmp(a->columns[i].name, b->columns[i].name) == 0;
    return same && a->key_count > 0;
}

/* Of the tables at that place: the one that the other side lacks, or has differently. */
static const char *first_of(const struct fz_catalogue *a, const struct fz_catalogue *b, size_t place)
{
    if (place >= a->count || place >= b->count)
        return place < a->count ? a->tables[place].name : b->tables[place].name;
    return strcmp(a->tables[place].name, b->tables[place].name) < 0 ? a->tables[place].name : b->tables[place].name;
}

/* What one side has and the other has not would be lost without a word. */
static enum fz_result compare_catalogues(struct carrying *job)
{
    static struct fz_catalogue there;
    if (job->from->engine->catalogue(job->from, &job->tables) != FZ_OK)
        return fails(job, job->from, FZ_FAILED);
    if (job->to->engine->catalogue(job->to, &there) != FZ_OK)
        return fails(job, job->to, FZ_FAILED);
    for (size_t i = 0; i < job->tables.count || i < there.count; i++) {
        if (i < job->tables.count && i < there.count && is_same_table(&job->tables.tables[i], &there.tables[i]))
            continue;
        snprintf(job->why, job->why_size,
                 "The tables of both sides are not the same: look at %s. Something is there that this program has not made: take it "
                 "away, or name an empty target. Nothing of the book was changed.",
                 first_of(&job->tables, &there, i));
        return FZ_CONFLICT;
    }
    return FZ_OK;
}

/* The book's own name, by which a half-made copy is known again. */
static enum fz_result find_name(struct carrying *job, char *out, size_t size)
{
    static const struct fz_table book = {
        .name = "book", .columns = {{"id", 'i'}, {"name", 't'}, {"created_ms", 'i'}}, .column_count = 3, .key = {0}, .key_count = 1};
    struct fz_value row[3];
    enum fz_result result = job->from->engine->read(job->from, &book, FZ_REACH_ALL, NULL);
    if (result == FZ_OK)
        result = job->from->engine->next(job->from, row);
    if (result == FZ_OK)
        snprintf(out, size, "%.*s %" PRId64, (int)row[1].size, row[1].data == NULL ? "" : (const char *)row[1].data, row[2].integer);
    job->from->engine->read_end(job->from);
    if (result != FZ_ABSENT)
        return result == FZ_OK ? FZ_OK : fails(job, job->from, result);
    snprintf(job->why, job->why_size, "There is nothing to copy: no book was made there yet. Name one that a server has begun.");
    return FZ_ABSENT;
}

static void close_both(struct carrying *job)
{
    if (job->to != NULL)
        job->to->engine->close(job->to);
    if (job->from != NULL)
        job->from->engine->close(job->from);
}

/* On FZ_OK and on anything else: close_both. */
static enum fz_result open_both(struct carrying *job)
{
    char book[200];
    const struct fz_carry *with = job->with;
    if (!is_linked(with, job->why, job->why_size))
        return FZ_FAILED;
    enum fz_result result = engine_of(with->from)->open_source(with->from, &job->from, job->why, job->why_size);
    if (result == FZ_OK)
        result = find_name(job, book, sizeof book);
    if (result == FZ_OK)
        result = engine_of(with->to)->open_target(with->to, book, &job->to, job->why, job->why_size);
    return result == FZ_OK ? compare_catalogues(job) : result;
}

/* Both sides opened, `work` done and both closed. */
static enum fz_result with_both(const struct fz_carry *carry, enum fz_result (*work)(struct carrying *job), char *why, size_t why_size)
{
    struct carrying *job = calloc(1, sizeof *job);
    if (job == NULL) {
        snprintf(why, why_size, "Memory is short.");
        return FZ_FAILED;
    }
    job->with = carry;
    job->why = why;
    job->why_size = why_size;
    enum fz_result result = open_both(job);
    if (result == FZ_OK)
        result = work(job);
    close_both(job);
    free(job);
    return result;
}

static enum fz_result look(struct carrying *job)
{
    (void)job; /* that both can be opened is all that is asked */
    return FZ_OK;
}

enum fz_result fz_carry_look(const struct fz_carry *carry, char *why, size_t why_size)
{
    return with_both(carry, look, why, why_size);
}

static enum fz_result count_all(struct carrying *job)
{
    for (size_t i = 0; i < job->tables.count; i++) {
        int64_t rows = 0;
        if (job->from->engine->count(job->from, &job->tables.tables[i], &rows) != FZ_OK)
            return fails(job, job->from, FZ_FAILED);
        job->at.total += rows;
    }
    return FZ_OK;
}

static enum fz_result for_each(struct carrying *job, enum fz_carry_stage stage,
                               enum fz_result (*what)(struct carrying *job, const struct fz_table *table))
{
    enum fz_result result = FZ_OK;
    job->at.stage = stage;
    job->at.rows = 0;
    for (size_t i = 0; result == FZ_OK && i < job->tables.count; i++)
        result = what(job, &job->tables.tables[i]);
    return result;
}

static enum fz_result complete(struct carrying *job)
{
    job->at.stage = FZ_CARRY_COMPLETES;
    job->at.table = NULL;
    tell(job, 0);
    return job->to->engine->complete(job->to) == FZ_OK ? FZ_OK : fails(job, job->to, FZ_FAILED);
}

static enum fz_result carry_rows(struct carrying *job)
{
    enum fz_result result = count_all(job);
    if (result == FZ_OK)
        result = for_each(job, FZ_CARRY_COPIES, bring_rest);
    if (result == FZ_OK)
        result = for_each(job, FZ_CARRY_COMPARES, compare_or_mend);
    return result == FZ_OK ? complete(job) : result;
}

enum fz_result fz_carry_rows(const struct fz_carry *carry, char *why, size_t why_size)
{
    return with_both(carry, carry_rows, why, why_size);
}

static enum fz_result release(struct carrying *job)
{
    return job->to->engine->release(job->to) == FZ_OK ? FZ_OK : fails(job, job->to, FZ_FAILED);
}

enum fz_result fz_carry_release(const struct fz_carry *carry, char *why, size_t why_size)
{
    return with_both(carry, release, why, why_size);
}
