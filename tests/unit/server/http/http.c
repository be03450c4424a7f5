/* The API over HTTP, with endpoints of its own: waiting for the writer, overload, peers that go away,
 * stopping, files, new keys. */
#include "unit/server/place.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/call/endpoint.h"
#include "book/merchant/merchant.h"
#include "server/fault/faults.h"
#include "server/figures/requests.h"
#include "server/files/bill_file.h"
#include "server/http/http.h"
#include "server/keys/identity.h"
#include "server/keys/platform_key.h"
#include "server/net/listen.h"
#include "server/work/limits.h"
#include "spec/calls.h"
#include "unit/server/http/caller.h"
#include "wire/base64.h"
#include "wire/server/bill_text.h"
#include "wire/server/key.h"
#include "wire/signature.h"

/* ---- endpoints, in the place of the API's ---- */

static atomic_bool held; /* the write waits for `go_on` */
static sem_t entered, go_on;
static atomic_int works;

struct told {
    const char *caller;
};
static const struct fz_member told_members[] = {FZ_TEXT(told, caller, 32), {0}};

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)tx, (void)params;
    struct told *told = out;
    told->caller = call->caller;
    if (held) {
        sem_post(&entered);
        sem_wait(&go_on);
    }
    atomic_fetch_add(&works, 1);
    return FZ_OK;
}

static enum fz_result refuse(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)call, (void)params, (void)out;
    return fz_refuse(tx->error, FZ_REFUND_SHORT);
}

static enum fz_result break_down(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)tx, (void)call, (void)params, (void)out;
    return FZ_FAILED;
}

#define BILL_DAYS 4
static atomic_int bill_day; /* whose bill the next request gets: 0 to BILL_DAYS - 1 */
static atomic_int named;    /* requests for bills */
static atomic_bool held_bills;
static sem_t may_end[BILL_DAYS]; /* their makings wait for these */

static enum fz_result name_file(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)tx, (void)params;
    struct fz_bill_link *link = out;
    strcpy(link->caller, call->caller);
    link->kind = FZ_SORT_REFUNDS;
    link->day = 20458 + bill_day;
    atomic_fetch_add(&named, 1);
    return FZ_OK;
}

static const struct fz_member no_members[] = {{.name = NULL}};
#define SPEC(...) (&(const struct fz_spec){.request = no_members, .request_size = 8, __VA_ARGS__})
#define ENDPOINT(its_work, its_spec)                                                                         \
    {                                                                                                        \
        .spec = its_spec, .out_size = sizeof(struct fz_bill_link), .work = its_work                          \
    }
static const struct fz_endpoint endpoints[] = {
    ENDPOINT(work, SPEC(.name = "read", .method = "GET", .paths = {"/v3/read"}, .status = 200, FZ_ANSWER(told))),
    ENDPOINT(work, SPEC(.name = "write", .method = "POST", .paths = {"/v3/write"}, .status = 204, .writes = true)),
    ENDPOINT(refuse, SPEC(.name = "refuse", .method = "POST", .paths = {"/v3/refuse"}, .status = 204, .writes = true)),
    ENDPOINT(break_down, SPEC(.name = "fail", .method = "POST", .paths = {"/v3/fail"}, .status = 204, .writes = true)),
    ENDPOINT(name_file, SPEC(.name = "file", .method = "GET", .paths = {"/v3/billdownload/file", "/v3/bill/downloadurl"},
                             .status = 200, .answers_file = FZ_FILE_OF_LINK)),
};
#define ENDPOINTS (sizeof endpoints / sizeof endpoints[0])

static const struct fz_spec *specs[ENDPOINTS];

/* Before there are threads that read them. */
static void list_specs(void)
{
    for (size_t i = 0; i < ENDPOINTS; i++)
        specs[i] = endpoints[i].spec;
}

const struct fz_spec *const *fz_specs(size_t *count)
{
    *count = ENDPOINTS;
    return specs;
}

const struct fz_endpoint *fz_endpoint_of(const struct fz_route *route)
{
    return route->spec == NULL ? NULL : &endpoints[route->number];
}

enum fz_result fz_bill_write(struct fz_reader *reader, const struct fz_bill_link *link, bool overview_first,
                             struct fz_bill_writer *writer)
{
    (void)reader, (void)overview_first;
    if (held_bills) {
        sem_post(&entered);
        sem_wait(&may_end[link->day - 20458]);
    }
    for (int i = 0; i < 2000; i++) {
        fz_bill_int(writer, i);
        fz_bill_line_end(writer);
    }
    return FZ_OK;
}

/* ---- helpers ---- */

static char mchid[] = "1900000200";
static struct caller caller = {.mchid = mchid};
static struct fz_directory_holder *directory_holder;

static enum fz_result make_merchant(struct fz_tx *tx, void *argument)
{
    (void)argument;
    struct fz_merchant merchant = {
        .kind = FZ_MERCHANT_DIRECT, .contract_day = 1, .fee_rate = 60, .settlement_currency = "USD"};
    strcpy(merchant.mchid, mchid);
    enum fz_result result = fz_merchant_add(tx, &merchant);
    return result == FZ_OK ? fz_platform_ensure(tx, &place_secrets, NULL) : result;
}

static enum fz_result issue(struct fz_tx *tx, void *pem)
{
    return fz_identity_issue(tx, &place_secrets, mchid, pem, NULL);
}

static enum fz_result load(struct fz_tx *tx, void *argument)
{
    (void)argument;
    struct fz_directory *directory;
    enum fz_result result = fz_directory_load(tx, &place_secrets, &directory);
    if (result == FZ_OK)
        fz_directory_publish(directory_holder, directory);
    return result == FZ_OK ? fz_identity_serial(tx, mchid, caller.serial_no) : result;
}

/* A new key of the caller, certified and published. */
static void renew_key(void)
{
    struct fz_text pem = {.max = 8192};
    EVP_PKEY_free(caller.key);
    caller.key = fz_key_new();
    assert_int_equal(fz_key_write(caller.key, &pem), FZ_OK);
    place_write(issue, pem.data);
    fz_text_done(&pem);
    place_write(load, NULL);
}

static struct fz_http *http;
static struct fz_bill_files *bill_files;
static struct fz_faults *faults;
static struct fz_limits *limits;

static void end_serving(void)
{
    fz_http_stop(http);
    fz_limits_free(limits);
    fz_faults_free(faults);
    fz_bill_files_free(bill_files);
}

static void serve(void)
{
    char why[300] = "", host[FZ_HOST_SIZE];
    int handle = -1;
    assert_int_equal(fz_listen("--listen", "127.0.0.1:0", &handle, host, why, sizeof why), FZ_OK);
    assert_int_equal(sscanf(host, "127.0.0.1:%d", &caller.port), 1);
    struct fz_bill_files_setup files = {.data = place, .world = place_world, .book = ""};
    bill_files = fz_bill_files_new(&files);
    faults = fz_faults_new();
    limits = fz_limits_new(false);
    struct fz_http_setup setup = {.workshop = {.world = place_world,
                                               .store = place_store,
                                               .secrets = &place_secrets,
                                               .directory = directory_holder,
                                               .limits = limits,
                                               .faults = faults,
                                               .bill_files = bill_files,
                                               .process_id = "0123ABCD",
                                               .api_url = ""},
                                  .workers = 2};
    assert_int_equal(fz_http_start(&setup, handle, -1, &http, why, sizeof why), FZ_OK);
}

static int begin(void **state)
{
    if (place_open(state) != 0)
        return -1;
    directory_holder = fz_directory_holder_new(place_store, &place_secrets);
    place_write(make_merchant, NULL);
    renew_key();
    works = 0;
    held = held_bills = false;
    bill_day = named = 0;
    for (size_t i = 0; i < BILL_DAYS; i++)
        sem_init(&may_end[i], 0, 0);
    sem_init(&entered, 0, 0);
    sem_init(&go_on, 0, 0);
    serve();
    return 0;
}

static int end(void **state)
{
    end_serving();
    fz_directory_holder_free(directory_holder);
    EVP_PKEY_free(caller.key);
    caller.key = NULL;
    return place_close(state);
}

/* An answer with this status whose text has `part` in it. */
static void assert_answer(const char *got, int status, const char *part)
{
    char line[32];
    snprintf(line, sizeof line, "HTTP/1.1 %d ", status);
    if (strncmp(got, line, strlen(line)) != 0 || strstr(got, part) == NULL)
        fail_msg("expected %d with %s, got: %s", status, part, got);
}

/* The answer's signature covers `body_size` bytes of body under the platform's key. */
static void assert_signed(const char *got, const char *body, size_t body_size)
{
    char timestamp[24], nonce[64], base64[FZ_SIGNATURE_BASE64_SIZE], serial_no[FZ_SERIAL_SIZE];
    unsigned char signature[512];
    size_t size;
    assert_true(caller_header(got, "Wechatpay-Timestamp", timestamp, sizeof timestamp));
    assert_true(caller_header(got, "Wechatpay-Nonce", nonce, sizeof nonce));
    assert_true(caller_header(got, "Wechatpay-Signature", base64, sizeof base64));
    assert_true(caller_header(got, "Wechatpay-Serial", serial_no, sizeof serial_no));
    assert_int_equal(fz_base64_read(base64, strlen(base64), signature, sizeof signature, &size), FZ_OK);
    struct fz_directory *directory = fz_directory_present(directory_holder);
    const struct fz_platform_key *key = fz_directory_signing(directory, INT64_MAX);
    assert_non_null(key);
    assert_string_equal(key->serial_no, serial_no);
    struct fz_verifier *verifier = fz_verifier_new(key->private_key);
    struct fz_piece pieces[6];
    fz_answer_message(pieces, timestamp, nonce, body, body_size);
    assert_true(fz_verify(verifier, pieces, 6, signature, size));
    fz_verifier_free(verifier);
    fz_directory_unref(directory);
}

/* ---- tests ---- */

static void reads_and_writes(void **state)
{
    (void)state;
    const char *got = caller_call(&caller, "GET", "/v3/read", NULL);
    assert_answer(got, 200, "{\"caller\":\"1900000200\"}");
    assert_signed(got, caller_body(got), strlen(caller_body(got)));
    got = caller_call(&caller, "POST", "/v3/write", "{}");
    assert_answer(got, 204, "Request-ID: ");
    assert_signed(got, "", 0);
    assert_int_equal(works, 2);
    got = caller_call(&caller, "POST", "/v3/refuse", "{}");
    assert_answer(got, 403, "NOT_ENOUGH");
    assert_signed(got, caller_body(got), strlen(caller_body(got)));
    got = caller_call(&caller, "POST", "/v3/fail", "{}");
    assert_answer(got, 500, "SYSTEM_ERROR");
    assert_signed(got, caller_body(got), strlen(caller_body(got)));
}

struct call {
    pthread_t thread;
    char got[2000];
};

static void *call_write(void *argument)
{
    struct call *call = argument;
    snprintf(call->got, sizeof call->got, "%s", caller_call(&caller, "POST", "/v3/write", "{}"));
    return NULL;
}

static void start_call(struct call *call)
{
    assert_int_equal(pthread_create(&call->thread, NULL, call_write, call), 0);
}

static void wait_for_waiting(size_t wanted)
{
    struct fz_store_health health = {0};
    while (health.waiting != wanted) {
        usleep(1000);
        fz_store_health(place_store, &health);
    }
}

/* One write is worked on, one waits, that is all the queue has room for: the third is told so at once. Reads
 * go on. */
static void a_full_queue(void **state)
{
    char why[300] = "";
    end_serving();
    fz_store_close(place_store);
    struct fz_store_options options = {.path = place_path("book.db"), .world = place_world, .queue_max = 1};
    assert_int_equal(fz_store_open(&options, &place_store, why, sizeof why), FZ_OK);
    serve();
    struct call first, second;
    held = true;
    start_call(&first);
    sem_wait(&entered);
    start_call(&second);
    wait_for_waiting(1);
    const char *got = caller_call(&caller, "POST", "/v3/write", "{}");
    assert_answer(got, 503, "SERVICE_UNAVAILABLE");
    assert_signed(got, caller_body(got), strlen(caller_body(got)));
    assert_int_equal(works, 0);
    held = false; /* the first waits already; the second will not */
    assert_answer(caller_call(&caller, "GET", "/v3/read", NULL), 200, "caller");
    sem_post(&go_on);
    pthread_join(first.thread, NULL);
    pthread_join(second.thread, NULL);
    assert_answer(first.got, 204, "");
    assert_answer(second.got, 204, "");
    assert_int_equal(works, 3);
    (void)state;
}

/* A peer that leaves while its write waits: the write is done all the same, and nobody trips over the
 * connection. */
static void a_peer_that_goes_away(void **state)
{
    (void)state;
    held = true;
    int connection = caller_connect(&caller);
    caller_send(&caller, connection, "POST", "/v3/write", "{}");
    sem_wait(&entered);
    close(connection);
    held = false;
    sem_post(&go_on);
    assert_answer(caller_call(&caller, "POST", "/v3/write", "{}"), 204, "");
    assert_int_equal(works, 2);
    struct fz_http_health health;
    do { /* its place is given back */
        usleep(1000);
        fz_http_health(http, &health);
    } while (health.connections > 0);
}

static void *stop(void *argument)
{
    (void)argument;
    end_serving();
    return NULL;
}

/* A request that a fault holds up for a minute does not hold up a stop: it is told that it was not done. */
static void a_stop_ends_delays(void **state)
{
    (void)state;
    struct call call;
    pthread_t stopper;
    struct fz_fault_rule rule = {.fault = {.effect = FZ_FAULT_DELAY, .delay_ms = FZ_FAULT_DELAY_MAX_MS},
                                 .share = FZ_FAULT_SHARE_ALL};
    int64_t id;
    assert_int_equal(fz_faults_add(faults, &rule, &id), FZ_OK);
    start_call(&call);
    struct fz_fault_state states[FZ_FAULTS_MAX] = {0};
    while (states[0].hits == 0) {
        usleep(1000);
        assert_int_equal(fz_faults_list(faults, 0, 0, states), 1);
    }
    usleep(20000);
    assert_int_equal(works, 0);
    int64_t begin_ms = fz_ticks_ms();
    assert_int_equal(pthread_create(&stopper, NULL, stop, NULL), 0);
    pthread_join(call.thread, NULL);
    pthread_join(stopper, NULL);
    assert_true(fz_ticks_ms() - begin_ms < 10000);
    assert_answer(call.got, 503, "SERVICE_UNAVAILABLE");
    assert_int_equal(works, 0);
    serve();
}

/* A stop waits for what is being written, and its answer goes out; idle and half-sent requests do not hold it
 * up. */
static void a_stop_answers_what_waits(void **state)
{
    (void)state;
    struct call call;
    pthread_t stopper;
    int idle = caller_connect(&caller), half = caller_connect(&caller);
    caller_send_text(half, "POST /v3/write HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345");
    held = true;
    start_call(&call);
    sem_wait(&entered);
    assert_int_equal(pthread_create(&stopper, NULL, stop, NULL), 0);
    usleep(50000);
    int64_t begin_ms = fz_ticks_ms();
    sem_post(&go_on);
    pthread_join(stopper, NULL);
    assert_true(fz_ticks_ms() - begin_ms < 10000); /* an idle connection is kept for 75 s */
    pthread_join(call.thread, NULL);
    assert_answer(call.got, 204, "Connection: close");
    assert_string_equal(caller_read(idle, NULL), "");
    assert_string_equal(caller_read(half, NULL), "");
    held = false;
    serve();
}

/* A body that announces itself as too large is refused before it comes, and what comes of it does not destroy
 * the answer. */
static void a_body_too_large(void **state)
{
    (void)state;
    int connection = caller_connect(&caller);
    caller_send_text(
        connection,
        "POST /v3/write HTTP/1.1\r\nHost: x\r\nAccept: a\r\nUser-Agent: b\r\nContent-Length: 65537\r\n\r\n");
    usleep(50000);
    char *body = calloc(1, 65538);
    memset(body, 'x', 65537);
    caller_send_text(connection, body);
    free(body);
    assert_answer(caller_read(connection, NULL), 413, "INVALID_REQUEST");
    assert_int_equal(works, 0);
}

/* As GET /metrics tells it. */
static const char *refused_requests(void)
{
    static const char name[] = "\nfenzhang_requests_refused_total ";
    static char value[24];
    struct fz_text text = {.max = 1 << 20};
    struct fz_request_figures *sum = fz_request_figures_new();
    fz_http_count(http, sum);
    fz_request_figures_write(sum, &text);
    const char *at = strstr(text.data, name);
    assert_non_null(at);
    fz_copy_part(value, sizeof value, at + sizeof name - 1, strcspn(at + sizeof name - 1, "\n"));
    fz_text_done(&text);
    fz_request_figures_free(sum);
    return value;
}

/* A chunked body does not announce its size: the refusal comes in the middle of it. */
static void chunks_without_end(void **state)
{
    (void)state;
    char chunk[1100], line[8];
    int connection = caller_connect(&caller);
    caller_send_text(connection, "POST /v3/write HTTP/1.1\r\nHost: x\r\nAccept: a\r\nUser-Agent: "
                                 "b\r\nTransfer-Encoding: chunked\r\n\r\n");
    snprintf(line, sizeof line, "%x\r\n", 1024);
    snprintf(chunk, sizeof chunk, "%s%01024d\r\n", line, 0);
    for (int i = 0; i < 64; i++)
        caller_send_text(connection, chunk);
    usleep(20000); /* 65536 bytes are no reason yet */
    assert_string_equal(refused_requests(), "0");
    for (int i = 0; i < 300; i++)
        caller_send_text(connection, chunk);
    const char *got = caller_read(connection, NULL);
    assert_answer(got, 413, "\r\nConnection: close\r\n");
    assert_memory_equal(caller_body(got), "{\"code\":\"INVALID_REQUEST\",", 26);
    assert_string_equal(refused_requests(), "1");
    assert_int_equal(works, 0);
}

static void files(void **state)
{
    (void)state;
    char value[FZ_SIGNATURE_BASE64_SIZE];
    size_t size;
    int connection = caller_connect(&caller);
    caller_send(&caller, connection, "GET", "/v3/billdownload/file", NULL);
    const char *got = caller_read(connection, &size);
    assert_answer(got, 200, "Content-Type: text/plain\r\n");
    assert_false(caller_header(got, "Wechatpay-Signature", value, sizeof value));
    assert_true(caller_header(got, "Request-ID", value, sizeof value));
    assert_memory_equal(caller_body(got), "\xEF\xBB\xBF`0\r\n`1\r\n", 11);
    assert_memory_equal(got + size - 7, "`1999\r\n", 7);

    connection = caller_connect(&caller);
    caller_send(&caller, connection, "GET", "/v3/bill/downloadurl", NULL);
    got = caller_read(connection, &size);
    assert_answer(got, 200, "Content-Type: text/plain\r\n");
    assert_signed(got, caller_body(got), (size_t)(got + size - caller_body(got)));
    assert_int_equal(fz_bill_files_made(bill_files), 1);
}

static void *call_file(void *argument)
{
    struct call *call = argument;
    size_t size;
    int connection = caller_connect(&caller);
    caller_send(&caller, connection, "GET", "/v3/bill/downloadurl", NULL);
    snprintf(call->got, sizeof call->got, "%s", caller_read(connection, &size));
    return NULL;
}

/* Asks for the bill of a day; has come so far that it is opened, or made. */
static void ask_for_bill(struct call *call, int day)
{
    int before = named;
    bill_day = day;
    assert_int_equal(pthread_create(&call->thread, NULL, call_file, call), 0);
    while (named == before)
        usleep(1000);
}

static void assert_served(struct call *call)
{
    pthread_join(call->thread, NULL);
    assert_answer(call->got, 200, "Content-Type: text/plain\r\n");
}

/* Bills are being made by all who make them: one that is ready is sent, and a signature that is wrong is looked into.
 * Who waited for the first that is done is served then, and does not wait for another's making. */
static void what_is_ready_waits_for_no_making(void **state)
{
    (void)state;
    struct call calls[6];
    ask_for_bill(&calls[0], 0);
    assert_served(&calls[0]);
    held_bills = true;
    for (int day = 1; day <= 2; day++) {
        ask_for_bill(&calls[day], day);
        sem_wait(&entered);
    }
    ask_for_bill(&calls[3], 3);
    ask_for_bill(&calls[4], 1); /* a second one of that */
    ask_for_bill(&calls[5], 0);
    assert_served(&calls[5]);
    struct caller wrong = caller;
    wrong.key = fz_key_new();
    assert_answer(caller_call(&wrong, "GET", "/v3/read", NULL), 401, "\"diagnosis\"");
    EVP_PKEY_free(wrong.key);
    assert_int_equal(fz_bill_files_made(bill_files), 1);
    sem_post(&may_end[1]);
    assert_served(&calls[1]);
    assert_served(&calls[4]);
    sem_post(&may_end[2]);
    sem_post(&may_end[3]);
    assert_served(&calls[2]);
    assert_served(&calls[3]);
    assert_int_equal(fz_bill_files_made(bill_files), 4);
}

/* A new certificate counts from the next request on, for every worker; the old one is known as superseded. */
static void a_new_certificate(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) /* both workers have the old key at hand */
        assert_answer(caller_call(&caller, "GET", "/v3/read", NULL), 200, "");
    struct caller old = caller;
    EVP_PKEY_up_ref(old.key);
    renew_key();
    for (int i = 0; i < 4; i++) {
        assert_answer(caller_call(&caller, "GET", "/v3/read", NULL), 200, "");
        assert_answer(caller_call(&old, "GET", "/v3/read", NULL), 401, "has been replaced");
    }
    EVP_PKEY_free(old.key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_and_writes, begin, end),
        cmocka_unit_test_setup_teardown(a_full_queue, begin, end),
        cmocka_unit_test_setup_teardown(a_peer_that_goes_away, begin, end),
        cmocka_unit_test_setup_teardown(a_stop_answers_what_waits, begin, end),
        cmocka_unit_test_setup_teardown(a_stop_ends_delays, begin, end),
        cmocka_unit_test_setup_teardown(a_body_too_large, begin, end),
        cmocka_unit_test_setup_teardown(chunks_without_end, begin, end),
        cmocka_unit_test_setup_teardown(files, begin, end),
        cmocka_unit_test_setup_teardown(what_is_ready_waits_for_no_making, begin, end),
        cmocka_unit_test_setup_teardown(a_new_certificate, begin, end),
    };
    list_specs();
    return cmocka_run_group_tests_name("server/http", tests, NULL, NULL);
}
