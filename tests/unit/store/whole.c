/* A book does not lose anything in silence: whatever of its files is missing or changed after a kill, it is refused,
 * with what to do; and whatever a kill or a power loss leaves, at each call of the disk, it is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "unit/store/fault_vfs.h"
#include "unit/store/ledger.h"

#define TRANSFERS 20

/* A server that was killed after it had acknowledged transfers 1 to TRANSFERS, the last TRANSFERS of its commits:
 * the one before them made the accounts. None of them is in the book's file alone. */
static struct ledger killed;

static void transfer(struct ledger *ledger, int64_t number)
{
    struct transfer one = {number, 1 + number % 10, 1 + (number + 1) % 10, 1};
    assert_int_equal(fz_store_write(ledger->store, ledger_transfer, &one, NULL), FZ_OK);
}

static int kill_one(void **state)
{
    (void)state;
    struct ledger running;
    ledger_new(&running, NULL);
    fz_store_checkpoint(running.store);
    for (int64_t number = 1; number <= TRANSFERS; number++)
        transfer(&running, number);
    ledger_copy(&running, &killed);
    ledger_remove(&running);
    return 0;
}

static int remove_killed(void **state)
{
    (void)state;
    ledger_remove(&killed);
    return 0;
}

static enum fz_result try_open(struct ledger *ledger, char why[1024])
{
    struct fz_store_options options = {.path = ledger->path, .world = ledger->world};
    why[0] = '\0';
    return fz_store_open(&options, &ledger->store, why, 1024);
}

static size_t read_whole(const struct ledger *ledger, const char *ending, unsigned char *out, size_t size)
{
    char name[96];
    ledger_path(ledger, ending, name);
    int file = open(name, O_RDONLY);
    if (file < 0)
        return 0;
    ssize_t got = read(file, out, size);
    close(file);
    assert_true(got >= 0 && (size_t)got < size);
    return (size_t)got;
}

static void flip(const struct ledger *ledger, const char *ending, off_t at)
{
    char name[96];
    unsigned char byte;
    ledger_path(ledger, ending, name);
    int file = open(name, O_RDWR);
    assert_int_equal(pread(file, &byte, 1, at), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(file, &byte, 1, at), 1);
    close(file);
}

/* Refused in these words, and its WAL is as it was: what it holds may still be wanted. */
static void refused(struct ledger *ledger, const char *first, const char *second)
{
    static unsigned char before[1 << 20], after[1 << 20];
    char why[1024];
    size_t size = read_whole(ledger, "-wal", before, sizeof before);
    assert_int_equal(try_open(ledger, why), FZ_FAILED);
    if (strstr(why, first) == NULL || strstr(why, second) == NULL)
        fail_msg("not what was expected: %s", why);
    assert_int_equal(read_whole(ledger, "-wal", after, sizeof after), size);
    assert_memory_equal(before, after, size);
}

static void has_all(struct ledger *ledger, int64_t transfers)
{
    struct ledger_state seen = ledger_state(ledger);
    assert_int_equal(seen.transfers, transfers);
    assert_int_equal(seen.total, LEDGER_ACCOUNTS * LEDGER_START);
}

static void as_it_was_left_it_opens(void **state)
{
    (void)state;
    ledger_open(&killed, NULL);
    has_all(&killed, TRANSFERS);
}

static void without_its_wal(void **state)
{
    (void)state;
    char name[96];
    ledger_path(&killed, "-wal", name);
    assert_int_equal(unlink(name), 0);
    refused(&killed, "ends at commit 1, but commit 21 was acknowledged", "-acknowledged");
    /* Its owner may go on without what is missing. */
    ledger_path(&killed, "-acknowledged", name);
    assert_int_equal(unlink(name), 0);
    ledger_open(&killed, NULL);
    has_all(&killed, 0);
    transfer(&killed, 1);
}

/* Bytes 0 to 31: magic, version, size of a page, round, salts, checksum. */
static void with_any_byte_of_its_wals_head_changed(void **state)
{
    (void)state;
    for (off_t at = 0; at < 32; at++) {
        flip(&killed, "-wal", at);
        refused(&killed, "head of", "move the WAL away");
        flip(&killed, "-wal", at);
    }
    ledger_open(&killed, NULL);
    has_all(&killed, TRANSFERS);
}

/* In its first frame, in one in the middle and in its last. */
static void with_a_frame_of_its_wal_changed(void **state)
{
    (void)state;
    char name[96];
    struct stat wal;
    ledger_path(&killed, "-wal", name);
    assert_int_equal(stat(name, &wal), 0);
    long frames = (wal.st_size - 32) / (4096 + 24);
    assert_true(frames >= TRANSFERS);
    const long changed[] = {0, frames / 2, frames - 1};
    for (size_t i = 0; i < 3; i++) {
        off_t at = 32 + changed[i] * (4096 + 24) + 100;
        flip(&killed, "-wal", at);
        refused(&killed, "but commit 21 was acknowledged", "Put back");
        flip(&killed, "-wal", at);
    }
    ledger_open(&killed, NULL);
    has_all(&killed, TRANSFERS);
}

static void cut_short(void **state)
{
    (void)state;
    char name[96];
    ledger_path(&killed, "-wal", name);
    assert_int_equal(truncate(name, 32 + 3 * (4096 + 24)), 0);
    refused(&killed, "but commit 21 was acknowledged", "Put back");
    assert_int_equal(truncate(name, 0), 0);
    refused(&killed, "but commit 21 was acknowledged", "Put back");
}

static void emptied_or_removed(void **state)
{
    (void)state;
    struct stat found;
    assert_int_equal(truncate(killed.path, 0), 0);
    refused(&killed, "is empty, but there was one", "another data directory");
    assert_int_equal(unlink(killed.path), 0);
    refused(&killed, "is not there, but there was one", "another data directory");
    assert_int_equal(stat(killed.path, &found), -1); /* no new one was made */
}

/* The number alone does not tell: there is a WAL for it. */
static void emptied_with_its_count(void **state)
{
    (void)state;
    char name[96];
    ledger_path(&killed, "-acknowledged", name);
    assert_int_equal(unlink(name), 0);
    assert_int_equal(truncate(killed.path, 0), 0);
    refused(&killed, "is empty, but there was one", "-wal");
}

static void replaced_by_an_older_copy(void **state)
{
    (void)state;
    struct ledger older;
    char name[96];
    ledger_copy(&killed, &older);
    ledger_open(&killed, NULL);
    transfer(&killed, TRANSFERS + 1);
    ledger_close(&killed);
    ledger_open(&older, NULL);
    ledger_close(&older); /* a whole book, and no WAL */
    ledger_copy_file(older.path, killed.path);
    ledger_remove(&older);
    refused(&killed, "ends at commit 21, but commit 22 was acknowledged", "older copy");
    ledger_path(&killed, "-acknowledged", name);
    assert_int_equal(truncate(name, 0), 0);
    ledger_open(&killed, NULL);
    has_all(&killed, TRANSFERS);
}

static void a_damaged_count_is_refused(void **state)
{
    (void)state;
    flip(&killed, "-acknowledged", 3);
    refused(&killed, "-acknowledged, which says how far", "remove it");
}

/* A book of a version without these numbers. */
static void a_book_without_a_count_gets_one(void **state)
{
    (void)state;
    unsigned char text[64];
    char name[96];
    ledger_path(&killed, "-acknowledged", name);
    assert_int_equal(unlink(name), 0);
    ledger_open(&killed, NULL);
    assert_int_equal(read_whole(&killed, "-acknowledged", text, sizeof text), 21);
    assert_memory_equal(text, "00000000000000000021\n", 21);
    has_all(&killed, TRANSFERS);
}

static void a_refusal_counts_no_commit(void **state)
{
    (void)state;
    unsigned char text[64];
    ledger_open(&killed, NULL);
    struct transfer too_much = {TRANSFERS + 1, 1, 2, 100000}, taken = {1, 1, 2, 1};
    struct fz_error error;
    assert_int_equal(fz_store_write(killed.store, ledger_transfer, &too_much, &error), FZ_REFUSED);
    assert_int_equal(fz_store_write(killed.store, ledger_transfer, &taken, &error), FZ_CONFLICT);
    assert_int_equal(read_whole(&killed, "-acknowledged", text, sizeof text), 21);
    assert_memory_equal(text, "00000000000000000021\n", 21);
}

/* Power was lost when the WAL had just begun anew: its head is of the new round, its frames are of the old one. */
static void a_wal_in_which_nothing_counts_is_told(void **state)
{
    (void)state;
    char told[1024];
    struct ledger whole;
    unsigned char head[32];
    ledger_open(&killed, NULL);
    fz_store_checkpoint(killed.store);
    ledger_copy(&killed, &whole);
    ledger_listen();
    ledger_open(&whole, NULL);
    assert_int_equal(ledger_told(told), 0); /* all of it counts, although the book's file has it already */
    ledger_close(&whole);
    ledger_remove(&whole);
    transfer(&killed, TRANSFERS + 1); /* begins anew */
    ledger_copy(&killed, &whole);
    assert_int_equal(read_whole(&whole, "-wal", (unsigned char[1 << 20]){0}, 1 << 20) > sizeof head, 1);
    flip(&whole, "-wal", 32 + 8); /* the salt of its first frame */
    refused(&whole, "ends at commit 21, but commit 22 was acknowledged", "Put back");
    char count[96];
    ledger_path(&whole, "-acknowledged", count);
    assert_int_equal(truncate(count, 0), 0);
    ledger_open(&whole, NULL);
    assert_int_equal(ledger_told(told), 1);
    assert_non_null(strstr(told, "has content, but nothing in it counts. The book ends at commit 21"));
    has_all(&whole, TRANSFERS);
    ledger_remove(&whole);
}

/* What the file's name means in a URI must not keep the two from being compared. */
static void give_an_odd_name(struct ledger *ledger)
{
    char odd[64];
    assert_true(snprintf(odd, sizeof odd, "%s%%3F?#", ledger->directory) < (int)sizeof odd);
    assert_int_equal(rename(ledger->directory, odd), 0);
    strcpy(ledger->directory, odd);
    snprintf(ledger->path, sizeof ledger->path, "%s/book.db", odd);
}

/* A copy from before, put back over a directory that a killed server left, file by file: its WAL stays, and SQLite
 * would put its pages into the older file. */
static void an_older_file_beside_a_newer_wal(void **state)
{
    (void)state;
    struct ledger newer;
    char name[96];
    struct ledger older;
    ledger_copy(&killed, &older);
    ledger_open(&killed, NULL);
    fz_store_checkpoint(killed.store);
    transfer(&killed, TRANSFERS + 1); /* the WAL begins anew */
    ledger_copy(&killed, &newer);
    ledger_copy_file(older.path, newer.path);
    ledger_remove(&older);
    give_an_odd_name(&newer);
    static const char says[] = "the file alone ends at commit 1, and the WAL goes from commit 21 to 22";
    refused(&newer, says, "Put back both");
    ledger_path(&newer, "-acknowledged", name);
    assert_int_equal(unlink(name), 0);
    refused(&newer, says, "move its WAL and");
    ledger_path(&newer, "-acknowledged", name);
    assert_int_equal(unlink(name), 0);
    ledger_path(&newer, "-wal", name);
    assert_int_equal(unlink(name), 0);
    ledger_open(&newer, NULL);
    has_all(&newer, 0); /* the copy, as it was */
    ledger_remove(&newer);
}

/* After a stop there is no WAL; the next one goes on from where the book then ended. */
static void a_file_from_before_the_last_stop_beside_a_newer_wal(void **state)
{
    (void)state;
    struct ledger newer, older;
    ledger_copy(&killed, &older);
    ledger_open(&killed, NULL);
    ledger_close(&killed);
    ledger_open(&killed, NULL);
    transfer(&killed, TRANSFERS + 1);
    ledger_copy(&killed, &newer);
    ledger_copy_file(older.path, newer.path);
    refused(&newer, "the file alone ends at commit 1, and the WAL goes from commit 21 to 22", "Put back both");
    ledger_copy_file(killed.path, newer.path);
    ledger_open(&newer, NULL);
    has_all(&newer, TRANSFERS + 1);
    ledger_remove(&newer);
    ledger_remove(&older);
}

static void an_older_wal_beside_a_newer_file(void **state)
{
    (void)state;
    char older[96], name[96];
    struct ledger copy;
    ledger_copy(&killed, &copy);
    ledger_open(&killed, NULL);
    transfer(&killed, TRANSFERS + 1);
    ledger_close(&killed);
    ledger_path(&copy, "-wal", older);
    ledger_path(&killed, "-wal", name);
    ledger_copy_file(older, name);
    ledger_path(&killed, "-acknowledged", name);
    assert_int_equal(unlink(name), 0);
    refused(&killed, "the file alone ends at commit 22, and the WAL goes from commit 1 to 21", "Put back both");
    ledger_remove(&copy);
}

/* Of its file only a part is left; its WAL is sound, and with an older copy of the file it is the whole book. */
static void a_damaged_file_beside_a_sound_wal(void **state)
{
    (void)state;
    assert_int_equal(truncate(killed.path, 2000), 0);
    refused(&killed, "book.db is damaged", "Put a sound copy");
}

/* ---- a place where there was a book ---- */

static void a_place_that_had_a_book_is_known(void **state)
{
    (void)state;
    char why[1024] = "", name[96];
    struct ledger empty;
    ledger_copy(&killed, &empty);
    assert_int_equal(fz_store_expect(empty.path, true, why, sizeof why), FZ_OK); /* it is there */
    static const char *const endings[] = {"", "-wal", "-acknowledged"};
    for (size_t i = 0; i < 3; i++) {
        ledger_path(&empty, endings[i], name);
        assert_int_equal(unlink(name), 0);
    }
    assert_int_equal(fz_store_expect(empty.path, true, why, sizeof why), FZ_FAILED);
    assert_non_null(strstr(why, "is not there, but there was one"));
    /* Nothing is there that tells of one: it may be made, and a start that was cut short may be done again. */
    assert_int_equal(fz_store_expect(empty.path, false, why, sizeof why), FZ_OK);
    assert_int_equal(fz_store_expect(empty.path, true, why, sizeof why), FZ_OK);
    ledger_open(&empty, NULL);
    ledger_accounts(&empty);
    ledger_close(&empty);
    assert_int_equal(unlink(empty.path), 0);
    assert_int_equal(fz_store_expect(empty.path, false, why, sizeof why), FZ_FAILED);
    ledger_remove(&empty);
}

/* ---- the book's file alone ---- */

/* Whether the book's file alone is the whole book. */
static bool is_whole_alone(const struct ledger *ledger, int64_t transfers)
{
    char name[96], why[1024];
    struct ledger copy;
    ledger_copy(ledger, &copy);
    ledger_path(&copy, "-wal", name);
    (void)unlink(name);
    bool whole = try_open(&copy, why) == FZ_OK;
    if (whole)
        has_all(&copy, transfers);
    ledger_remove(&copy);
    return whole;
}

static void the_file_alone_is_the_book_when_asked_for(void **state)
{
    (void)state;
    ledger_open(&killed, NULL);
    transfer(&killed, TRANSFERS + 1);
    assert_false(is_whole_alone(&killed, TRANSFERS + 1));
    fz_store_checkpoint(killed.store);
    assert_true(is_whole_alone(&killed, TRANSFERS + 1));
}

static void the_file_alone_is_the_book_after_a_quiet_while(void **state)
{
    (void)state;
    bool whole = false;
    ledger_open(&killed, NULL);
    for (int commits = 0; commits < 2; commits++) { /* what the last server left, and what this one wrote */
        for (int i = 0; !(whole = is_whole_alone(&killed, TRANSFERS + commits)) && i < LEDGER_LOOKS; i++)
            usleep(10000);
        assert_true(whole);
        transfer(&killed, TRANSFERS + 1 + commits);
    }
}

/* ---- a kill, or a power loss, at each call of the disk ---- */

/* What a kill leaves, and what a power loss does: that is without what was not synced. */
static struct crash {
    struct ledger *ledger;
    int acknowledged; /* transfers */
    int next, at;     /* the call that is coming, and the one before which it happens */
    bool happened;
    int acknowledged_then;
    struct ledger synced, after_kill, after_power_loss;
} crash;

static void copy_to(const struct ledger *from, const struct ledger *to, const char *ending)
{
    char source[96], target[96];
    ledger_path(from, ending, source);
    ledger_path(to, ending, target);
    ledger_copy_file(source, target);
}

/* The count is not synced with each commit: the most that can be on the disk is what was written to it. */
static void leave(const struct ledger *from, const struct ledger *to)
{
    copy_to(from, to, "");
    copy_to(from, to, "-wal");
    copy_to(crash.ledger, to, "-acknowledged");
}

static void on_call(bool synced, bool wal)
{
    if (synced) {
        copy_to(crash.ledger, &crash.synced, wal ? "-wal" : "");
    } else if (++crash.next == crash.at) {
        leave(crash.ledger, &crash.after_kill);
        leave(&crash.synced, &crash.after_power_loss);
        crash.acknowledged_then = crash.acknowledged;
        crash.happened = true;
    }
}

/* Creation, commits, checkpoints of both kinds, a WAL that begins anew, an end. */
static void live_until(int at)
{
    struct ledger ledger;
    crash = (struct crash){.ledger = &ledger, .at = at};
    ledger_place(&ledger);
    ledger_place(&crash.synced);
    ledger_place(&crash.after_kill);
    ledger_place(&crash.after_power_loss);
    fault_watch(on_call);
    ledger_open(&ledger, fault_vfs());
    ledger_accounts(&ledger);
    for (int64_t number = 1; number <= 4; number++) {
        transfer(&ledger, number);
        crash.acknowledged = (int)number;
        if (number == 2)
            fz_store_checkpoint(ledger.store);
    }
    ledger_close(&ledger);
    fault_watch(NULL);
    ledger_remove(&ledger);
    ledger_remove(&crash.synced);
}

static void opens_whole(struct ledger *left, const char *what)
{
    char why[1024];
    if (try_open(left, why) != FZ_OK)
        fail_msg("%s before call %d: %s", what, crash.at, why);
    if (crash.acknowledged_then > 0) {
        struct ledger_state seen = ledger_state(left);
        if (seen.transfers != crash.acknowledged_then && seen.transfers != crash.acknowledged_then + 1)
            fail_msg("%s before call %d: %d transfers were acknowledged, %d are there", what, crash.at,
                     crash.acknowledged_then, (int)seen.transfers);
        assert_int_equal(seen.total, LEDGER_ACCOUNTS * LEDGER_START);
    }
}

static void a_kill_or_power_loss_at_any_call_is_no_alarm(void **state)
{
    (void)state;
    bool happened = true;
    for (int at = 1; happened; at++) {
        live_until(at);
        happened = crash.happened;
        if (happened) {
            opens_whole(&crash.after_kill, "kill");
            opens_whole(&crash.after_power_loss, "power loss");
        }
        ledger_remove(&crash.after_kill);
        ledger_remove(&crash.after_power_loss);
    }
    assert_true(crash.at > 30); /* there were so many calls at least */
}

int main(void)
{
#define AFTER_A_KILL(test) cmocka_unit_test_setup_teardown(test, kill_one, remove_killed)
    const struct CMUnitTest tests[] = {
        AFTER_A_KILL(as_it_was_left_it_opens),
        AFTER_A_KILL(without_its_wal),
        AFTER_A_KILL(with_any_byte_of_its_wals_head_changed),
        AFTER_A_KILL(with_a_frame_of_its_wal_changed),
        AFTER_A_KILL(cut_short),
        AFTER_A_KILL(emptied_or_removed),
        AFTER_A_KILL(emptied_with_its_count),
        AFTER_A_KILL(replaced_by_an_older_copy),
        AFTER_A_KILL(a_damaged_count_is_refused),
        AFTER_A_KILL(a_book_without_a_count_gets_one),
        AFTER_A_KILL(a_refusal_counts_no_commit),
        AFTER_A_KILL(a_wal_in_which_nothing_counts_is_told),
        AFTER_A_KILL(an_older_file_beside_a_newer_wal),
        AFTER_A_KILL(a_file_from_before_the_last_stop_beside_a_newer_wal),
        AFTER_A_KILL(an_older_wal_beside_a_newer_file),
        AFTER_A_KILL(a_damaged_file_beside_a_sound_wal),
        AFTER_A_KILL(a_place_that_had_a_book_is_known),
        AFTER_A_KILL(the_file_alone_is_the_book_when_asked_for),
        AFTER_A_KILL(the_file_alone_is_the_book_after_a_quiet_while),
        cmocka_unit_test(a_kill_or_power_loss_at_any_call_is_no_alarm),
    };
    return cmocka_run_group_tests_name("store/whole", tests, NULL, NULL);
}
