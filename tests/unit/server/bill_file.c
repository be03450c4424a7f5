/* Bill files: made once, whole, kept, made again, and never of a book that is gone. What is written into them
 * is for another test. */
#include "place.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "api/endpoint.h"
#include "server/bill_file.h"
#include "server/gzip_file.h"
#include "wire/bill_text.h"

#define DAY 20458 /* 2026-01-05 */

/* ---- the bill's text, in the place of the API's ---- */

static atomic_int written, fail_after;
static const char *text = "first";
static atomic_bool held;
static sem_t entered, go_on;

enum fz_result fz_bill_write(struct fz_reader *reader, const struct fz_bill_link *link, bool overview_first,
                             struct fz_bill_writer *writer)
{
    (void)reader;
    atomic_fetch_add(&written, 1);
    if (held) {
        sem_post(&entered);
        sem_wait(&go_on);
    }
    fz_bill_header(writer, overview_first ? "overview" : "details");
    fz_bill_text(writer, text);
    fz_bill_text(writer, link->caller);
    fz_bill_line_end(writer);
    return fail_after > 0 && atomic_load(&written) <= fail_after ? FZ_FAILED : FZ_OK;
}

/* ---- helpers ---- */

static const struct fz_bill_link link_of_all = {.caller = "1900000100", .kind = FZ_BILL_REFUNDS, .day = DAY};

static int begin(void **state)
{
    if (place_open(state) != 0)
        return -1;
    server.bill_files = fz_bill_files_new("");
    written = fail_after = 0;
    text = "first";
    held = false;
    sem_init(&entered, 0, 0);
    sem_init(&go_on, 0, 0);
    return server.bill_files == NULL ? -1 : 0;
}

static int end(void **state)
{
    fz_bill_files_free(server.bill_files);
    return place_close(state);
}

static enum fz_result open_bill(const struct fz_bill_link *link, char *out, size_t out_size)
{
    int handle = -1;
    uint64_t size = 0;
    enum fz_result result = fz_bill_file_open(&server, NULL, link, &handle, &size);
    if (result != FZ_OK) {
        assert_int_equal(handle, -1);
        return result;
    }
    ssize_t got = pread(handle, out, out_size - 1, 0);
    close(handle);
    assert_int_equal(got, size);
    out[got] = '\0';
    return FZ_OK;
}

/* What has to be in a file: the mark, the header line, a line of two cells. */
static void assert_bill(const char *got, const char *header, const char *cell, const char *caller)
{
    char wanted[200];
    snprintf(wanted, sizeof wanted, "\xEF\xBB\xBF%s\r\n`%s,`%s\r\n", header, cell, caller);
    assert_string_equal(got, wanted);
}

static bool exists(const char *name)
{
    struct stat found;
    return stat(place_path(name), &found) == 0;
}

/* As a reset does. */
static void begin_book(void)
{
    fz_bill_files_turn_to(server.bill_files, "Second");
    fz_bill_files_sweep(place, "Second", false);
}

/* ---- tests ---- */

static void made_once_and_kept(void **state)
{
    (void)state;
    char got[200];
    struct stat found;
    assert_int_equal(open_bill(&link_of_all, got, sizeof got), FZ_OK);
    assert_bill(got, "details", "first", "1900000100");
    assert_int_equal(stat(place_path("bills/first/refunds-1900000100-all-2026-01-05.csv"), &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    assert_int_equal(stat(place_path("bills"), &found), 0);
    assert_int_equal(found.st_mode & 0777, 0700);
    text = "second";
    assert_int_equal(open_bill(&link_of_all, got, sizeof got), FZ_OK);
    assert_bill(got, "details", "first", "1900000100");
    assert_int_equal(written, 1);
    assert_int_equal(server.counters.bills_made, 1);
}

static void made_again_if_removed(void **state)
{
    (void)state;
    char got[200];
    assert_int_equal(open_bill(&link_of_all, got, sizeof got), FZ_OK);
    assert_int_equal(unlink(place_path("bills/first/refunds-1900000100-all-2026-01-05.csv")), 0);
    text = "second";
    assert_int_equal(open_bill(&link_of_all, got, sizeof got), FZ_OK);
    assert_bill(got, "details", "second", "1900000100");
}

static void each_bill_has_its_file(void **state)
{
    (void)state;
    char got[200];
    struct fz_bill_link link = link_of_all;
    strcpy(link.sub_mchid, "1900000109");
    assert_int_equal(open_bill(&link, got, sizeof got), FZ_OK);
    assert_true(exists("bills/first/refunds-1900000100-1900000109-2026-01-05.csv"));
    link.kind = FZ_BILL_DISTRIBUTIONS;
    assert_int_equal(open_bill(&link, got, sizeof got), FZ_OK);
    assert_true(exists("bills/first/distributions-1900000100-1900000109-2026-01-05.csv"));
    link.day++;
    assert_int_equal(open_bill(&link, got, sizeof got), FZ_OK);
    assert_true(exists("bills/first/distributions-1900000100-1900000109-2026-01-06.csv"));
    server.options.overview_first = true; /* another text, so another file */
    assert_int_equal(open_bill(&link, got, sizeof got), FZ_OK);
    assert_bill(got, "overview", "first", "1900000100");
    assert_int_equal(written, 4);
}

/* Only digits get into a path. */
static void no_other_paths(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",           "..",        "1900000100/", "../1900000100",
                                        "19000001o0", "1900 0001", "-1"};
    char got[200];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct fz_bill_link link = link_of_all;
        strcpy(link.caller, wrong[i]);
        assert_int_equal(open_bill(&link, got, sizeof got), FZ_MALFORMED);
        link = link_of_all;
        strcpy(link.sub_mchid, wrong[i]);
        if (wrong[i][0] != '\0')
            assert_int_equal(open_bill(&link, got, sizeof got), FZ_MALFORMED);
    }
    assert_int_equal(written, 0);
}

static void a_failed_making_leaves_nothing(void **state)
{
    (void)state;
    char got[200];
    fail_after = 1;
    assert_int_equal(open_bill(&link_of_all, got, sizeof got), FZ_FAILED);
    assert_false(exists("bills/first/refunds-1900000100-all-2026-01-05.csv"));
    assert_false(exists("bills/first/refunds-1900000100-all-2026-01-05.csv.part"));
    assert_int_equal(open_bill(&link_of_all, got, sizeof got), FZ_OK);
    assert_bill(got, "details", "first", "1900000100");
}

/* What a killed server left half made is not used, and does not stay in the way. */
static void an_unfinished_file_is_not_used(void **state)
{
    (void)state;
    char got[200];
    assert_int_equal(mkdir(place_path("bills"), 0700), 0);
    assert_int_equal(mkdir(place_path("bills/first"), 0700), 0);
    FILE *left = fopen(place_path("bills/first/refunds-1900000100-all-2026-01-05.csv.part"), "w");
    assert_non_null(left);
    fprintf(left, "%0150d", 0);
    fclose(left);
    assert_int_equal(open_bill(&link_of_all, got, sizeof got), FZ_OK);
    assert_bill(got, "details", "first", "1900000100");
    assert_false(exists("bills/first/refunds-1900000100-all-2026-01-05.csv.part"));
}

struct opener {
    pthread_t thread;
    enum fz_result result;
    char got[200];
};

static void *open_in_thread(void *argument)
{
    struct opener *opener = argument;
    opener->result = open_bill(&link_of_all, opener->got, sizeof opener->got);
    return NULL;
}

static void of_two_at_once_one_makes_it(void **state)
{
    (void)state;
    struct opener openers[3];
    held = true;
    assert_int_equal(pthread_create(&openers[0].thread, NULL, open_in_thread, &openers[0]), 0);
    sem_wait(&entered);
    for (int i = 1; i < 3; i++)
        assert_int_equal(pthread_create(&openers[i].thread, NULL, open_in_thread, &openers[i]), 0);
    usleep(20000); /* they wait for the first */
    assert_false(exists("bills/first/refunds-1900000100-all-2026-01-05.csv"));
    sem_post(&go_on);
    for (int i = 0; i < 3; i++) {
        pthread_join(openers[i].thread, NULL);
        assert_int_equal(openers[i].result, FZ_OK);
        assert_bill(openers[i].got, "details", "first", "1900000100");
    }
    assert_int_equal(written, 1);
}

/* A reset takes all files away, and what was being made of the old book is made anew. */
static void a_reset_removes_them(void **state)
{
    (void)state;
    struct opener opener;
    struct fz_bill_link link = link_of_all;
    char got[200];
    strcpy(link.sub_mchid, "1900000109");
    assert_int_equal(open_bill(&link, got, sizeof got), FZ_OK);
    assert_int_equal(mkdir(place_path("bills/not-ours"), 0700), 0);
    FILE *other = fopen(place_path("bills/not-ours/notes.txt"), "w");
    assert_non_null(other);
    fclose(other);
    held = true;
    assert_int_equal(pthread_create(&opener.thread, NULL, open_in_thread, &opener), 0);
    sem_wait(&entered);
    begin_book();
    assert_false(exists("bills/first/refunds-1900000100-1900000109-2026-01-05.csv"));
    assert_true(exists("bills/not-ours/notes.txt"));
    assert_false(exists("bills/first"));
    sem_post(&go_on); /* the old book's bill comes to its end, and must not be used */
    sem_wait(&entered);
    text = "new book";
    sem_post(&go_on);
    pthread_join(opener.thread, NULL);
    assert_int_equal(opener.result, FZ_OK);
    assert_bill(opener.got, "details", "new book", "1900000100");
    assert_int_equal(written, 3);
    assert_int_equal(server.counters.bills_made, 2);
}

static void put(const char *name)
{
    FILE *file = fopen(place_path(name), "w");
    assert_non_null(file);
    fputs("of the old book", file);
    fclose(file);
}

/* Killed when the new book was committed, and before the old one's bills were removed: they are not the new one's. */
static void the_bills_of_another_book_are_never_used(void **state)
{
    (void)state;
    char got[200];
    assert_int_equal(mkdir(place_path("bills"), 0700), 0);
    put("bills/refunds-1900000100-all-2026-01-05.csv"); /* where they once lay */
    assert_int_equal(mkdir(place_path("bills/first"), 0700), 0);
    put("bills/first/refunds-1900000100-all-2026-01-05.csv");
    fz_bill_files_turn_to(server.bill_files, "Second");
    assert_int_equal(open_bill(&link_of_all, got, sizeof got), FZ_OK);
    assert_bill(got, "details", "first", "1900000100");
    put("bills/Second/refunds-1900000100-all-2026-01-06.csv.part");
    put("bills/Second/refunds-1900000100-all-2026-01-06.csv.gz.part");
    fz_bill_files_sweep(place, "Second", false); /* after a reset: somebody may be making one */
    assert_true(exists("bills/Second/refunds-1900000100-all-2026-01-06.csv.part"));
    assert_false(exists("bills/first"));
    assert_false(exists("bills/refunds-1900000100-all-2026-01-05.csv"));
    fz_bill_files_sweep(place, "Second", true);
    assert_false(exists("bills/Second/refunds-1900000100-all-2026-01-06.csv.part"));
    assert_false(exists("bills/Second/refunds-1900000100-all-2026-01-06.csv.gz.part"));
    assert_true(exists("bills/Second/refunds-1900000100-all-2026-01-05.csv"));
}

static void a_stop_breaks_off(void **state)
{
    (void)state;
    struct opener opener;
    held = true;
    assert_int_equal(pthread_create(&opener.thread, NULL, open_in_thread, &opener), 0);
    sem_wait(&entered);
    fz_bill_files_stop(server.bill_files);
    sem_post(&go_on);
    pthread_join(opener.thread, NULL);
    assert_int_equal(opener.result, FZ_FAILED);
    assert_false(exists("bills/first/refunds-1900000100-all-2026-01-05.csv"));
}

/* ---- compressed ---- */

static const struct fz_bill_link trades = {.caller = "1900000100", .kind = FZ_BILL_TRADES, .day = DAY};

/* Opens both, and what the one has has to be the other, compressed. */
static void open_both(char *out, size_t out_size)
{
    int plain = -1, gzip = -1;
    uint64_t size = 0;
    assert_int_equal(fz_bill_file_open_gzip(&server, NULL, &trades, &plain, &gzip, &size), FZ_OK);
    ssize_t got = pread(plain, out, out_size - 1, 0);
    assert_true(got > 0);
    out[got] = '\0';
    struct stat found;
    assert_int_equal(fstat(gzip, &found), 0);
    assert_int_equal(found.st_size, size);
    char unpacked[400];
    assert_int_equal(lseek(gzip, 0, SEEK_SET), 0);
    gzFile reading = gzdopen(gzip, "r");
    assert_non_null(reading);
    assert_int_equal(gzread(reading, unpacked, sizeof unpacked), got);
    assert_memory_equal(unpacked, out, (size_t)got);
    gzclose(reading);
    close(plain);
}

static void compressed_beside_the_plain_one(void **state)
{
    (void)state;
    char got[400];
    open_both(got, sizeof got);
    assert_bill(got, "details", "first", "1900000100");
    assert_true(exists("bills/first/trades-1900000100-all-2026-01-05.csv"));
    struct stat found;
    assert_int_equal(stat(place_path("bills/first/trades-1900000100-all-2026-01-05.csv.gz"), &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    open_both(got, sizeof got);
    assert_int_equal(written, 1);
    assert_int_equal(server.counters.bills_made, 1);
    assert_int_equal(unlink(place_path("bills/first/trades-1900000100-all-2026-01-05.csv")), 0);
    open_both(got, sizeof got); /* either is made again if it is removed */
    assert_int_equal(written, 2);
    assert_int_equal(unlink(place_path("bills/first/trades-1900000100-all-2026-01-05.csv.gz")), 0);
    open_both(got, sizeof got);
    assert_int_equal(written, 2);
}

static void a_compressed_one_that_is_unfinished_is_not_used(void **state)
{
    (void)state;
    char got[400];
    assert_int_equal(mkdir(place_path("bills"), 0700), 0);
    assert_int_equal(mkdir(place_path("bills/first"), 0700), 0);
    FILE *left = fopen(place_path("bills/first/trades-1900000100-all-2026-01-05.csv.gz.part"), "w");
    assert_non_null(left);
    fprintf(left, "%0150d", 0);
    fclose(left);
    open_both(got, sizeof got);
    assert_bill(got, "details", "first", "1900000100");
    assert_false(exists("bills/first/trades-1900000100-all-2026-01-05.csv.gz.part"));
}

static void a_reset_removes_the_compressed_ones(void **state)
{
    (void)state;
    char got[400];
    open_both(got, sizeof got);
    FILE *left = fopen(place_path("bills/first/trades-1900000100-all-2026-01-04.csv.gz.part"), "w");
    assert_non_null(left);
    fclose(left);
    begin_book();
    assert_false(exists("bills/first/trades-1900000100-all-2026-01-05.csv.gz"));
    assert_false(exists("bills/first/trades-1900000100-all-2026-01-04.csv.gz.part"));
    text = "new book";
    open_both(got, sizeof got);
    assert_bill(got, "details", "new book", "1900000100");
}

static void *open_both_in_thread(void *argument)
{
    open_both(argument, 400);
    return NULL;
}

/* What was begun before a reset ends with both files of the new book. */
static void both_are_of_one_book(void **state)
{
    (void)state;
    pthread_t thread;
    char got[400];
    held = true;
    assert_int_equal(pthread_create(&thread, NULL, open_both_in_thread, got), 0);
    sem_wait(&entered);
    begin_book();
    sem_post(&go_on);
    sem_wait(&entered);
    text = "new book";
    sem_post(&go_on);
    pthread_join(thread, NULL);
    assert_bill(got, "details", "new book", "1900000100");
    held = false;
    open_both(got, sizeof got);
    assert_bill(got, "details", "new book", "1900000100");
}

/* ---- the compression itself ---- */

static enum fz_result take_block(void *argument, const void *data, size_t size)
{
    return fwrite(data, 1, size, argument) == size ? FZ_OK : FZ_FAILED;
}

static enum fz_result take_nothing(void *argument, const void *data, size_t size)
{
    (void)argument;
    (void)data;
    (void)size;
    return FZ_FULL;
}

/* Nothing, a block exactly, and what does not become smaller. */
static void any_file_comes_back_as_it_was(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 65536, 300001};
    static unsigned char in[300001], out[300002];
    uint32_t drawn = 1;
    for (size_t i = 0; i < sizeof in; i++)
        in[i] = (unsigned char)((drawn = drawn * 1664525 + 1013904223) >> 24);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        FILE *plain = fopen(place_path("plain"), "w+"), *packed = fopen(place_path("packed"), "w+");
        assert_true(plain != NULL && packed != NULL);
        assert_int_equal(fwrite(in, 1, sizes[i], plain), sizes[i]);
        fflush(plain);
        assert_int_equal(fz_gzip_file(fileno(plain), take_block, packed), FZ_OK);
        assert_int_equal(fz_gzip_file(fileno(plain), take_nothing, NULL), FZ_FULL);
        fclose(packed);
        fclose(plain);
        gzFile reading = gzopen(place_path("packed"), "r");
        assert_int_equal(gzread(reading, out, sizeof out), sizes[i]);
        assert_int_equal(gzdirect(reading), 0);
        assert_memory_equal(out, in, sizes[i]);
        gzclose(reading);
    }
    assert_int_equal(fz_gzip_file(-1, take_block, NULL), FZ_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(made_once_and_kept, begin, end),
        cmocka_unit_test_setup_teardown(made_again_if_removed, begin, end),
        cmocka_unit_test_setup_teardown(each_bill_has_its_file, begin, end),
        cmocka_unit_test_setup_teardown(no_other_paths, begin, end),
        cmocka_unit_test_setup_teardown(a_failed_making_leaves_nothing, begin, end),
        cmocka_unit_test_setup_teardown(an_unfinished_file_is_not_used, begin, end),
        cmocka_unit_test_setup_teardown(of_two_at_once_one_makes_it, begin, end),
        cmocka_unit_test_setup_teardown(a_reset_removes_them, begin, end),
        cmocka_unit_test_setup_teardown(the_bills_of_another_book_are_never_used, begin, end),
        cmocka_unit_test_setup_teardown(a_stop_breaks_off, begin, end),
        cmocka_unit_test_setup_teardown(compressed_beside_the_plain_one, begin, end),
        cmocka_unit_test_setup_teardown(a_compressed_one_that_is_unfinished_is_not_used, begin, end),
        cmocka_unit_test_setup_teardown(a_reset_removes_the_compressed_ones, begin, end),
        cmocka_unit_test_setup_teardown(both_are_of_one_book, begin, end),
        cmocka_unit_test_setup_teardown(any_file_comes_back_as_it_was, begin, end),
    };
    return cmocka_run_group_tests_name("server/bill_file", tests, NULL, NULL);
}
