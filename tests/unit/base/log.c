/* Log lines: caught from standard error through a pipe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "base/log.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_level_and_text),
        cmocka_unit_test(a_long_line_is_cut_and_still_ends),
    };
    return cmocka_run_group_tests_name("base_log", tests, NULL, NULL);
}
