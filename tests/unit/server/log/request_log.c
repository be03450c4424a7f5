/* The ring of the request log: its two bounds, its order, reading while others append, news; and finding
 * records by what they are about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

#include "server/log/filter.h"
#include "server/log/json.h"
#include "server/log/request_log.h"

/* ---- records ---- */

static _Thread_local struct fz_record_block *filling; /* a block is one thread's */

/* With `padding` bytes of text behind it. */
static struct fz_request_record *make(int status, size_t padding)
{
    struct fz_request_record draft = {.status = status};
    char text[4096] = "";
    struct fz_request_record *record = fz_request_record_new(&filling, &draft, text, padding);
    assert_non_null(record);
    return record;
}

static void append(struct fz_request_log *log, int from, int to)
{
    for (int i = from; i <= to; i++)
        fz_request_log_append(log, make(i, 100));
}

/* The sequences of what `fz_request_log_before` or `_after` gives, as "3 2 1". */
static const char *sequences(struct fz_request_record *records[], size_t count)
{
    static char text[400];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%llu", i == 0 ? "" : " ",
                                 (unsigned long long)records[i]->sequence);
        fz_request_record_unref(records[i]);
    }
    return text;
}

static const char *before(struct fz_request_log *log, uint64_t sequence, size_t max)
{
    struct fz_request_record *records[50];
    return sequences(records, fz_request_log_before(log, sequence, records, max));
}

static const char *after(struct fz_request_log *log, uint64_t sequence, size_t max)
{
    struct fz_request_record *records[50];
    return sequences(records, fz_request_log_after(log, sequence, records, max));
}

static struct fz_request_log_state state_of(struct fz_request_log *log)
{
    struct fz_request_log_state state;
    fz_request_log_state(log, &state);
    return state;
}

/* 300 of 2 to 4 KiB and one larger than a block: each keeps what it was given while others come and go, in whatever order. */
static void records_share_memory_and_no_content(void **unused)
{
    (void)unused;
    static char text[600 * 1024];
    static struct fz_request_record *records[301];
    struct fz_request_record draft = {0};
    for (size_t i = 0; i < 301; i++) {
        size_t size = i == 150 ? sizeof text : 2000 + 7 * i;
        memset(text, 'a' + (int)(i % 26), size);
        draft.status = (int)i;
        records[i] = fz_request_record_new(&filling, &draft, text, size);
        assert_non_null(records[i]);
    }
    for (size_t i = 0; i < 301; i++) {
        size_t at = i * 97 % 301, size = at == 150 ? sizeof text : 2000 + 7 * at; /* 97 and 301 have no common factor */
        memset(text, 'a' + (int)(at % 26), size);
        assert_int_equal(records[at]->status, at);
        assert_int_equal(records[at]->size, sizeof draft + size);
        assert_memory_equal(records[at]->text, text, size);
        assert_int_equal((uintptr_t)records[at] % 16, 0);
        fz_request_record_unref(records[at]);
    }
    fz_record_block_unref(filling);
    filling = NULL;
}

/* ---- the ring ---- */

static void newest_first_and_oldest_first(void **unused)
{
    (void)unused;
    struct fz_request_log *log = fz_request_log_new(10, 1 << 20);
    assert_string_equal(before(log, 0, 50), "");
    assert_string_equal(after(log, 0, 50), "");
    append(log, 1, 5);
    assert_string_equal(before(log, 0, 50), "5 4 3 2 1");
    assert_string_equal(before(log, 0, 2), "5 4");
    assert_string_equal(before(log, 4, 2), "3 2");
    assert_string_equal(before(log, 1, 2), "");
    assert_string_equal(before(log, 99, 2), "5 4");
    assert_string_equal(after(log, 0, 50), "1 2 3 4 5");
    assert_string_equal(after(log, 3, 50), "4 5");
    assert_string_equal(after(log, 5, 50), "");
    assert_string_equal(after(log, UINT64_MAX, 50), "");
    fz_request_log_free(log);
}

static void no_more_records_than_asked_for(void **unused)
{
    (void)unused;
    struct fz_request_log *log = fz_request_log_new(3, 1 << 20);
    append(log, 1, 3);
    assert_int_equal(state_of(log).dropped, 0);
    append(log, 4, 8);
    assert_string_equal(before(log, 0, 50), "8 7 6");
    assert_string_equal(after(log, 2, 50), "6 7 8");
    struct fz_request_log_state state = state_of(log);
    assert_int_equal(state.first, 6);
    assert_int_equal(state.next, 9);
    assert_int_equal(state.logged, 8);
    assert_int_equal(state.dropped, 5);
    assert_int_equal(state.bytes, 3 * (sizeof(struct fz_request_record) + 100));
    fz_request_log_free(log);
}

static void no_more_bytes_than_asked_for(void **unused)
{
    (void)unused;
    size_t one = sizeof(struct fz_request_record) + 100;
    struct fz_request_log *log = fz_request_log_new(100, 4 * one);
    append(log, 1, 4);
    assert_int_equal(state_of(log).bytes, 4 * one);
    append(log, 5, 5);
    assert_string_equal(before(log, 0, 50), "5 4 3 2");
    fz_request_log_append(log, make(6, 100 + one)); /* as large as two */
    assert_string_equal(before(log, 0, 50), "6 5 4");
    assert_int_equal(state_of(log).bytes, 4 * one);
    fz_request_log_free(log);
}

/* It would not fit into an empty log. Its sequence is gone, so a reader sees that something is missing. */
static void one_that_is_too_large(void **unused)
{
    (void)unused;
    size_t one = sizeof(struct fz_request_record) + 100;
    struct fz_request_log *log = fz_request_log_new(100, 2 * one);
    append(log, 1, 2);
    fz_request_log_append(log, make(3, 100 + 2 * one));
    assert_string_equal(before(log, 0, 50), "");
    assert_int_equal(state_of(log).dropped, 3);
    assert_int_equal(state_of(log).bytes, 0);
    append(log, 4, 4);
    assert_string_equal(after(log, 0, 50), "4");
    fz_request_log_free(log);
}

static void emptied_and_counted_on(void **unused)
{
    (void)unused;
    struct fz_request_log *log = fz_request_log_new(10, 1 << 20);
    append(log, 1, 5);
    fz_request_log_empty(log);
    assert_string_equal(before(log, 0, 50), "");
    assert_int_equal(state_of(log).resets, 1);
    assert_int_equal(state_of(log).bytes, 0);
    assert_int_equal(state_of(log).dropped, 0);
    append(log, 6, 6);
    assert_string_equal(before(log, 0, 50), "6");
    fz_request_log_free(log);
}

static void a_record_outlives_its_place(void **unused)
{
    (void)unused;
    struct fz_request_log *log = fz_request_log_new(1, 1 << 20);
    struct fz_request_record *held;
    append(log, 1, 1);
    assert_int_equal(fz_request_log_before(log, 0, &held, 1), 1);
    append(log, 2, 3);
    fz_request_log_free(log);
    assert_int_equal(held->status, 1);
    fz_request_record_unref(held);
}

/* ---- news ---- */

static bool has_news(struct fz_request_log *log, enum fz_news who)
{
    uint64_t count;
    return read(fz_request_log_news(log, who), &count, sizeof count) == sizeof count;
}

static void news_once_for_who_wants_them(void **unused)
{
    (void)unused;
    struct fz_request_log *log = fz_request_log_new(10, 1 << 20);
    append(log, 1, 1);
    assert_false(has_news(log, FZ_NEWS_STREAMS));
    fz_request_log_want_news(log, FZ_NEWS_STREAMS);
    assert_false(has_news(log, FZ_NEWS_STREAMS));
    append(log, 2, 4);
    assert_true(has_news(log, FZ_NEWS_STREAMS));
    assert_false(has_news(log, FZ_NEWS_STREAMS));
    assert_false(has_news(log, FZ_NEWS_ACCESS_LOG));
    append(log, 5, 5);
    assert_false(has_news(log, FZ_NEWS_STREAMS));
    fz_request_log_want_news(log, FZ_NEWS_STREAMS);
    fz_request_log_want_news(log, FZ_NEWS_ACCESS_LOG);
    fz_request_log_empty(log);
    assert_true(has_news(log, FZ_NEWS_STREAMS));
    assert_true(has_news(log, FZ_NEWS_ACCESS_LOG));
    fz_request_log_free(log);
}

/* ---- threads ---- */

#define APPENDERS 4
#define EACH      3000

static void *append_many(void *log)
{
    for (int i = 0; i < EACH; i++)
        fz_request_log_append(log, make(200, (size_t)i % 500));
    fz_record_block_unref(filling);
    return NULL;
}

/* Follows the log, and adds up what it sees and what it misses. */
static void *follow(void *argument)
{
    struct fz_request_log *log = argument;
    struct fz_request_record *records[16];
    uint64_t at = 0, sum = 0;
    while (at < APPENDERS * EACH) {
        size_t count = fz_request_log_after(log, at, records, 16);
        for (size_t i = 0; i < count; i++) {
            assert_true(i == 0 ? records[i]->sequence > at : records[i]->sequence == at + 1);
            sum += records[i]->sequence - at; /* 1, and 1 for each that is missing */
            at = records[i]->sequence;
            assert_int_equal(records[i]->status, 200);
            fz_request_record_unref(records[i]);
        }
    }
    return (void *)(uintptr_t)sum;
}

static void appending_and_reading_at_once(void **unused)
{
    (void)unused;
    struct fz_request_log *log = fz_request_log_new(64, 20000);
    pthread_t appenders[APPENDERS], readers[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, follow, log), 0);
    for (int i = 0; i < APPENDERS; i++)
        assert_int_equal(pthread_create(&appenders[i], NULL, append_many, log), 0);
    for (int i = 0; i < APPENDERS; i++)
        pthread_join(appenders[i], NULL);
    for (int i = 0; i < 2; i++) {
        void *seen;
        pthread_join(readers[i], &seen);
        assert_int_equal((uintptr_t)seen, APPENDERS * EACH);
    }
    struct fz_request_log_state state = state_of(log);
    assert_int_equal(state.logged, APPENDERS * EACH);
    assert_int_equal(state.next - state.first + state.dropped, APPENDERS * EACH);
    assert_true(state.bytes <= 20000 && state.next - state.first <= 64);
    fz_request_log_free(log);
}

/* ---- what a record is about ---- */

struct side {
    const char *method, *target, *asked, *answer;
};

static struct fz_request_record *record_of(const struct side *side)
{
    struct fz_request_record draft = {.status = 200, .request_id = "0123456789ABCDEF0123456789ABCDEF-0"};
    char text[4096];
    const char *parts[FZ_PART_COUNT] = {[FZ_PART_METHOD] = side->method,
                                        [FZ_PART_TARGET] = side->target,
                                        [FZ_PART_ASKED_BODY] = side->asked,
                                        [FZ_PART_ANSWER_BODY] = side->answer};
    size_t used = 0;
    strcpy(draft.mchid, "1900000100");
    for (int i = 0; i < FZ_PART_COUNT; i++) {
        size_t size = parts[i] == NULL ? 0 : strlen(parts[i]);
        if (size > 0)
            memcpy(text + used, parts[i], size);
        draft.parts[i].at = (uint32_t)used;
        draft.parts[i].size = (uint32_t)size;
        used += size;
    }
    return fz_request_record_new(&filling, &draft, text, used);
}

static bool found_by(const struct side *side, const char *number, const char *sub_mchid)
{
    struct fz_request_filter filter = {0};
    struct fz_request_record *record = record_of(side);
    strcpy(filter.number, number);
    strcpy(filter.sub_mchid, sub_mchid);
    bool fits = fz_request_filter_fits(&filter, record);
    fz_request_record_unref(record);
    return fits;
}

static void numbers_in_path_query_and_bodies(void **unused)
{
    (void)unused;
    static const struct side query = {"GET", "/v3/global/refunds/out-refund-no/R%7C7?sub_mchid=1900000109",
                                      "",
                                      "{\"id\":\"555\", \"transaction_id\" : \"42\",\"status\":\"SUCCESS\"}"};
    assert_true(found_by(&query, "R|7", ""));
    assert_true(found_by(&query, "555", ""));
    assert_true(found_by(&query, "42", "1900000109"));
    assert_false(found_by(&query, "42", "1900000100"));
    assert_false(found_by(&query, "4", ""));
    assert_false(found_by(&query, "SUCCESS", ""));
    assert_false(found_by(&query, "1900000109", "")); /* a merchant's number is none of the exchange's */
    static const struct side post = {
        "POST", "/v3/global/refunds",
        "{\"out_refund_no\":\"A1\",\"x\":{\"out_trade_no\":\n\"T1\"},\"cut\":\"of",
        "{\"list\":[{\"refund_id\":\"1\"},{\"refund_id\":\"2\"}]}"};
    assert_true(found_by(&post, "A1", ""));
    assert_true(found_by(&post, "T1", ""));
    assert_true(found_by(&post, "2", ""));
    assert_false(found_by(&post, "of", ""));
}

static void filters(void **unused)
{
    (void)unused;
    static const struct side side = {"GET", "/v3/global/refunds?path=elsewhere", "", ""};
    struct fz_request_record *record = record_of(&side);
    record->row = FZ_PARAM_ERROR;
    record->status = 400;
    static const struct {
        struct fz_request_filter filter;
        bool fits;
    } cases[] = {
        {{.status_max = 0}, true},
        {{.mchid = "1900000100"}, true},
        {{.mchid = "190000010"}, false},
        {{.path = "/v3/global"}, true},
        {{.path = "refunds"}, true},
        {{.path = "elsewhere"}, false},
        {{.status_min = 400, .status_max = 499}, true},
        {{.status_min = 401, .status_max = 401}, false},
        {{.code = "PARAM_ERROR"}, true},
        {{.code = "PARAM"}, false},
        {{.request_id = "01234567"}, true},
        {{.request_id = "0123456789ABCDEF0123456789ABCDEF-0"}, true},
        {{.request_id = "11234567"}, false},
        {{.mchid = "1900000100", .code = "SIGN_ERROR"}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(fz_request_filter_fits(&cases[i].filter, record), cases[i].fits);
    fz_request_record_unref(record);
}

/* Whatever was sent, the JSON is UTF-8 and moves no terminal. */
static void clean_json(void **unused)
{
    (void)unused;
    static const struct side side = {"GET", "/\xFF\x7F\xC2\x9B\xE5\xBC\xA0", "a\r\n\x1B[31m", ""};
    struct fz_request_record *record = record_of(&side);
    json_t *whole = fz_record_whole(record);
    assert_string_equal(json_string_value(json_object_get(whole, "target")), "/???\xE5\xBC\xA0");
    char *text = json_dumps(whole, JSON_COMPACT);
    assert_non_null(strstr(text, "\"body\":\"a\\r\\n\\u001B[31m\""));
    for (const char *at = text; *at != '\0'; at++)
        assert_true((unsigned char)*at >= 0x20 && *at != 0x7F);
    free(text);
    json_decref(whole);
    fz_request_record_unref(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_share_memory_and_no_content),
        cmocka_unit_test(newest_first_and_oldest_first),
        cmocka_unit_test(no_more_records_than_asked_for),
        cmocka_unit_test(no_more_bytes_than_asked_for),
        cmocka_unit_test(one_that_is_too_large),
        cmocka_unit_test(emptied_and_counted_on),
        cmocka_unit_test(a_record_outlives_its_place),
        cmocka_unit_test(news_once_for_who_wants_them),
        cmocka_unit_test(appending_and_reading_at_once),
        cmocka_unit_test(numbers_in_path_query_and_bodies),
        cmocka_unit_test(filters),
        cmocka_unit_test(clean_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
