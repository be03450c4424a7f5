/* Reads that tell beforehand what they ask: one message, one state, and no less right where they ask more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "unit/store/postgres/shared.h"

FZ_STATEMENT(entry_of, "SELECT subject FROM entry WHERE id = $1", "i", "i");
FZ_STATEMENT(entry_of_kind, "SELECT kind FROM entry WHERE id = $1", "i", "i");

FZ_STATEMENT(isolation, "SELECT current_setting('transaction_isolation') || ', ' || current_setting('transaction_read_only')", "", "t");
FZ_STATEMENT(left_behind,
             "SELECT current_setting('default_transaction_isolation') || ', ' || current_setting('default_transaction_read_only')", "", "t");

static struct shared book;
static struct fz_reader *reader;

/* What a work asks, and what it found. */
struct look {
    int64_t id;
    bool cuts;      /* the wire, before it asks */
    bool asks_kind; /* which it did not tell */
    int runs;
    int64_t subject, kind, now_ms;
    uint64_t snapshot;
};

static void ahead(struct fz_tx *tx, void *argument)
{
    const struct look *look = argument;
    fz_ask_ahead(tx, &entry_of, FZ_VALUES(FZ_I(look->id)));
}

static enum fz_result ask(struct fz_tx *tx, const struct fz_statement *statement, int64_t id, int64_t *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, statement, FZ_VALUES(FZ_I(id)), &row);
    if (result == FZ_OK)
        *out = fz_int(&row, 0);
    return result;
}

static enum fz_result work(struct fz_tx *tx, void *argument)
{
    struct look *look = argument;
    look->runs++;
    look->now_ms = tx->now_ms;
    look->snapshot = tx->snapshot;
    if (look->cuts && look->runs == 1)
        shared_cut(true);
    enum fz_result result = ask(tx, &entry_of, look->id, &look->subject);
    return result == FZ_OK && look->asks_kind ? ask(tx, &entry_of_kind, look->id, &look->kind) : result;
}

/* A process's first read looks at the whole book, whatever it was told. */
static void meet(void)
{
    struct look look = {.id = 7};
    assert_int_equal(fz_store_read_ahead(reader, ahead, work, &look, NULL), FZ_OK);
}

static int open_with(struct fz_store_options options)
{
    shared_open(&book, "glance", options);
    shared_say(&book, "INSERT INTO clock (id, book_ms, wire_ms, frozen) VALUES (1, 1767628799999, 1, 1)");
    shared_say(&book, "INSERT INTO book (id, seeded, seed, demo, created_ms, story, name) VALUES (1, 0, 0, 0, 0, 0, 'first')");
    shared_say(&book, "INSERT INTO entry (id, kind, subject, time_ms) VALUES (7, 4, 70, 1)");
    if (fz_reader_open(book.store, &reader) != FZ_OK)
        return 1;
    meet();
    return 0;
}

static int open_book(void **state)
{
    (void)state;
    return open_with((struct fz_store_options){0});
}

static int open_plainly(void **state)
{
    (void)state;
    return open_with((struct fz_store_options){.one_by_one = true, .unprepared = true});
}

static int open_unprepared(void **state)
{
    (void)state;
    return open_with((struct fz_store_options){.unprepared = true});
}

static int close_book(void **state)
{
    (void)state;
    fz_reader_close(reader);
    shared_close(&book);
    return 0;
}

static struct look look_at(struct look look, enum fz_result wanted)
{
    assert_int_equal(fz_store_read_ahead(reader, ahead, work, &look, NULL), wanted);
    return look;
}

static void what_was_told_is_there(void **state)
{
    (void)state;
    struct look look = look_at((struct look){.id = 7}, FZ_OK);
    assert_int_equal(look.runs, 1);
    assert_int_equal(look.subject, 70);
    assert_int_equal(look.now_ms, 1767628799999); /* the book's clock, which stands */
    assert_int_equal(look_at((struct look){.id = 8}, FZ_ABSENT).runs, 1);
}

/* The same, of one that glances. Who comes half a second after the latest look at the whole book looks again: then once more. */
static struct look glance_at(struct look wanted, int runs)
{
    struct look look = {0};
    for (int tries = 0; look.runs != runs && tries < 5; tries++) {
        meet();
        look = look_at(wanted, FZ_OK);
    }
    assert_int_equal(look.runs, runs);
    return look;
}

/* Once the work runs nothing more goes to the server: it may as well be gone. */
static void it_was_all_in_one_message(void **state)
{
    (void)state;
    assert_int_equal(glance_at((struct look){.id = 7, .cuts = true}, 1).subject, 70);
    assert_int_equal(look_at((struct look){.id = 7}, FZ_OK).subject, 70); /* on a new connection */
    assert_int_equal(glance_at((struct look){.id = 7, .cuts = true}, 1).subject, 70);
}

static enum fz_result ask_text(struct fz_tx *tx, const struct fz_statement *statement, char said[64])
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, statement, NULL, 0, &row);
    if (result == FZ_OK)
        snprintf(said, 64, "%s", fz_string(&row, 0));
    return result;
}

/* Two questions: one alone would be one statement. */
static void ask_isolation(struct fz_tx *tx, void *argument)
{
    (void)argument;
    fz_ask_ahead(tx, &entry_of, FZ_VALUES(FZ_I(7)));
    fz_ask_ahead(tx, &isolation, NULL, 0);
}

static enum fz_result read_isolation(struct fz_tx *tx, void *said)
{
    return ask_text(tx, &isolation, said);
}

/* Whatever is asked in it sees one state, and nothing changes it. */
static void more_questions_than_one_have_one_snapshot(void **state)
{
    (void)state;
    char said[64];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fz_store_read_ahead(reader, ask_isolation, read_isolation, said, NULL), FZ_OK);
        assert_string_equal(said, "repeatable read, on");
    }
}

static void ask_left_behind(struct fz_tx *tx, void *argument)
{
    (void)argument;
    fz_ask_ahead(tx, &left_behind, NULL, 0);
}

static enum fz_result read_left_behind(struct fz_tx *tx, void *said)
{
    return ask_text(tx, &left_behind, said);
}

/* A pooler gives the connection to another of its clients, who may be about to write. */
static void nothing_is_set_for_who_gets_the_connection_next(void **state)
{
    (void)state;
    char said[64];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fz_store_read_ahead(reader, ask_left_behind, read_left_behind, said, NULL), FZ_OK);
        assert_string_equal(said, "read committed, off");
    }
}

static void who_asks_more_is_run_again(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct look look = glance_at((struct look){.id = 7, .asks_kind = true}, 2);
        assert_int_equal(look.subject, 70);
        assert_int_equal(look.kind, 4);
    }
}

static void without_pipelines_it_is_asked_one_by_one(void **state)
{
    (void)state;
    struct look look = look_at((struct look){.id = 7, .asks_kind = true}, FZ_OK);
    assert_int_equal(look.runs, 1);
    assert_int_equal(look.kind, 4);
}

static void a_book_in_the_making_is_read_at_leisure(void **state)
{
    (void)state;
    shared_say(&book, "DELETE FROM clock");
    struct look look = look_at((struct look){.id = 7}, FZ_OK);
    assert_int_equal(look.runs, 1);
    assert_int_equal(look.subject, 70);
}

static void what_fails_is_told_and_the_next_read_is_good(void **state)
{
    (void)state;
    shared_say(&book, "ALTER TABLE entry RENAME COLUMN subject TO object");
    (void)look_at((struct look){.id = 7}, FZ_FAILED);
    shared_say(&book, "ALTER TABLE entry RENAME COLUMN object TO subject");
    assert_int_equal(look_at((struct look){.id = 7}, FZ_OK).subject, 70);
}

static uint64_t snapshot(bool tells)
{
    struct look look = {.id = 7};
    assert_int_equal(fz_store_read_ahead(reader, tells ? ahead : NULL, work, &look, NULL), FZ_OK);
    assert_int_not_equal(look.snapshot, 0);
    return look.snapshot;
}

/* Who reads all the time looks at the whole book as often as that. */
static void wait_half_a_second(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 510 * 1000000L}, NULL);
}

static void a_schema_that_is_too_new_is_found_within_half_a_second(void **state)
{
    (void)state;
    shared_say(&book, "UPDATE schema_version SET needed = 1000");
    wait_half_a_second();
    (void)look_at((struct look){.id = 7}, FZ_FAILED);
    (void)look_at((struct look){.id = 7}, FZ_FAILED);
}

static void merchants_hold_until_one_is_changed_or_the_book_is_another(void **state)
{
    (void)state;
    uint64_t first = snapshot(true);
    assert_int_equal(snapshot(true), first);
    assert_int_equal(snapshot(false), first);
    shared_say(&book, "UPDATE book SET changes = changes + 1");
    uint64_t second = snapshot(false); /* looks at the whole book, and so for all that only glance at it */
    assert_int_not_equal(second, first);
    assert_int_equal(snapshot(true), second);
    shared_say(&book, "UPDATE book SET name = 'second'");
    wait_half_a_second();
    uint64_t third = snapshot(true);
    assert_int_not_equal(third, second);
    shared_say(&book, "UPDATE book SET name = 'first'"); /* nobody remembers for longer than one read */
    assert_int_not_equal(snapshot(false), third);
}

#define EACH(name, setup) cmocka_unit_test_setup_teardown(name, setup, close_book)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(what_was_told_is_there, open_book),
        EACH(it_was_all_in_one_message, open_book),
        EACH(it_was_all_in_one_message, open_unprepared),
        EACH(more_questions_than_one_have_one_snapshot, open_book),
        EACH(more_questions_than_one_have_one_snapshot, open_unprepared),
        EACH(nothing_is_set_for_who_gets_the_connection_next, open_book),
        EACH(who_asks_more_is_run_again, open_book),
        EACH(without_pipelines_it_is_asked_one_by_one, open_plainly),
        EACH(a_book_in_the_making_is_read_at_leisure, open_book),
        EACH(what_fails_is_told_and_the_next_read_is_good, open_book),
        EACH(a_schema_that_is_too_new_is_found_within_half_a_second, open_book),
        EACH(merchants_hold_until_one_is_changed_or_the_book_is_another, open_book),
    };
    return cmocka_run_group_tests_name("store/postgres/glance", tests, NULL, NULL);
}
