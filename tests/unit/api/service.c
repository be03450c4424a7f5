/* The API without HTTP, for the tests of this folder. */
#include "unit/api/service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "base/text.h"
#include "book/due/due.h"
#include "book/event.h"
#include "book/order/rail.h"
#include "spec/row/json.h"
#include "wire/server/bill_text.h"

char row[64];
struct fz_error error;
json_t *answer;
struct fz_received received;
struct fz_bill_link file;

static char directory[64];
static struct fz_world *world;
static struct fz_store *store;
static struct fz_reader *reader;
static struct fz_arena texts;

static const unsigned char token_key[32] = "token key of the unit tests....";
static const unsigned char apiv3_key[32] = {'K', 'E', 'Y'};

/* ---- the book ---- */

static enum fz_result add_merchants(struct fz_tx *tx, void *argument)
{
    (void)argument;
    int signed_day = 0, today = fz_day_of(tx->now_ms);
    assert_int_equal(fz_parse_day("2026-01-01", &signed_day), FZ_OK);
    const struct fz_merchant merchants[] = {
        {INSTITUTION, FZ_MERCHANT_INSTITUTION, "", signed_day, 60, "USD", 3000, false},
        {CHILD, FZ_MERCHANT_SUB, INSTITUTION, FZ_NO_DAY, FZ_INHERIT, "USD", FZ_INHERIT, false},
        {OTHER_CHILD, FZ_MERCHANT_SUB, INSTITUTION, FZ_NO_DAY, FZ_INHERIT, "USD", FZ_INHERIT, false},
        {DIRECT, FZ_MERCHANT_DIRECT, "", signed_day, 100, "CNY", 3000, false},
        {STRANGER, FZ_MERCHANT_INSTITUTION, "", FZ_NO_DAY, 60, "USD", 3000, false},
        {NOT_OURS, FZ_MERCHANT_SUB, STRANGER, FZ_NO_DAY, FZ_INHERIT, "USD", FZ_INHERIT, false},
        {LATE, FZ_MERCHANT_DIRECT, "", today, 60, "USD", 3000, false},
    };
    for (size_t i = 0; i < sizeof merchants / sizeof merchants[0]; i++)
        assert_int_equal(fz_merchant_add(tx, &merchants[i]), FZ_OK);
    return FZ_OK;
}

int service_begin(void **state)
{
    (void)state;
    static const unsigned char secret[32];
    char why[400], path[80];
    strcpy(directory, "/tmp/fenzhang-api-XXXXXX");
    if (mkdtemp(directory) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/book.db", directory);
    world = fz_world_new(true, 7, secret);
    fz_clock_reset(world, MONDAY_10_MS, true);
    struct fz_store_options options = {.path = path, .world = world};
    if (fz_store_open(&options, &store, why, sizeof why) != FZ_OK || fz_reader_open(store, &reader) != FZ_OK)
        return -1;
    texts = (struct fz_arena){.max = 1 << 28};
    write_book(add_merchants, NULL);
    return 0;
}

int service_end(void **state)
{
    (void)state;
    json_decref(answer);
    answer = NULL;
    fz_arena_done(&texts);
    fz_reader_close(reader);
    fz_store_close(store);
    fz_world_free(world);
    static const char *const endings[] = {"", "-lock", "-wal", "-shm", "-acknowledged"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char path[100];
        snprintf(path, sizeof path, "%s/book.db%s", directory, endings[i]);
        (void)unlink(path);
    }
    return rmdir(directory);
}

void write_book(fz_work work, void *argument)
{
    struct fz_error refusal = {0};
    if (fz_store_write(store, work, argument, &refusal) != FZ_OK)
        fail_msg("%s %s", fz_row_text(refusal.row)->name, refusal.issue);
}

const char *text(const char *format, ...)
{
    char out[8192];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(out, sizeof out, format, arguments);
    va_end(arguments);
    assert_true(size >= 0 && (size_t)size < sizeof out);
    const char *copy = fz_arena_copy(&texts, out, (size_t)size);
    assert_non_null(copy);
    return copy;
}

/* ---- requests ---- */

struct exchange {
    const struct fz_endpoint *endpoint;
    struct fz_call *call;
    void *params, *out;
};

static enum fz_result work(struct fz_tx *tx, void *argument)
{
    struct exchange *exchange = argument;
    memset(exchange->out, 0, exchange->endpoint->out_size);
    return exchange->endpoint->work(tx, exchange->call, exchange->params, exchange->out);
}

static enum fz_result open_nothing(const struct fz_call *call, const char *base64, char *out, size_t out_size)
{
    (void)call;
    (void)base64;
    (void)out;
    (void)out_size;
    return FZ_MALFORMED;
}

static enum fz_merchant_kind kind_of(const char *mchid)
{
    return strcmp(mchid, INSTITUTION) == 0 || strcmp(mchid, STRANGER) == 0 ? FZ_MERCHANT_INSTITUTION
                                                                           : FZ_MERCHANT_DIRECT;
}

/* ---- an answer against its rows ---- */

static void check_members(const struct fz_member *members, json_t *object);

static void check_text(const struct fz_member *member, json_t *value)
{
    bool listed = member->words == NULL;
    assert_true(json_is_string(value));
    assert_true(member->max == 0 ||
                fz_utf8_length(json_string_value(value), json_string_length(value)) <= member->max);
    for (const char *const *word = member->words; word != NULL && *word != NULL; word++)
        listed = listed || strcmp(*word, json_string_value(value)) == 0;
    if (!listed)
        fail_msg("%s: %s", member->name, json_string_value(value));
}

static void check_member(const struct fz_member *member, json_t *value)
{
    size_t i;
    json_t *item;
    int64_t ms;
    switch (member->kind) {
    case FZ_TIME:
        assert_int_equal(fz_parse_time(json_string_value(value), &ms), FZ_OK);
        check_text(member, value);
        break;
    case FZ_STRING:
        check_text(member, value);
        break;
    case FZ_INTEGER:
        assert_true(json_is_integer(value));
        break;
    case FZ_BOOLEAN:
        assert_true(json_is_boolean(value));
        break;
    case FZ_OBJECT:
        check_members(member->members, value);
        break;
    case FZ_ARRAY:
        assert_true(json_is_array(value));
        assert_true(member->max == 0 || (int64_t)json_array_size(value) <= member->max);
        json_array_foreach(value, i, item) check_members(member->members, item);
        break;
    case FZ_STRINGS:
        assert_true(json_is_array(value));
        assert_true(member->max == 0 || (int64_t)json_array_size(value) <= member->max);
        json_array_foreach(value, i, item) assert_true(json_is_string(item));
        break;
    }
}

/* The members of `object`: each declared, and all there that have to be. */
static void check_members(const struct fz_member *members, json_t *object)
{
    const char *key;
    json_t *value;
    assert_true(json_is_object(object));
    json_object_foreach(object, key, value)
    {
        const struct fz_member *member = members;
        while (member->name != NULL && strcmp(member->name, key) != 0)
            member++;
        if (member->name == NULL)
            fail_msg("%s is not declared", key);
        check_member(member, value);
    }
    for (const struct fz_member *member = members; member->name != NULL; member++)
        if (member->required == FZ_BOTH && json_object_get(object, member->name) == NULL)
            fail_msg("%s is missing", member->name);
}

/* What the endpoint writes, read by another library; NULL when there was no room for all of it. New. */
static json_t *answer_in(const struct exchange *one, size_t room)
{
    json_error_t where;
    struct fz_json json = {.text = {.max = room}};
    fz_members_write(&json, NULL, one->endpoint->spec->answer, one->out);
    json_t *read = NULL;
    if (!json.text.failed) {
        read = json_loads(json.text.data, JSON_REJECT_DUPLICATES, &where);
        if (read == NULL)
            fail_msg("%s: %s", json.text.data, where.text);
        assert_int_equal(strlen(json.text.data), json.text.size);
    }
    fz_text_done(&json.text);
    return read;
}

/* The answer again, with room for no byte, for one, and for more and more: there is none until it is whole. */
static void answer_in_scarce_room(const struct exchange *one)
{
    json_t *again = NULL;
    for (size_t room = 0; again == NULL && room < 40000; room += 1 + room / 16)
        again = answer_in(one, room);
    assert_non_null(again);
    check_members(one->endpoint->spec->answer, again);
    if (strcmp(one->endpoint->spec->name, "certificates") != 0) /* which are sealed anew each time */
        assert_true(json_equal(again, answer));
    json_decref(again);
}

/* What the server does between the route and the answer. */
static enum fz_result exchange(const struct fz_route *route, struct fz_call *call, const char *body)
{
    struct exchange one = {.endpoint = fz_endpoint_of(route), .call = call};
    enum fz_result result =
        fz_parameters_read(route, call, body, body == NULL ? 0 : strlen(body), &one.params);
    if (result == FZ_OK && one.endpoint->check != NULL)
        result = one.endpoint->check(call, one.params);
    if (result != FZ_OK)
        return result;
    one.out = fz_arena_take(call->arena, one.endpoint->out_size);
    assert_non_null(one.out);
    if (one.endpoint->spec->writes)
        result = fz_store_write(store, work, &one, &error);
    else
        result = fz_store_read(reader, work, &one, &error);
    if (result == FZ_OK && one.endpoint->spec->answers_file)
        memcpy(&file, one.out, sizeof file);
    if (result == FZ_OK && one.endpoint->spec->status == 200 && !one.endpoint->spec->answers_file) {
        answer = answer_in(&one, FZ_ANSWER_JSON_MAX);
        assert_non_null(answer);
        check_members(one.endpoint->spec->answer, answer);
        answer_in_scarce_room(&one);
    }
    return result;
}

json_t *request(const char *caller, const char *method, const char *target, const char *body)
{
    struct fz_route route;
    struct fz_arena arena = {.max = 1 << 24};
    json_decref(answer);
    answer = NULL;
    error = (struct fz_error){0};
    enum fz_result result = fz_route_find(method, target, &route, &error);
    struct fz_call call = {.caller = caller,
                           .kind = kind_of(caller),
                           .old_spelling = route.old_spelling,
                           .arena = &arena,
                           .error = &error,
                           .origin = "http://127.0.0.1:8080",
                           .token_key = token_key,
                           .apiv3_key = apiv3_key,
                           .open_sealed = open_nothing,
                           .received = &received,
                           .now_ms = now()};
    if (result == FZ_OK)
        result = exchange(&route, &call, body);
    fz_arena_done(&arena);
    if (result != FZ_OK && result != FZ_REFUSED)
        fail_msg("%s %s: result %d %s", method, target, result, error.issue);
    fz_copy(row, sizeof row, result == FZ_OK ? "" : fz_row_text(error.row)->name);
    return answer;
}

void service_compare(const char *json_text)
{
    json_error_t where;
    json_t *expected = json_loads(json_text, JSON_REJECT_DUPLICATES, &where);
    if (expected == NULL)
        fail_msg("%s: %s", json_text, where.text);
    if (!json_equal(answer, expected)) {
        char *got = json_dumps(answer, JSON_COMPACT | JSON_SORT_KEYS),
             *wanted = json_dumps(expected, JSON_COMPACT | JSON_SORT_KEYS);
        print_error("got      %s\nexpected %s\n", got, wanted);
        free(got);
        free(wanted);
        fail();
    }
    json_decref(expected);
}

const char *member(const char *name)
{
    json_t *value = json_object_get(answer, name);
    if (!json_is_string(value))
        fail_msg("the answer has no text %s", name);
    return text("%s", json_string_value(value));
}

/* ---- time and payers ---- */

int64_t now(void)
{
    return fz_book_now_ms(world);
}

struct run {
    int64_t until_ms, floor_ms, ran, book_ms;
};

static enum fz_result run_events(struct fz_tx *tx, void *argument)
{
    struct run *run = argument;
    return fz_event_run(tx, run->until_ms, run->floor_ms, 1000, &run->ran, &run->book_ms);
}

void pass(int64_t ms)
{
    struct run run = {.until_ms = now() + ms, .floor_ms = now(), .book_ms = now()};
    do {
        run.ran = 0;
        write_book(run_events, &run);
        fz_clock_set(world, run.book_ms, true);
        run.floor_ms = run.book_ms;
    } while (run.ran > 0);
    fz_clock_set(world, run.until_ms, true);
}

struct payer {
    const char *caller, *sub_mchid, *out_trade_no;
    enum fz_payer_kind kind;
};

static enum fz_result pay_order(struct fz_tx *tx, void *argument)
{
    const struct payer *payer = argument;
    struct fz_payment payment;
    enum fz_result result =
        fz_payment_by_out_trade_no(tx, payer->caller, payer->sub_mchid, payer->out_trade_no, &payment);
    return result == FZ_OK ? fz_rail_paid(tx, &payment, payer->kind) : result;
}

void pay(const char *caller, const char *sub_mchid, const char *out_trade_no, enum fz_payer_kind payer)
{
    struct payer one = {caller, sub_mchid, out_trade_no, payer};
    write_book(pay_order, &one);
}

const char *paid(const char *out_trade_no, int64_t amount, bool frozen)
{
    const char *mark =
        text("{\"sub_mchid\":\"" CHILD "\",\"out_trade_no\":\"%s\",\"currency\":\"CNY\"}", out_trade_no);
    assert_answered(request(INSTITUTION, "POST", "/v3/global/profit-sharing/transactions/mark", mark));
    const char *order =
        text("{\"sp_mchid\":\"" INSTITUTION "\",\"sub_mchid\":\"" CHILD
             "\",\"sp_appid\":\"wx8888888888888888\",\"description\":\"tea\","
             "\"notify_url\":\"https://shop.example/n\",\"out_trade_no\":\"%s\",\"trade_type\":\"NATIVE\","
             "\"merchant_category_code\":\"5812\",\"amount\":{\"total\":%lld,\"currency\":\"CNY\"}}",
             out_trade_no, (long long)amount);
    assert_answered(request(INSTITUTION, "POST", "/v3/global/transactions/native", order));
    pay(INSTITUTION, CHILD, out_trade_no, FZ_PAYER_BALANCE);
    const char *query = text(
        "/v3/global/transactions/out-trade-no/%s?sp_mchid=" INSTITUTION "&sub_mchid=" CHILD, out_trade_no);
    assert_answered(get(INSTITUTION, query));
    const char *id = member("id");
    if (frozen)
        pass(5 * FZ_MINUTE_MS);
    return id;
}

/* ---- bills ---- */

static enum fz_result keep(void *argument, const void *data, size_t size)
{
    fz_text_add(argument, data, size);
    return FZ_OK;
}

const char *bill_text(const struct fz_bill_link *link, bool overview_first)
{
    struct fz_text whole = {.max = 1 << 24};
    struct fz_bill_writer writer;
    assert_int_equal(fz_bill_begin(&writer, keep, &whole), FZ_OK);
    assert_int_equal(fz_bill_write(reader, link, overview_first, &writer), FZ_OK);
    assert_int_equal(fz_bill_end(&writer), FZ_OK);
    const char *copy = fz_arena_copy(&texts, whole.data, whole.size);
    fz_text_done(&whole);
    return copy;
}
