/* Bill files: made once, whole, kept, made again, and never of a book that is gone. What is written into them
 * is for another test. */
#include "unit/server/place.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "api/call/endpoint.h"
#include "base/calendar.h"
#include "base/text.h"
#include "server/files/bill_file.h"
#include "server/files/gzip_file.h"
#include "wire/server/bill_text.h"

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
    fz_bill_column_name(writer, overview_first ? "overview" : "details");
    fz_bill_line_end(writer);
    fz_bill_text(writer, text);
    fz_bill_text(writer, link->caller);
    fz_bill_line_end(writer);
    return fail_after > 0 && atomic_load(&written) <= fail_after ? FZ_FAILED : FZ_OK;
}

/* ---- helpers ---- */

static const struct fz_bill_link link_of_all = {.caller = "1900000100", .kind = FZ_SORT_REFUNDS, .day = DAY};

static struct fz_bill_files *files;

static void set_up(bool overview_first)
{
    struct fz_bill_files_setup setup = {
        .data = place, .world = place_world, .book = "", .overview_first = overview_first};
    files = fz_bill_files_new(&setup);
}

static int begin(void **state)
{
    if (place_open(state) != 0)
        return -1;
    set_up(false);
    written = fail_after = 0;
    text = "first";
    held = false;
    sem_init(&entered, 0, 0);
    sem_init(&go_on, 0, 0);
    return files == NULL ? -1 : 0;
}

static int end(void **state)
{
    fz_bill_files_free(files);
    return place_close(state);
}

static struct fz_bill_request request_of(const struct fz_bill_link *link)
{
    return (struct fz_bill_request){.files = files, .link = link};
}

static void read_file(int handle, char *out, size_t out_size)
{
    ssize_t got = pread(handle, out, out_size - 1, 0);
    assert_true(got >= 0);
    close(handle);
    out[got] = '\0';
}

static enum fz_result open_bill(const struct fz_bill_link *link, char *out, size_t out_size)
{
    struct fz_bill_request request = request_of(link);
    struct fz_bill_file found = {.bill = -1};
    enum fz_result result = fz_bill_file_make(&request, NULL, &found);
    if (result != FZ_OK) {
        assert_int_equal(found.bill, -1);
        return result;
    }
    assert_int_equal(found.gzip, -1);
    assert_string_equal(found.sha1, "");
    read_file(found.bill, out, out_size);
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
    fz_bill_files_set_book(files, "Second");
    fz_bill_files_sweep(place, "Second", DAY, false);
}

/* ---- tests ---- */

static void made_once_and_kept(void **state)
{
    (void)state;
    char got[200];
    struct stat found;
    assert_int_equal(open_bill(&link_of_all, got, sizeof got), FZ_OK);
    assert_bill(got, "details", "first", "1900000100");
    assert_int_equal(stat(place_path("bills/first-1/refunds-1900000100-all-2026-01-05.csv"), &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    assert_int_equal(stat(place_path("bills"), &found), 0);
    assert_int_equal(found.st_mode & 0777, 0700);
    text = "second";
    assert_int_equal(open_bill(&link_of_all, got, sizeof got), FZ_OK);
    assert_bill(got, "details", "first", "1900000100");
    assert_int_equal(written, 1);
    assert_int_equal(fz_bill_files_made(files), 1);
}

static void made_again_if_removed(void **state)
{
    (void)state;
    char got[200];
    assert_int_equal(open_bill(&link_of_all, got, sizeof got), FZ_OK);
    assert_int_equal(unlink(place_path("bills/first-1/refunds-1900000100-all-2026-01-05.csv")), 0);
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
    assert_true(exists("bills/first-1/refunds-1900000100-1900000109-2026-01-05.csv"));
    link.kind = FZ_SORT_DISTRIBUTIONS;
    assert_int_equal(open_bill(&link, got, sizeof got), FZ_OK);
    assert_true(exists("bills/first-1/distributions-1900000100-1900000109-2026-01-05.csv"));
    link.day++;
    assert_int_equal(open_bill(&link, got, sizeof got), FZ_OK);
    assert_true(exists("bills/first-1/distributions-1900000100-1900000109-2026-01-06.csv"));
    fz_bill_files_free(files);
    set_up(true); /* another text, so another file */
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
    assert_false(exists("bills/first-1/refunds-1900000100-all-2026-01-05.csv"));
    assert_false(exists("bills/first-1/refunds-1900000100-all-2026-01-05.csv.part"));
    assert_int_equal(open_bill(&link_of_all, got, sizeof got), FZ_OK);
    assert_bill(got, "details", "first", "1900000100");
}

/* What a killed server left half made is not used, and does not stay in the way. */
static void an_unfinished_file_is_not_used(void **state)
{
    (void)state;
    char got[200];
    assert_int_equal(mkdir(place_path("bills"), 0700), 0);
    assert_int_equal(mkdir(place_path("bills/first-1"), 0700), 0);
    FILE *left = fopen(place_path("bills/first-1/refunds-1900000100-all-2026-01-05.csv.part"), "w");
    assert_non_null(left);
    fprintf(left, "%0150d", 0);
    fclose(left);
    assert_int_equal(open_bill(&link_of_all, got, sizeof got), FZ_OK);
    assert_bill(got, "details", "first", "1900000100");
    assert_false(exists("bills/first-1/refunds-1900000100-all-2026-01-05.csv.part"));
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

/* Who only opens makes nothing, leaves nothing open, and waits for nobody who makes. */
static void what_is_not_there_is_not_made(void **state)
{
    (void)state;
    struct opener opener;
    struct fz_bill_request request = request_of(&link_of_all);
    struct fz_bill_file found;
    char got[200];
    held = true;
    assert_int_equal(fz_bill_file_open(&request, &found), FZ_ABSENT);
    assert_int_equal(pthread_create(&opener.thread, NULL, open_in_thread, &opener), 0);
    sem_wait(&entered);
    assert_int_equal(fz_bill_file_open(&request, &found), FZ_ABSENT);
    sem_post(&go_on);
    pthread_join(opener.thread, NULL);
    assert_int_equal(fz_bill_file_open(&request, &found), FZ_OK);
    read_file(found.bill, got, sizeof got);
    assert_bill(got, "details", "first", "1900000100");
    assert_int_equal(written, 1);
    request.sum = true; /* the bill is there, and its sum is not */
    assert_int_equal(fz_bill_file_open(&request, &found), FZ_ABSENT);
    request = (struct fz_bill_request){.files = files, .link = &link_of_all, .gzip = true};
    assert_int_equal(fz_bill_file_open(&request, &found), FZ_ABSENT);
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
    assert_false(exists("bills/first-1/refunds-1900000100-1900000109-2026-01-05.csv"));
    assert_true(exists("bills/not-ours/notes.txt"));
    assert_false(exists("bills/first-1"));
    sem_post(&go_on); /* the old book's bill comes to its end, and must not be used */
    sem_wait(&entered);
    text = "new book";
    sem_post(&go_on);
    pthread_join(opener.thread, NULL);
    assert_int_equal(opener.result, FZ_OK);
    assert_bill(opener.got, "details", "new book", "1900000100");
    assert_int_equal(written, 3);
    assert_int_equal(fz_bill_files_made(files), 2);
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
    assert_int_equal(mkdir(place_path("bills/first-1"), 0700), 0);
    put("bills/first-1/refunds-1900000100-all-2026-01-05.csv");
    fz_bill_files_set_book(files, "Second");
    assert_int_equal(open_bill(&link_of_all, got, sizeof got), FZ_OK);
    assert_bill(got, "details", "first", "1900000100");
    put("bills/Second-1/refunds-1900000100-all-2026-01-06.csv.part");
    put("bills/Second-1/refunds-1900000100-all-2026-01-06.csv.gz.part");
    fz_bill_files_sweep(place, "Second", DAY, false); /* after a reset: somebody may be making one */
    assert_true(exists("bills/Second-1/refunds-1900000100-all-2026-01-06.csv.part"));
    assert_false(exists("bills/first-1"));
    assert_false(exists("bills/refunds-1900000100-all-2026-01-05.csv"));
    fz_bill_files_sweep(place, "Second", DAY, true);
    assert_false(exists("bills/Second-1/refunds-1900000100-all-2026-01-06.csv.part"));
    assert_false(exists("bills/Second-1/refunds-1900000100-all-2026-01-06.csv.gz.part"));
    assert_true(exists("bills/Second-1/refunds-1900000100-all-2026-01-05.csv"));
}

static void a_stop_breaks_off(void **state)
{
    (void)state;
    struct opener opener;
    held = true;
    assert_int_equal(pthread_create(&opener.thread, NULL, open_in_thread, &opener), 0);
    sem_wait(&entered);
    fz_bill_files_stop(files);
    sem_post(&go_on);
    pthread_join(opener.thread, NULL);
    assert_int_equal(opener.result, FZ_FAILED);
    assert_false(exists("bills/first-1/refunds-1900000100-all-2026-01-05.csv"));
}

/* ---- compressed ---- */

/* By another way than the program's. */
static void sum_of(const char *text_, char out[41])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    assert_int_equal(EVP_Digest(text_, strlen(text_), digest, NULL, EVP_sha1(), NULL), 1);
    for (int i = 0; i < 20; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

static const struct fz_bill_link trades = {.caller = "1900000100", .kind = FZ_SORT_TRADES, .day = DAY};

/* Opens all, and what was compressed has to be the bill, and the sum its SHA-1. */
static void open_both(char *out, size_t out_size)
{
    struct fz_bill_request request = {.files = files, .link = &trades, .sum = true, .gzip = true};
    struct fz_bill_file found;
    assert_int_equal(fz_bill_file_make(&request, NULL, &found), FZ_OK);
    read_file(found.bill, out, out_size);
    char unpacked[400], sum[41];
    int size = (int)strlen(out);
    assert_int_equal(lseek(found.gzip, 0, SEEK_SET), 0);
    gzFile reading = gzdopen(found.gzip, "r");
    assert_non_null(reading);
    assert_int_equal(gzread(reading, unpacked, sizeof unpacked), size);
    assert_memory_equal(unpacked, out, (size_t)size);
    gzclose(reading);
    sum_of(out, sum);
    assert_string_equal(found.sha1, sum);
}

static void compressed_beside_the_plain_one(void **state)
{
    (void)state;
    char got[400];
    open_both(got, sizeof got);
    assert_bill(got, "details", "first", "1900000100");
    assert_true(exists("bills/first-1/trades-1900000100-all-2026-01-05.csv"));
    struct stat found;
    assert_int_equal(stat(place_path("bills/first-1/trades-1900000100-all-2026-01-05.csv.gz"), &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    open_both(got, sizeof got);
    assert_int_equal(written, 1);
    assert_int_equal(fz_bill_files_made(files), 1);
    assert_int_equal(unlink(place_path("bills/first-1/trades-1900000100-all-2026-01-05.csv")), 0);
    open_both(got, sizeof got); /* either is made again if it is removed */
    assert_int_equal(written, 2);
    assert_int_equal(unlink(place_path("bills/first-1/trades-1900000100-all-2026-01-05.csv.gz")), 0);
    open_both(got, sizeof got);
    assert_int_equal(written, 2);
}

static void a_compressed_one_that_is_unfinished_is_not_used(void **state)
{
    (void)state;
    char got[400];
    assert_int_equal(mkdir(place_path("bills"), 0700), 0);
    assert_int_equal(mkdir(place_path("bills/first-1"), 0700), 0);
    FILE *left = fopen(place_path("bills/first-1/trades-1900000100-all-2026-01-05.csv.gz.part"), "w");
    assert_non_null(left);
    fprintf(left, "%0150d", 0);
    fclose(left);
    open_both(got, sizeof got);
    assert_bill(got, "details", "first", "1900000100");
    assert_false(exists("bills/first-1/trades-1900000100-all-2026-01-05.csv.gz.part"));
}

static void a_reset_removes_the_compressed_ones(void **state)
{
    (void)state;
    char got[400];
    open_both(got, sizeof got);
    FILE *left = fopen(place_path("bills/first-1/trades-1900000100-all-2026-01-04.csv.gz.part"), "w");
    assert_non_null(left);
    fclose(left);
    begin_book();
    assert_false(exists("bills/first-1/trades-1900000100-all-2026-01-05.csv.gz"));
    assert_false(exists("bills/first-1/trades-1900000100-all-2026-01-04.csv.gz.part"));
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

/* ---- the sum ---- */

#define TRADES "bills/first-1/trades-1900000100-all-2026-01-05.csv"

static void write_text(const char *name, const char *content)
{
    FILE *file = fopen(place_path(name), "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

static void read_text(const char *name, char *out, size_t size)
{
    FILE *file = fopen(place_path(name), "r");
    assert_non_null(file);
    out[fread(out, 1, size - 1, file)] = '\0';
    fclose(file);
}

/* What stands in the file is what is used: it is told here by a sum that is wrong, with the marks that are right. */
static void the_sum_is_made_once_and_kept(void **state)
{
    (void)state;
    struct fz_bill_request request = {.files = files, .link = &trades, .sum = true};
    struct fz_bill_file found;
    char got[400], line[200], kept[200];
    struct stat before, after;
    open_both(got, sizeof got);
    assert_int_equal(stat(place_path(TRADES ".sha1"), &before), 0);
    assert_int_equal(before.st_mode & 0777, 0600);
    assert_false(exists(TRADES ".sha1.part"));
    read_text(TRADES ".sha1", line, sizeof line);
    memset(line, 'a', 40);
    write_text(TRADES ".sha1", line);
    assert_int_equal(fz_bill_file_open(&request, &found), FZ_OK);
    close(found.bill);
    assert_string_equal(found.sha1, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    assert_int_equal(stat(place_path(TRADES ".sha1"), &after), 0);
    assert_int_equal(after.st_ino, before.st_ino); /* it was not made again */
    read_text(TRADES ".sha1", kept, sizeof kept);
    assert_string_equal(kept, line);
}

/* A bill that somebody put into the place of the one that was made, of the same size: neither the sum nor what was
 * compressed is that of the old one. */
static void the_sum_is_never_that_of_another_file(void **state)
{
    (void)state;
    char got[400], other[400];
    open_both(got, sizeof got);
    fz_copy(other, sizeof other, got);
    *strstr(other, "first") = 'F';
    assert_int_equal(unlink(place_path(TRADES)), 0);
    write_text(TRADES, other);
    open_both(got, sizeof got); /* compares all three */
    assert_string_equal(got, other);
    *strstr(other, "First") = 'f';
    usleep(20000); /* longer than a tick of the clock that dates files */
    write_text(TRADES, other); /* the same file, written anew */
    open_both(got, sizeof got);
    assert_string_equal(got, other);
    assert_int_equal(written, 1);
}

static void a_spoilt_sum_is_made_anew(void **state)
{
    (void)state;
    static const char *const spoilt[] = {"", "x", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaa 1 2 3.4\n"};
    struct fz_bill_request request = {.files = files, .link = &trades, .sum = true};
    struct fz_bill_file found;
    char got[400], line[200], cut[200];
    open_both(got, sizeof got);
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        write_text(TRADES ".sha1", spoilt[i]);
        assert_int_equal(fz_bill_file_open(&request, &found), FZ_ABSENT);
        open_both(got, sizeof got);
    }
    read_text(TRADES ".sha1", line, sizeof line);
    for (size_t size = 0; size < strlen(line); size++) {
        fz_copy_part(cut, sizeof cut, line, size);
        write_text(TRADES ".sha1", cut);
        assert_int_equal(fz_bill_file_open(&request, &found), FZ_ABSENT);
    }
    open_both(got, sizeof got);
}

/* ---- old ones ---- */

static bool lies(const char *kind, int day, const char *end)
{
    char date[24], name[160];
    fz_format_day(date, day);
    snprintf(name, sizeof name, "bills/first-1/%s-1900000100-all-%s%s", kind, date, end);
    return exists(name);
}

static void lay(const char *kind, int day, const char *end)
{
    char date[24], name[160];
    fz_format_day(date, day);
    snprintf(name, sizeof name, "bills/first-1/%s-1900000100-all-%s%s", kind, date, end);
    write_text(name, "old");
}

static void lay_old_ones(int today)
{
    static const char *const ends[] = {".csv", ".csv.gz", ".csv.sha1", "-overview-first.csv"};
    for (size_t i = 0; i < 4; i++) {
        for (int days = 89; days <= 91; days++) {
            lay("refunds", today - days, ends[i]);
            lay("distributions", today - days, ends[i]);
        }
        for (int days = 179; days <= 181; days++)
            lay("trades", today - days, ends[i]);
    }
    lay("refunds", today - 91, ".txt");
    lay("colours", today - 91, ".csv");
    lay("refunds", today - 92, ".csv.part");
}

/* Bills are kept 90 days, statements 180. */
static void assert_swept(int today)
{
    static const char *const ends[] = {".csv", ".csv.gz", ".csv.sha1", "-overview-first.csv"};
    for (size_t i = 0; i < 4; i++) {
        for (int days = 89; days <= 91; days++) {
            assert_int_equal(lies("refunds", today - days, ends[i]), days <= 90);
            assert_int_equal(lies("distributions", today - days, ends[i]), days <= 90);
        }
        for (int days = 179; days <= 181; days++)
            assert_int_equal(lies("trades", today - days, ends[i]), days <= 180);
    }
    assert_true(lies("refunds", today - 91, ".txt"));
    assert_true(lies("colours", today - 91, ".csv"));
}

static void old_ones_are_removed_at_a_start(void **state)
{
    (void)state;
    char got[200];
    assert_int_equal(open_bill(&link_of_all, got, sizeof got), FZ_OK);
    lay_old_ones(DAY);
    fz_bill_files_sweep(place, "", DAY, true);
    assert_swept(DAY);
    assert_false(lies("refunds", DAY - 92, ".csv.part"));
    assert_true(lies("refunds", DAY, ".csv"));
}

/* By the first that is made on a day of the book. */
static void old_ones_are_removed_once_a_day(void **state)
{
    (void)state;
    char got[200];
    struct fz_bill_link link = link_of_all;
    fz_clock_reset(place_world, fz_day_start_ms(DAY) + 1, true);
    assert_int_equal(open_bill(&link, got, sizeof got), FZ_OK);
    lay_old_ones(DAY);
    assert_int_equal(open_bill(&link, got, sizeof got), FZ_OK);
    link.day--;
    assert_int_equal(open_bill(&link, got, sizeof got), FZ_OK);
    assert_true(lies("refunds", DAY - 91, ".csv")); /* it was looked for today */
    fz_clock_reset(place_world, fz_day_start_ms(DAY + 1), true);
    link.day -= 90; /* somebody has a link to it still: it is made, and stays for today */
    assert_int_equal(open_bill(&link, got, sizeof got), FZ_OK);
    assert_true(lies("refunds", DAY - 91, ".csv"));
    assert_bill(got, "details", "first", "1900000100");
    assert_false(lies("refunds", DAY - 90, ".csv"));
    assert_true(lies("refunds", DAY - 89, ".csv"));
    assert_true(lies("refunds", DAY - 92, ".csv.part")); /* somebody may be making it */
}

/* What a program with another format made of the same book is not used, and goes at the next start. */
static void those_of_another_format_are_not_used(void **state)
{
    (void)state;
    char got[200];
    assert_int_equal(mkdir(place_path("bills"), 0700), 0);
    assert_int_equal(mkdir(place_path("bills/first"), 0700), 0); /* before formats had numbers */
    assert_int_equal(mkdir(place_path("bills/first-0"), 0700), 0);
    put("bills/first/refunds-1900000100-all-2026-01-05.csv");
    put("bills/first-0/refunds-1900000100-all-2026-01-05.csv");
    assert_int_equal(open_bill(&link_of_all, got, sizeof got), FZ_OK);
    assert_bill(got, "details", "first", "1900000100");
    fz_bill_files_sweep(place, "", DAY, true);
    assert_false(exists("bills/first"));
    assert_false(exists("bills/first-0"));
    assert_true(exists("bills/first-1/refunds-1900000100-all-2026-01-05.csv"));
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
        cmocka_unit_test_setup_teardown(what_is_not_there_is_not_made, begin, end),
        cmocka_unit_test_setup_teardown(the_sum_is_made_once_and_kept, begin, end),
        cmocka_unit_test_setup_teardown(the_sum_is_never_that_of_another_file, begin, end),
        cmocka_unit_test_setup_teardown(a_spoilt_sum_is_made_anew, begin, end),
        cmocka_unit_test_setup_teardown(old_ones_are_removed_at_a_start, begin, end),
        cmocka_unit_test_setup_teardown(old_ones_are_removed_once_a_day, begin, end),
        cmocka_unit_test_setup_teardown(those_of_another_format_are_not_used, begin, end),
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
