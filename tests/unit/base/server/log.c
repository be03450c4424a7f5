/* Log lines: caught from standard error through a pipe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "base/server/log.h"

/* Standard error goes into the pipe while `text` is logged; what came out is in `line`. */
static size_t caught(char *line, size_t size, const char *text)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int saved = dup(STDERR_FILENO);
    assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    fz_log_warning("%s %d", text, 7);
    assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
    close(saved);
    close(ends[1]);
    ssize_t got = read(ends[0], line, size - 1);
    close(ends[0]);
    assert_true(got > 0);
    line[got] = '\0';
    return (size_t)got;
}

static void a_line_has_time_level_and_text(void **state)
{
    (void)state;
    char line[4096];
    size_t size = caught(line, sizeof line, "the disk is slow");
    assert_int_equal(size, strlen("2026-01-02T10:00:00+08:00 warning the disk is slow 7\n"));
    assert_string_equal(line + 25, " warning the disk is slow 7\n");
    line[25] = '\0';
    int64_t time_ms = 0;
    assert_int_equal(fz_parse_time(line, &time_ms), FZ_OK);
}

static void a_long_line_is_cut_and_still_ends(void **state)
{
    (void)state;
    char text[5000], line[8192];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    size_t size = caught(line, sizeof line, text);
    assert_in_range(size, 1000, 2048);
    assert_int_equal(line[size - 1], '\n');
    assert_int_equal(line[size - 2], 'x');
    assert_ptr_equal(strchr(line, '\n'), line + size - 1);
}

/* A terminal that was halted: whoever logs goes on, and what is lost is told when lines are taken again. */
static void nobody_waits_for_a_reader_that_takes_nothing(void **state)
{
    (void)state;
    char blanks[4096], line[4096];
    int ends[2], saved = dup(STDERR_FILENO);
    memset(blanks, '\n', sizeof blanks);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    while (write(ends[1], blanks, sizeof blanks) > 0)
        ;
    fcntl(ends[1], F_SETFL, 0); /* from here on a write would wait */
    dup2(ends[1], STDERR_FILENO);
    fz_log_error("one");
    fz_log_info("two");
    while (read(ends[0], line, sizeof line) > 0)
        ;
    fz_log_info("three");
    dup2(saved, STDERR_FILENO);
    ssize_t got = read(ends[0], line, sizeof line - 1);
    assert_true(got > 0);
    line[got] = '\0';
    char *second = strchr(line, '\n') + 1;
    assert_string_equal(second + 25, " info three\n");
    *second = '\0';
    assert_string_equal(line + 25, " warning 2 lines of the log were lost here: standard error took none\n");
    close(saved);
    close(ends[0]);
    close(ends[1]);
}

/* A terminal says that it takes more as soon as it has any room, and a write waits until it had room for all. */
static void nobody_waits_for_a_terminal_that_has_little_room(void **state)
{
    (void)state;
    int master, terminal, saved = dup(STDERR_FILENO);
    char line[1801], taken[64];
    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    assert_int_equal(openpty(&master, &terminal, NULL, NULL, NULL), 0);
    struct pollfd room = {.fd = terminal, .events = POLLOUT};
    assert_int_equal(fcntl(terminal, F_SETFL, O_NONBLOCK), 0);
    while (write(terminal, line, sizeof line - 1) > 0)
        ;
    assert_int_equal(fcntl(terminal, F_SETFL, 0), 0);
    while (poll(&room, 1, 10) == 0)
        assert_true(read(master, taken, sizeof taken) > 0);
    dup2(terminal, STDERR_FILENO);
    for (int i = 0; i < 10; i++)
        fz_log_error("%s", line);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(terminal);
    close(master);
}

/* The file that JOURNAL_STREAM names, and no other. */
static void the_journal_is_known_by_what_the_environment_says(void **state)
{
    (void)state;
    char named[64];
    struct stat found;
    assert_int_equal(fstat(STDERR_FILENO, &found), 0);
    unsetenv("JOURNAL_STREAM");
    assert_false(fz_log_goes_to_journal());
    snprintf(named, sizeof named, "%llu:%llu", (unsigned long long)found.st_dev, (unsigned long long)found.st_ino);
    setenv("JOURNAL_STREAM", named, 1);
    assert_true(fz_log_goes_to_journal());
    snprintf(named, sizeof named, "%llu:%llu", (unsigned long long)found.st_dev, (unsigned long long)found.st_ino + 1);
    setenv("JOURNAL_STREAM", named, 1);
    assert_false(fz_log_goes_to_journal());
    setenv("JOURNAL_STREAM", "x", 1);
    assert_false(fz_log_goes_to_journal());
    unsetenv("JOURNAL_STREAM");
}

/* From here on it stays so. */
static void for_the_journal_a_line_begins_with_its_priority(void **state)
{
    (void)state;
    char line[4096];
    (void)caught(line, sizeof line, "so that no lost lines are left to tell");
    fz_log_as_journal();
    (void)caught(line, sizeof line, "the disk is slow");
    assert_string_equal(line, "<4>the disk is slow 7\n");
}

/* The last test of lines: it stays so. */
static void as_json_a_line_is_an_object(void **state)
{
    (void)state;
    char line[4096];
    fz_log_as_json();
    (void)caught(line, sizeof line, "in \"C:\\x\"\033[2J\n");
    assert_memory_equal(line, "<4>{\"log\":\"message\",\"time\":\"20", strlen("<4>{\"log\":\"message\",\"time\":\"20"));
    assert_string_equal(strstr(line, "\",\"level\""), "\",\"level\":\"warning\",\"text\":\"in \\\"C:\\\\x\\\"?[2J? 7\"}\n");
}

/* ---- to whom it is told ---- */

struct kept {
    struct fz_log_taker taker; /* first */
    char line[200];
};

static void keep(const struct fz_log_taker *taker, const char *level, const char *text)
{
    struct kept *kept = (struct kept *)(uintptr_t)taker;
    snprintf(kept->line, sizeof kept->line, "%s %s", level, text);
}

static void who_is_named_gets_the_lines_and_standard_error_none(void **state)
{
    (void)state;
    struct kept kept = {.taker.take = keep};
    int ends[2], saved = dup(STDERR_FILENO);
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    fz_log_to(&kept.taker);
    fz_log_error("the disk\nis %s", "full");
    fz_log_to(NULL);
    assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
    char byte;
    assert_int_equal(read(ends[0], &byte, 1), -1);
    assert_string_equal(kept.line, "error the disk?is full");
    close(saved), close(ends[0]), close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_level_and_text),
        cmocka_unit_test(a_long_line_is_cut_and_still_ends),
        cmocka_unit_test(nobody_waits_for_a_reader_that_takes_nothing),
        cmocka_unit_test(nobody_waits_for_a_terminal_that_has_little_room),
        cmocka_unit_test(the_journal_is_known_by_what_the_environment_says),
        cmocka_unit_test(for_the_journal_a_line_begins_with_its_priority),
        cmocka_unit_test(as_json_a_line_is_an_object),
        cmocka_unit_test(who_is_named_gets_the_lines_and_standard_error_none),
    };
    return cmocka_run_group_tests_name("base_server_log", tests, NULL, NULL);
}
