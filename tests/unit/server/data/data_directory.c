/* The data directory: private, held by one server; where the book lies. */
#include "unit/server/place.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/private_file.h"
#include "server/data/data_directory.h"

static char why[600];

static mode_t mode_of(const char *path)
{
    struct stat found;
    assert_int_equal(stat(path, &found), 0);
    return found.st_mode & 07777;
}

static void put(const char *name)
{
    bool changed;
    assert_int_equal(fz_private_file_write(place_path(name), "text", 4, &changed), FZ_OK);
}

static void makes_it_with_its_parents_for_its_owner_alone(void **state)
{
    (void)state;
    int lock;
    mode_t before = umask(0);
    assert_int_equal(fz_data_directory_claim(place_path("state/fenzhang"), &lock, why, sizeof why), FZ_OK);
    umask(before);
    assert_int_equal(mode_of(place_path("state")), 0700);
    assert_int_equal(mode_of(place_path("state/fenzhang")), 0700);
    close(lock);
}

static void closes_an_empty_one_and_its_own_to_others(void **state)
{
    (void)state;
    int lock;
    assert_int_equal(chmod(place, 0755), 0);
    assert_int_equal(fz_data_directory_claim(place, &lock, why, sizeof why), FZ_OK);
    assert_int_equal(mode_of(place), 0700);
    close(lock);
    put("secret.key");
    put("notes");
    assert_int_equal(chmod(place, 0750), 0);
    assert_int_equal(fz_data_directory_claim(place, &lock, why, sizeof why), FZ_OK);
    assert_int_equal(mode_of(place), 0700);
    close(lock);
}

static void leaves_a_foreign_one_as_it_is(void **state)
{
    (void)state;
    int lock;
    put("notes");
    assert_int_equal(chmod(place, 0755), 0);
    assert_int_equal(fz_data_directory_claim(place, &lock, why, sizeof why), FZ_FAILED);
    assert_non_null(strstr(why, "chmod 700"));
    assert_int_equal(mode_of(place), 0755);
    assert_int_equal(chmod(place, 0700), 0);
    assert_int_equal(fz_data_directory_claim(place, &lock, why, sizeof why), FZ_OK);
    close(lock);
}

static void is_held_by_one_server_at_a_time(void **state)
{
    (void)state;
    int first, second;
    assert_int_equal(fz_data_directory_claim(place, &first, why, sizeof why), FZ_OK);
    assert_int_equal(fz_data_directory_claim(place, &second, why, sizeof why), FZ_FAILED);
    assert_non_null(strstr(why, "another server"));
    close(first);
    assert_int_equal(fz_data_directory_claim(place, &second, why, sizeof why), FZ_OK);
    close(second);
}

static void can_be_made_without_being_held(void **state)
{
    (void)state;
    int lock;
    assert_int_equal(fz_data_directory_make(place_path("data"), why, sizeof why), FZ_OK);
    assert_int_equal(mode_of(place_path("data")), 0700);
    assert_int_equal(fz_data_directory_claim(place_path("data"), &lock, why, sizeof why), FZ_OK);
    assert_int_equal(fz_data_directory_make(place_path("data"), why, sizeof why), FZ_OK);
    close(lock);
    put("notes");
    assert_int_equal(chmod(place, 0755), 0);
    assert_int_equal(fz_data_directory_make(place, why, sizeof why), FZ_FAILED);
    assert_non_null(strstr(why, "chmod 700"));
}

static void refuses_what_is_no_directory(void **state)
{
    (void)state;
    int lock;
    put("file");
    assert_int_equal(fz_data_directory_claim(place_path("file"), &lock, why, sizeof why), FZ_FAILED);
    assert_int_equal(fz_data_directory_claim(place_path("file/below"), &lock, why, sizeof why), FZ_FAILED);
    assert_non_null(strstr(why, "--data"));
}

static void knows_where_the_book_lies(void **state)
{
    (void)state;
    char path[FZ_PATH_SIZE];
    assert_int_equal(fz_book_path("/data", NULL, path, why, sizeof why), FZ_OK);
    assert_string_equal(path, "/data/book.db");
    assert_int_equal(fz_book_path("/data", "sqlite:/elsewhere/my.db", path, why, sizeof why), FZ_OK);
    assert_string_equal(path, "/elsewhere/my.db");
    assert_int_equal(fz_book_path("/data", "my.db", path, why, sizeof why), FZ_OK);
    assert_string_equal(path, "my.db");
    assert_int_equal(fz_book_path("/data", "postgresql://host/base", path, why, sizeof why), FZ_OK);
    assert_string_equal(path, "postgresql://host/base");
    assert_int_equal(fz_book_path("/data", "my.db", path, why, sizeof why), FZ_OK);
    assert_int_equal(fz_book_path("/data", "sqlite:", path, why, sizeof why), FZ_MALFORMED);
    assert_int_equal(fz_book_path("/data", "", path, why, sizeof why), FZ_MALFORMED);
    assert_string_equal(path, "my.db");
    /* Without the slashes it is no file's name either; a path that has a colon in it is one. */
    assert_int_equal(fz_book_path("/data", "mysql:base", path, why, sizeof why), FZ_MALFORMED);
    assert_non_null(strstr(why, "mysql:"));
    assert_non_null(strstr(why, "postgresql://"));
    assert_int_equal(fz_book_path("/data", "./mysql:base", path, why, sizeof why), FZ_OK);
    assert_string_equal(path, "./mysql:base");
    assert_int_equal(fz_book_path("/data", "sqlite:mysql:base", path, why, sizeof why), FZ_OK);
    assert_string_equal(path, "mysql:base");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, place_make, place_close)
    const struct CMUnitTest tests[] = {
        TEST(makes_it_with_its_parents_for_its_owner_alone),
        TEST(closes_an_empty_one_and_its_own_to_others),
        TEST(leaves_a_foreign_one_as_it_is),
        TEST(is_held_by_one_server_at_a_time),
        TEST(refuses_what_is_no_directory),
        TEST(knows_where_the_book_lies),
        TEST(can_be_made_without_being_held),
    };
    return cmocka_run_group_tests_name("data directory", tests, NULL, NULL);
}
