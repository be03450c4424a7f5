/* The access log: what its lines say, and that neither a slow nor a silent reader holds up who appends, a flush or a stop. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>
#include <pthread.h>

#include "api/call/endpoint.h"
#include "server/log/access_log.h"

#define TEXT (struct fz_access_style){0}
#define ON_TERMINAL (struct fz_access_style){.colour = true}
#define AS_JSON (struct fz_access_style){.json = true}

#define AT_MS INT64_C(1767319200500) /* 2026-01-02T10:00:00.500+08:00 */

/* ---- records ---- */

static struct fz_record_block *filling;

struct given {
    const char *target, *answer; /* NULL: "/v3/x"; none */
    int status;
    enum fz_row row;
    int64_t duration_us;
};

static struct fz_request_record *make(struct given given)
{
    static const char method[] = "GET";
    char text[4096];
    const char *target = given.target == NULL ? "/v3/x" : given.target, *answer = given.answer == NULL ? "" : given.answer;
    struct fz_request_record draft = {
        .wire_ms = AT_MS, .status = given.status, .row = given.row, .duration_us = given.duration_us, .request_id = "0A1B-0"};
    int size = snprintf(text, sizeof text, "%s%s%s", method, target, answer);
    draft.parts[FZ_PART_METHOD] = (struct fz_kept){.at = 0, .size = 3};
    draft.parts[FZ_PART_TARGET] = (struct fz_kept){.at = 3, .size = (uint32_t)strlen(target)};
    draft.parts[FZ_PART_ANSWER_BODY] =
        (struct fz_kept){.at = 3 + (uint32_t)strlen(target), .size = (uint32_t)strlen(answer)};
    struct fz_request_record *record = fz_request_record_new(&filling, &draft, text, (size_t)size);
    assert_non_null(record);
    return record;
}

static const char *exchange(struct fz_access_style style, struct given given)
{
    static char line[4096];
    struct fz_text out = {.max = sizeof line};
    struct fz_request_record *record = make(given);
    fz_access_exchange(&out, style, record);
    fz_request_record_unref(record);
    assert_false(out.failed);
    fz_copy_part(line, sizeof line, out.data, out.size);
    fz_text_done(&out);
    return line;
}

/* ---- lines of exchanges ---- */

static void an_exchange_is_one_line(void **unused)
{
    (void)unused;
    assert_string_equal(exchange(TEXT, (struct given){.status = 200, .duration_us = 870}),
                        "2026-01-02T10:00:00+08:00 GET /v3/x 200 870us 0A1B-0\n");
    assert_string_equal(exchange(TEXT, (struct given){.status = 200, .duration_us = 12345}),
                        "2026-01-02T10:00:00+08:00 GET /v3/x 200 12.3ms 0A1B-0\n");
    assert_string_equal(exchange(TEXT, (struct given){.status = 200, .duration_us = 4560000}),
                        "2026-01-02T10:00:00+08:00 GET /v3/x 200 4.56s 0A1B-0\n");
}

static void a_refusal_says_what_it_is(void **unused)
{
    (void)unused;
    assert_string_equal(
        exchange(TEXT, (struct given){.status = 404, .row = FZ_NOT_FOUND, .answer = "{\"code\":\"NOT_FOUND\",\"message\":\"No such path. Look at it\"}"}),
        "2026-01-02T10:00:00+08:00 GET /v3/x 404 NOT_FOUND \"No such path\" 0us 0A1B-0\n");
    assert_string_equal(exchange(TEXT, (struct given){.status = 400,
                                                      .row = FZ_PARAM_NO_SUB_MCHID,
                                                      .answer = "{\"message\":\"m\",\"detail\":{\"field\":\"sub_mchid\",\"issue\":\"is required\"}}"}),
                        "2026-01-02T10:00:00+08:00 GET /v3/x 400 PARAM_ERROR PARAM_NO_SUB_MCHID \"sub_mchid: is required\" 0us 0A1B-0\n");
    assert_string_equal(exchange(TEXT, (struct given){.status = 401,
                                                      .row = FZ_SIGN_MISMATCH,
                                                      .answer = "{\"message\":\"m\",\"detail\":{\"detail\":{\"issue\":\"sign not match\"}},"
                                                                "\"diagnosis\":{\"mistake\":\"DIGEST_SHA1\",\"message\":\"It is SHA-1. Use another\"}}"}),
                        "2026-01-02T10:00:00+08:00 GET /v3/x 401 SIGN_ERROR SIGN_MISMATCH \"DIGEST_SHA1: It is SHA-1\" 0us 0A1B-0\n");
}

static void a_body_that_is_no_json_leaves_the_words_away(void **unused)
{
    (void)unused;
    assert_string_equal(exchange(TEXT, (struct given){.status = 404, .row = FZ_NOT_FOUND, .answer = "{\"code\":\"NOT"}),
                        "2026-01-02T10:00:00+08:00 GET /v3/x 404 NOT_FOUND 0us 0A1B-0\n");
}

static void colours_go_by_the_status(void **unused)
{
    (void)unused;
    assert_string_equal(exchange(ON_TERMINAL, (struct given){.status = 200}),
                        "\033[2m2026-01-02T10:00:00+08:00\033[0m GET /v3/x \033[32m200\033[0m 0us \033[2m0A1B-0\033[0m\n");
    assert_non_null(strstr(exchange(ON_TERMINAL, (struct given){.status = 404, .row = FZ_NOT_FOUND}),
                           " \033[33m404\033[0m \033[33mNOT_FOUND\033[0m "));
    assert_non_null(strstr(exchange(ON_TERMINAL, (struct given){.status = 500, .row = FZ_SYSTEM_ERROR}), " \033[31m500\033[0m "));
}

static void a_terminal_obeys_no_byte_of_a_peer(void **unused)
{
    (void)unused;
    static const char evil[] = "/v3/\033[2J\177\302\233\r\377x";
    const char *line = exchange(TEXT, (struct given){.target = evil, .status = 200});
    assert_non_null(strstr(line, " GET /v3/?[2J????x 200 "));
    line = exchange(TEXT, (struct given){.status = 404, .row = FZ_NOT_FOUND, .answer = "{\"message\":\"a\\u001b[2J\\u009b\\n\"}"});
    assert_non_null(strstr(line, "\"a?[2J??\""));
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void what_is_long_is_cut_and_says_so(void **unused)
{
    (void)unused;
    char target[1000];
    memset(target, 'a', sizeof target - 1);
    target[sizeof target - 1] = '\0';
    const char *line = exchange(TEXT, (struct given){.target = target, .status = 200});
    assert_non_null(strstr(line, "aaa… 200 "));
    assert_int_equal(strlen(line), strlen("2026-01-02T10:00:00+08:00 GET … 200 0us 0A1B-0\n") + 300);
}

static json_t *parsed(const char *line)
{
    size_t size = strlen(line);
    assert_ptr_equal(strchr(line, '\n'), line + size - 1);
    json_t *json = json_loads(line, 0, NULL);
    assert_non_null(json);
    return json;
}

static void json_has_what_the_request_log_has(void **unused)
{
    (void)unused;
    json_t *line = parsed(exchange(AS_JSON, (struct given){.status = 404, .row = FZ_NOT_FOUND, .answer = "{\"message\":\"No \\\"x\\\". Look\"}"}));
    assert_string_equal(json_string_value(json_object_get(line, "log")), "exchange");
    assert_string_equal(json_string_value(json_object_get(line, "row")), "NOT_FOUND");
    assert_string_equal(json_string_value(json_object_get(line, "diagnosis")), "No \"x\"");
    assert_string_equal(json_string_value(json_object_get(line, "time")), "2026-01-02T10:00:00.500+08:00");
    assert_int_equal(json_integer_value(json_object_get(line, "status")), 404);
    json_decref(line);
}

/* ---- lines of callbacks ---- */

static const struct fz_called_back called = {.event_id = "E1",
                                             .event_type = "TRANSACTION.SUCCESS",
                                             .mchid = "1900000100",
                                             .sub_mchid = "",
                                             .out_trade_no = "T1",
                                             .out_refund_no = "",
                                             .url = "http://shop/notify?token=s3cret",
                                             .kind = "NOTIFICATION",
                                             .wire_ms = AT_MS,
                                             .book_ms = AT_MS,
                                             .duration_ms = 7,
                                             .status = 200,
                                             .outcome = FZ_CALLBACK_DELIVERED,
                                             .error = ""};

static const char *callback(struct fz_access_style style, const struct fz_called_back *of)
{
    static char line[4096];
    struct fz_text out = {.max = sizeof line};
    fz_access_callback(&out, style, of);
    assert_false(out.failed);
    fz_copy_part(line, sizeof line, out.data, out.size);
    fz_text_done(&out);
    return line;
}

static void a_callback_is_one_line(void **unused)
{
    (void)unused;
    assert_string_equal(callback(TEXT, &called),
                        "2026-01-02T10:00:00+08:00 callback http://shop/notify?token=*** 200 delivered NOTIFICATION 7.0ms E1\n");
    struct fz_called_back failed = called;
    failed.status = 0;
    failed.outcome = FZ_CALLBACK_UNANSWERED;
    failed.error = "Connection refused";
    failed.next_ms = AT_MS + 15000;
    assert_string_equal(callback(TEXT, &failed),
                        "2026-01-02T10:00:00+08:00 callback http://shop/notify?token=*** - unanswered NOTIFICATION "
                        "\"Connection refused; again at 2026-01-02T10:00:15+08:00 of the book\" 7.0ms E1\n");
    failed.error = "";
    failed.status = 500;
    failed.outcome = FZ_CALLBACK_REFUSED;
    assert_string_equal(callback(TEXT, &failed),
                        "2026-01-02T10:00:00+08:00 callback http://shop/notify?token=*** 500 refused NOTIFICATION "
                        "\"again at 2026-01-02T10:00:15+08:00 of the book\" 7.0ms E1\n");
    json_t *line = parsed(callback(AS_JSON, &failed));
    assert_string_equal(json_string_value(json_object_get(line, "notify_url")), "http://shop/notify?token=***");
    assert_string_equal(json_string_value(json_object_get(line, "due_time")), "2026-01-02T10:00:15.500+08:00");
    assert_int_equal(json_integer_value(json_object_get(line, "status")), 500);
    assert_null(json_object_get(line, "sub_mchid"));
    json_decref(line);
}

/* ---- the thread ---- */

static struct fz_request_log *requests;
static struct fz_access_log *access_log;
static int ends[2]; /* of a pipe, which the thread writes to */

static void begin(size_t ring)
{
    assert_int_equal(pipe(ends), 0);
    requests = fz_request_log_new(ring, 1 << 24);
    assert_int_equal(fz_access_log_start(requests, TEXT, ends[1], &access_log), FZ_OK);
}

/* Numbered by their status. */
static void append(int from, int to)
{
    for (int i = from; i <= to; i++)
        fz_request_log_append(requests, make((struct given){.status = i}));
}

static char *got;
static size_t got_size;

/* Whatever is in the pipe now. */
static void take(void)
{
    ssize_t more;
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    got = realloc(got, got_size + (1 << 17));
    while ((more = read(ends[0], got + got_size, (1 << 17) - 1)) > 0) {
        got_size += (size_t)more;
        got = realloc(got, got_size + (1 << 17));
    }
    got[got_size] = '\0';
}

static void end(void)
{
    fz_access_log_stop(access_log);
    fz_request_log_free(requests);
    close(ends[1]);
    take();
    close(ends[0]);
}

/* Counts whole lines, which have to be in order, with those that are told to be missing. */
static void read_lines(int *lines, int *missing)
{
    int last = 0;
    char *at = got, *next;
    for (*lines = *missing = 0; at < got + got_size; at = next + 1) {
        next = strchr(at, '\n');
        assert_non_null(next);
        int gone, status;
        if (sscanf(at, "%*s warning %d lines are missing", &gone) == 1) {
            *missing += gone;
            last += gone;
        } else {
            assert_int_equal(sscanf(at, "%*s GET /v3/x %d", &status), 1);
            assert_int_equal(status, last + 1);
            last = status;
            ++*lines;
        }
    }
    free(got);
    got = NULL;
    got_size = 0;
}

static void every_exchange_has_its_line(void **unused)
{
    (void)unused;
    int lines, missing;
    begin(1000);
    append(1, 300);
    end();
    read_lines(&lines, &missing);
    assert_int_equal(lines, 300);
    assert_int_equal(missing, 0);
}

static void a_flush_leaves_nothing_behind(void **unused)
{
    (void)unused;
    int lines, missing;
    begin(1000);
    for (int i = 0; i < 20; i++) {
        append(10 * i + 1, 10 * i + 10);
        fz_access_log_flush(access_log);
        fz_request_log_empty(requests);
    }
    end();
    read_lines(&lines, &missing);
    assert_int_equal(lines, 200);
    assert_int_equal(missing, 0);
}

static void fill_the_pipe(void)
{
    char blanks[4096];
    memset(blanks, '\n', sizeof blanks);
    int flags = fcntl(ends[1], F_GETFL);
    fcntl(ends[1], F_SETFL, flags | O_NONBLOCK);
    while (write(ends[1], blanks, sizeof blanks) > 0)
        ;
    fcntl(ends[1], F_SETFL, flags);
}

/* Nobody reads for a while. What has fallen out meanwhile is told; together nothing is unaccounted for. */
static void a_reader_that_stalls_misses_lines_and_is_told_how_many(void **unused)
{
    (void)unused;
    int lines, missing;
    begin(100);
    fill_the_pipe();
    append(1, 5000);
    fz_access_log_callback(access_log, &called);
    while (got_size == 0 || got[0] == '\n' || strstr(got, "5000") == NULL) { /* it reads again */
        take();
        size_t blanks = strspn(got, "\n");
        got_size -= blanks;
        memmove(got, got + blanks, got_size + 1);
        usleep(1000);
    }
    end();
    char *line = strstr(got, "callback "), *after = strchr(line, '\n') + 1;
    while (line > got && line[-1] != '\n')
        line--;
    memmove(line, after, strlen(after) + 1);
    got_size = strlen(got);
    read_lines(&lines, &missing);
    assert_int_equal(lines + missing, 5000);
    assert_in_range(missing, 4700, 4900); /* 100 were kept, and at most a batch or two was under way */
}

static void a_stop_does_not_wait_for_a_reader(void **unused)
{
    (void)unused;
    begin(100);
    fill_the_pipe();
    append(1, 200);
    end(); /* returns */
    assert_int_equal(strspn(got, "\n"), got_size);
    free(got);
    got = NULL;
    got_size = 0;
}

/* A socket, as a journal has one, cannot be opened once more. */
static void a_stop_does_not_wait_for_a_socket(void **unused)
{
    (void)unused;
    const int smallest = 1;
    int sockets[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
    assert_int_equal(setsockopt(sockets[1], SOL_SOCKET, SO_SNDBUF, &smallest, sizeof smallest), 0);
    char target[290]; /* so that the lines that are written at once are more than the socket takes */
    memset(target, 'a', sizeof target - 1);
    target[sizeof target - 1] = '\0';
    requests = fz_request_log_new(100, 1 << 24);
    for (int i = 0; i < 100; i++)
        fz_request_log_append(requests, make((struct given){.status = 200, .target = target}));
    assert_int_equal(fz_access_log_start(requests, TEXT, sockets[1], &access_log), FZ_OK);
    usleep(20000);
    fz_access_log_stop(access_log); /* returns */
    fz_request_log_free(requests);
    close(sockets[0]);
    close(sockets[1]);
}

static void a_handle_that_is_closed_harms_nobody(void **unused)
{
    (void)unused;
    begin(100);
    close(ends[0]);
    append(1, 50);
    fz_access_log_flush(access_log);
    append(51, 80);
    fz_access_log_stop(access_log);
    fz_request_log_free(requests);
    close(ends[1]);
}

static void *append_many(void *unused)
{
    (void)unused;
    for (int i = 0; i < 2000; i++) {
        fz_request_log_append(requests, make((struct given){.status = 1}));
        fz_access_log_callback(access_log, &called);
    }
    fz_record_block_unref(filling);
    filling = NULL;
    return NULL;
}

static void threads(void **unused)
{
    (void)unused;
    pthread_t one;
    begin(100);
    fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
    assert_int_equal(pthread_create(&one, NULL, append_many, NULL), 0);
    for (int i = 0; i < 50; i++) {
        fz_access_log_flush(access_log);
        take();
    }
    pthread_join(one, NULL);
    end();
    assert_int_equal(got[got_size - 1], '\n');
    free(got);
    got = NULL;
    got_size = 0;
}

static int forget_block(void **unused)
{
    (void)unused;
    fz_record_block_unref(filling);
    filling = NULL;
    return 0;
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_exchange_is_one_line, forget_block),
        cmocka_unit_test_teardown(a_refusal_says_what_it_is, forget_block),
        cmocka_unit_test_teardown(a_body_that_is_no_json_leaves_the_words_away, forget_block),
        cmocka_unit_test_teardown(colours_go_by_the_status, forget_block),
        cmocka_unit_test_teardown(a_terminal_obeys_no_byte_of_a_peer, forget_block),
        cmocka_unit_test_teardown(what_is_long_is_cut_and_says_so, forget_block),
        cmocka_unit_test_teardown(json_has_what_the_request_log_has, forget_block),
        cmocka_unit_test_teardown(a_callback_is_one_line, forget_block),
        cmocka_unit_test_teardown(every_exchange_has_its_line, forget_block),
        cmocka_unit_test_teardown(a_flush_leaves_nothing_behind, forget_block),
        cmocka_unit_test_teardown(a_reader_that_stalls_misses_lines_and_is_told_how_many, forget_block),
        cmocka_unit_test_teardown(a_stop_does_not_wait_for_a_reader, forget_block),
        cmocka_unit_test_teardown(a_stop_does_not_wait_for_a_socket, forget_block),
        cmocka_unit_test_teardown(a_handle_that_is_closed_harms_nobody, forget_block),
        cmocka_unit_test_teardown(threads, forget_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
