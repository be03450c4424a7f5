/* Private files: written in place, made once, read. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/private_file.h"

static char place[64];

static int place_make(void **state)
{
    (void)state;
    strcpy(place, "/tmp/fenzhang-base-XXXXXX");
    return mkdtemp(place) == NULL ? -1 : 0;
}

static int place_close(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", place);
    return system(command);
}

static const char *place_path(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", place, name);
    return path;
}

static char read_text[16], reason[160];
static bool changed;

static mode_t mode_of(const char *path)
{
    struct stat found;
    assert_int_equal(stat(path, &found), 0);
    return found.st_mode & 07777;
}

static enum fz_result read_private(const char *name)
{
    reason[0] = '\0';
    return fz_private_file_read(place_path(name), read_text, sizeof read_text, reason, sizeof reason);
}

static void writes_private_files_whole(void **state)
{
    (void)state;
    char text[8] = "";
    int open_before = open(place_path("file"), O_RDWR | O_CREAT, 0666);
    assert_int_equal(write(open_before, "before", 6), 6);
    assert_int_equal(chmod(place_path("file"), 0666), 0);
    changed = false;
    assert_int_equal(fz_private_file_write(place_path("file"), "now", 3, &changed), FZ_OK);
    assert_true(changed);
    assert_int_equal(mode_of(place_path("file")), 0600);
    assert_int_equal(pread(open_before, text, sizeof text, 0),
                     6); /* who had it open still reads the old one whole */
    close(open_before);
    int file = open(place_path("file"), O_RDONLY);
    assert_int_equal(read(file, text, sizeof text), 3);
    assert_memory_equal(text, "now", 3);
    close(file);
    changed = false;
    struct stat first, second;
    assert_int_equal(stat(place_path("file"), &first), 0);
    assert_int_equal(fz_private_file_write(place_path("file"), "now", 3, &changed), FZ_OK);
    assert_int_equal(stat(place_path("file"), &second), 0);
    assert_false(changed);
    assert_true(first.st_ino == second.st_ino); /* it said so already */
    assert_int_equal(unlink(place_path("file")), 0);
    assert_int_equal(rmdir(place), 0); /* nothing is left beside it */
    assert_int_equal(mkdir(place, 0700), 0);
    assert_int_equal(fz_private_file_write(place_path("nowhere/file"), "now", 3, &changed), FZ_FAILED);
}

static void makes_a_file_once(void **state)
{
    (void)state;
    mode_t before = umask(0);
    assert_int_equal(fz_private_file_make(place_path("key"), "first", 5), FZ_OK);
    umask(before);
    assert_int_equal(mode_of(place_path("key")), 0600);
    assert_int_equal(fz_private_file_make(place_path("key"), "second", 6), FZ_OK);
    assert_int_equal(read_private("key"), FZ_OK);
    assert_string_equal(read_text, "first");
    assert_int_equal(unlink(place_path("key")), 0);
    assert_int_equal(rmdir(place), 0); /* nothing is left beside it */
    assert_int_equal(mkdir(place, 0700), 0);
    assert_int_equal(fz_private_file_make(place_path("nowhere/key"), "x", 1), FZ_FAILED);
    assert_int_equal(errno, ENOENT);
}

#define MAKERS 8

static void *make_one(void *number)
{
    const char text[2] = {(char)('0' + (intptr_t)number), '\0'};
    char path[128];
    strcpy(path, place);
    strcat(path, "/raced");
    for (int i = 0; i < 20; i++)
        assert_int_equal(fz_private_file_make(path, text, 1), FZ_OK);
    return NULL;
}

/* Of several at once one makes it, and nobody sees half of it. */
static void makes_a_file_once_among_several(void **state)
{
    (void)state;
    pthread_t makers[MAKERS];
    for (intptr_t i = 0; i < MAKERS; i++)
        assert_int_equal(pthread_create(&makers[i], NULL, make_one, (void *)i), 0);
    for (size_t i = 0; i < MAKERS; i++)
        pthread_join(makers[i], NULL);
    assert_int_equal(read_private("raced"), FZ_OK);
    assert_int_equal(strlen(read_text), 1);
    assert_in_range(read_text[0], '0', '0' + MAKERS - 1);
}

static void *write_one(void *number)
{
    const char text[2] = {(char)('0' + (intptr_t)number), '\0'};
    char path[128];
    bool written = false;
    strcpy(path, place);
    strcat(path, "/exported");
    for (int i = 0; i < 20; i++)
        assert_int_equal(fz_private_file_write(path, text, 1, &written), FZ_OK);
    return NULL;
}

/* As two exports of one merchant's keys at the same moment. */
static void writes_a_file_among_several(void **state)
{
    (void)state;
    pthread_t writers[MAKERS];
    for (intptr_t i = 0; i < MAKERS; i++)
        assert_int_equal(pthread_create(&writers[i], NULL, write_one, (void *)i), 0);
    for (size_t i = 0; i < MAKERS; i++)
        pthread_join(writers[i], NULL);
    assert_int_equal(read_private("exported"), FZ_OK);
    assert_int_equal(strlen(read_text), 1);
    assert_int_equal(unlink(place_path("exported")), 0);
    assert_int_equal(rmdir(place), 0);
    assert_int_equal(mkdir(place, 0700), 0);
}

static void reads_what_is_its_owner_s_alone(void **state)
{
    (void)state;
    assert_int_equal(read_private("key"), FZ_ABSENT);
    assert_string_equal(reason, "No such file or directory");
    assert_int_equal(fz_private_file_make(place_path("key"), "secret", 6), FZ_OK);
    static const mode_t open_modes[] = {0640, 0604, 0620, 0602, 0644, 0660};
    for (size_t i = 0; i < sizeof open_modes / sizeof open_modes[0]; i++) {
        assert_int_equal(chmod(place_path("key"), open_modes[i]), 0);
        assert_int_equal(read_private("key"), FZ_FAILED);
        assert_non_null(strstr(reason, "chmod 600"));
        assert_int_equal(
            fz_public_file_read(place_path("key"), read_text, sizeof read_text, reason, sizeof reason),
            FZ_OK);
    }
    assert_int_equal(chmod(place_path("key"), 0400), 0);
    assert_int_equal(read_private("key"), FZ_OK);
    assert_string_equal(read_text, "secret");
}

static void reads_files_that_fit(void **state)
{
    (void)state;
    assert_int_equal(fz_private_file_write(place_path("fits"), "fifteen letters", 15, &changed), FZ_OK);
    assert_int_equal(read_private("fits"), FZ_OK);
    assert_string_equal(read_text, "fifteen letters");
    assert_int_equal(fz_private_file_write(place_path("empty"), "", 0, &changed), FZ_OK);
    assert_int_equal(read_private("empty"), FZ_OK);
    assert_string_equal(read_text, "");
    assert_int_equal(fz_private_file_write(place_path("large"), "sixteen lettersx", 16, &changed), FZ_OK);
    assert_int_equal(read_private("large"), FZ_FAILED);
    assert_non_null(strstr(reason, "too large"));
    assert_int_equal(mkdir(place_path("directory"), 0700), 0);
    assert_int_equal(read_private("directory"), FZ_FAILED);
    assert_int_equal(mkfifo(place_path("pipe"), 0600), 0);
    assert_int_equal(read_private("pipe"), FZ_FAILED); /* and it does not wait for a writer */
    assert_non_null(strstr(reason, "no regular file"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, place_make, place_close)
    const struct CMUnitTest tests[] = {
        TEST(writes_private_files_whole),
        TEST(makes_a_file_once),
        TEST(makes_a_file_once_among_several),
        TEST(writes_a_file_among_several),
        TEST(reads_what_is_its_owner_s_alone),
        TEST(reads_files_that_fit),
    };
    return cmocka_run_group_tests_name("private files", tests, NULL, NULL);
}
