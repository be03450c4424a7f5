/* A client's whole life, again and again, while each time another allocation or another system call fails: nothing is
 * lost, nothing hangs, and what is said of a write is true.
 *   torture   (FENZHANG_TORTURE=all: every allocation; otherwise those of libcurl and OpenSSL are sampled) */
#include <curl/curl.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fenzhang.h"
#include "torture/service.h"

#define HANGS_S 60 /* one life: it takes some milliseconds */

/* ---- memory ---- */

enum owner { OURS, JANSSON, CURL_S, OPENSSL, OWNERS };
static const char *const owners[] = {"libfenzhang", "jansson", "libcurl", "OpenSSL"};

static struct memory {
    unsigned long taken, failing; /* in this life; which fails (0: none) */
    bool failed;
    long held;
} memory[OWNERS];

static bool runs_short(enum owner owner)
{
    struct memory *of = &memory[owner];
    if (service.inside || ++of->taken != of->failing)
        return false;
    of->failed = true;
    return true;
}

/* Before each lies whose it is: what the service takes is not counted. */
struct block {
    _Alignas(max_align_t) bool counted;
    size_t size;
    _Alignas(max_align_t) unsigned char bytes[];
};

static struct block *block_of(void *bytes)
{
    return (struct block *)(void *)((char *)bytes - offsetof(struct block, bytes));
}

static void *take(enum owner owner, size_t size)
{
    struct block *block = runs_short(owner) ? NULL : malloc(sizeof *block + size);
    if (block == NULL)
        return NULL;
    block->counted = !service.inside;
    block->size = size;
    memory[owner].held += block->counted;
    return block->bytes;
}

static void give(enum owner owner, void *bytes)
{
    if (bytes == NULL)
        return;
    memory[owner].held -= block_of(bytes)->counted;
    free(block_of(bytes));
}

static void *change(enum owner owner, void *bytes, size_t size)
{
    void *larger = take(owner, size);
    if (larger != NULL && bytes != NULL) {
        memcpy(larger, bytes, block_of(bytes)->size < size ? block_of(bytes)->size : size);
        give(owner, bytes);
    }
    return larger;
}

static void *clear(enum owner owner, size_t size)
{
    void *bytes = take(owner, size);
    return bytes == NULL ? NULL : memset(bytes, 0, size);
}

static char *copy(enum owner owner, const char *text)
{
    char *bytes = take(owner, strlen(text) + 1);
    return bytes == NULL ? NULL : strcpy(bytes, text);
}

static void *our_take(size_t size) { return take(OURS, size); }
static void *our_change(void *bytes, size_t size) { return change(OURS, bytes, size); }
static void our_give(void *bytes) { give(OURS, bytes); }
/* jansson up to 2.14 does not look whether the buffer of a token that it reads could grow (lex_save): the token loses a
 * character, or is read beyond its end. Such buffers have 32, 64, … bytes, and are not made to fail. */
static void *jansson_take(size_t size)
{
    if (size < 32 || (size & (size - 1)) != 0)
        return take(JANSSON, size);
    unsigned long failing = memory[JANSSON].failing;
    memory[JANSSON].failing = 0;
    void *bytes = take(JANSSON, size);
    memory[JANSSON].failing = failing == memory[JANSSON].taken ? failing + 1 : failing; /* the next one instead */
    return bytes;
}
static void jansson_give(void *bytes) { give(JANSSON, bytes); }
static void *curl_take(size_t size) { return take(CURL_S, size); }
static void *curl_change(void *bytes, size_t size) { return change(CURL_S, bytes, size); }
static void *curl_clear(size_t count, size_t size) { return clear(CURL_S, count * size); }
static char *curl_copy(const char *text) { return copy(CURL_S, text); }
static void curl_give(void *bytes) { give(CURL_S, bytes); }
static void *openssl_take(size_t size, const char *file, int line) { (void)file, (void)line; return take(OPENSSL, size); }
static void openssl_give(void *bytes, const char *file, int line) { (void)file, (void)line; give(OPENSSL, bytes); }
static void *openssl_change(void *bytes, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return change(OPENSSL, bytes, size);
}

static void use_memory(void)
{
    if (CRYPTO_set_mem_functions(openssl_take, openssl_change, openssl_give) != 1)
        abort();
    service.inside = true;
    curl_global_init_mem(CURL_GLOBAL_DEFAULT, curl_take, curl_give, curl_change, curl_copy, curl_clear);
    service.inside = false;
    json_set_alloc_funcs(jansson_take, jansson_give);
    fz_set_allocator(our_take, our_change, our_give);
}

/* ---- what has to hold ---- */

static char doing[160]; /* what fails at present */
static unsigned long lives, wrongs;

static void wrong(const char *step, const char *what)
{
    fprintf(stderr, "%s: %s: %s\n", doing, step, what);
    wrongs++;
}

static bool nothing_fails; /* every step has to come to what the temper says */

static void check_error(const char *step, fz_error *error)
{
    if (error == NULL) {
        wrong(step, "failed without an error");
        return;
    }
    if (fz_error_code(error) == FZ_CODE_NONE || fz_error_message(error)[0] == '\0')
        wrong(step, "an error that says nothing");
}

/* What is said of a write, against what reached the service. */
static void check_write(enum write write, int result, bool as_answered, fz_error *error)
{
    const char *step = write == REFUND ? "refund" : "order";
    if (result == 0) {
        if (service.temper != GOOD || !service.answered[write] || !as_answered)
            wrong(step, "taken for done");
        return;
    }
    check_error(step, error);
    if (error == NULL)
        return;
    switch (fz_error_outcome(error)) {
    case FZ_OUTCOME_NOT_SENT:
        if (service.reached[write])
            wrong(step, "said not to have been sent, and the service saw it");
        break;
    case FZ_OUTCOME_REFUSED:
        if (service.temper != REFUSES || !service.answered[write])
            wrong(step, "said to have been refused, and the service did not sign that");
        break;
    case FZ_OUTCOME_DONE:
        if (service.temper != GOOD || !service.answered[write]) /* it was, and memory for its answer was short */
            wrong(step, "said to have been done, and the service did not sign that");
        break;
    case FZ_OUTCOME_MAYBE_DONE:
        break;
    }
}

static void expect(const char *step, bool holds)
{
    if (nothing_fails && !holds)
        wrong(step, "not as it has to be though nothing failed");
}

/* ---- a life ---- */

static int64_t now_ms(void *clock)
{
    (void)clock;
    return SERVICE_NOW_MS;
}

static fz_client *make_client(fz_error **error)
{
    fz_client *client = NULL;
    struct fz_client_options options = FZ_CLIENT_OPTIONS_INIT;
    options.mchid = "1900000100";
    options.serial_no = "678F0000000000000000000000000000000000AA";
    options.private_key = service_merchant_key();
    options.apiv3_key = SERVICE_APIV3_KEY;
    options.hosts = (const char *const[]){"https://127.0.0.1:4430", NULL};
    options.ca_file = service_ca_file();
    options.proxy = "";
    options.deadline_ms = 3000;
    options.attempt_ms = 1000;
    options.attempts = 2;
    options.backoff_ms = 1;
    options.now_ms = now_ms;
    return fz_client_new(&options, &client, error) == 0 ? client : NULL;
}

static void query(fz_client *client)
{
    fz_error *error = NULL;
    struct fz_refund_answer *answer = NULL;
    struct fz_refund_by_out_refund_no_request request = FZ_INIT(fz_refund_by_out_refund_no_request);
    request.out_refund_no = "R1";
    request.sp_mchid = "1900000100";
    request.sub_mchid = "1900000109";
    int result = fz_refund_by_out_refund_no(client, &request, &answer, &error);
    if (result != 0)
        check_error("query", error);
    else if (service.temper == FORGED || strcmp(answer->id, "5030000000000000001") != 0 || answer->amount.refund != 100)
        wrong("query", "an answer that the service did not give");
    const char *channel = result == 0 ? fz_answer_member(answer, "/channel") : NULL;
    if (channel != NULL && strcmp(channel, "\"ORIGINAL\"") != 0)
        wrong("query", "a member that the service did not give");
    expect("query", (result == 0) == (service.temper != FORGED));
    fz_answer_free(answer);
    fz_error_free(error);
}

/* Only what never arrived may be called unknown to the service. */
static void find_out(fz_client *client, const fz_error *pending)
{
    void *answer = NULL;
    const char *name = NULL;
    fz_error *error = NULL;
    enum fz_outcome outcome = FZ_OUTCOME_MAYBE_DONE;
    if (fz_find_out(client, pending, false, &outcome, &answer, &name, &error) == 0 &&
        (outcome != FZ_OUTCOME_NOT_SENT || service.temper == FORGED))
        wrong("finding out", "an answer that the service did not give");
    fz_answer_free(answer);
    fz_error_free(error);
}

static void submit(fz_client *client)
{
    fz_error *error = NULL;
    struct fz_refund_submit_answer *answer = NULL;
    struct fz_refund_submit_request request = FZ_INIT(fz_refund_submit_request);
    struct fz_refund_source from = {.fund_source = "ORDER_REFUNDABLE_BALANCE", .amount = 100};
    request.sp_mchid = "1900000100";
    request.sub_mchid = "1900000109";
    request.sp_appid = "wx8888888888888888";
    request.transaction_id = "4208450740201411110007820472";
    request.out_refund_no = "R2";
    request.amount = (struct fz_refund_submit_amount){.refund = 100, .total = 5000, .currency = "CNY", .from = &from, .from_count = 1};
    int result = fz_refund_submit(client, &request, &answer, &error);
    check_write(REFUND, result, result == 0 && strcmp(answer->id, "5030000000000000002") == 0, error);
    expect("refund", (result == 0) == (service.temper == GOOD));
    if (error != NULL && fz_error_outcome(error) == FZ_OUTCOME_MAYBE_DONE)
        find_out(client, error);
    fz_answer_free(answer);
    fz_error_free(error);
}

static void order(fz_client *client)
{
    fz_error *error = NULL;
    struct fz_order_native_answer *answer = NULL;
    struct fz_order_place_request request = FZ_INIT(fz_order_place_request);
    request.sp_mchid = "1900000100";
    request.sub_mchid = "1900000109";
    request.sp_appid = "wx8888888888888888";
    request.description = "Camera";
    request.notify_url = "https://example.com/notify";
    request.out_trade_no = "N1";
    request.trade_type = "NATIVE";
    request.merchant_category_code = "5812";
    request.amount.total = 100;
    request.amount.currency = "CNY";
    int result = fz_order_native(client, &request, &answer, &error);
    check_write(ORDER, result, result == 0 && strncmp(answer->code_url, "weixin:", 7) == 0, error);
    expect("order", (result == 0) == (service.temper == GOOD));
    fz_answer_free(answer);
    fz_error_free(error);
}

static void callback(fz_client *client)
{
    fz_error *error = NULL;
    struct fz_callback_received *received = NULL;
    struct fz_callback_request request = service_callback();
    int result = fz_callback_open(client, &request, &received, &error);
    if (result != 0)
        check_error("callback", error);
    else if (service.temper == FORGED || received->event != FZ_CALLBACK_REFUND_SUCCESS || received->refund->amount.refund != 100)
        wrong("callback", "one that the service did not send");
    expect("callback", (result == 0) == (service.temper != FORGED));
    fz_callback_free(received);
    fz_error_free(error);
}

static void forget(void)
{
    lives++;
    for (int owner = 0; owner < OWNERS; owner++) {
        memory[owner].taken = 0;
        memory[owner].failed = false;
    }
    for (int write = 0; write < WRITES; write++)
        service.reached[write] = service.answered[write] = false;
    service.calls = 0;
    service.failed = NULL;
}

static void live(void)
{
    fz_error *error = NULL;
    forget();
    alarm(HANGS_S);
    fz_client *client = make_client(&error);
    if (client != NULL) {
        query(client);
        submit(client);
        order(client);
        callback(client);
        fz_client_free(client);
    } else {
        check_error("client", error);
        fz_error_free(error);
    }
    expect("client", client != NULL);
    alarm(0);
    if (service_open() != 0)
        wrong("end", "a connection is left open");
    for (int owner = 0; owner <= CURL_S; owner++)
        if (memory[owner].held != 0) {
            fprintf(stderr, "%s: %ld blocks of %s's are left\n", doing, memory[owner].held, owners[owner]);
            memory[owner].held = 0;
            wrongs++;
        }
}

static void live_well(void)
{
    snprintf(doing, sizeof doing, "nothing fails, temper %d", service.temper);
    nothing_fails = true;
    live();
    nothing_fails = false;
}

/* ---- what fails ---- */

static void starve(enum owner owner, unsigned long step)
{
    struct memory *of = &memory[owner];
    of->failing = 1;
    do {
        snprintf(doing, sizeof doing, "%s: allocation %lu fails, temper %d", owners[owner], of->failing, service.temper);
        live();
        of->failing += step;
    } while (of->failed);
    of->failing = 0;
}

/* In every way, or in all of them over the tempers that follow the first. */
static void break_calls(bool all)
{
    for (service.way = 0; service.way < SERVICE_WAYS; service.way++) {
        if (!all && service.temper != GOOD && service.way != (unsigned)service.temper - 1)
            continue;
        service.failing = 1;
        do {
            snprintf(doing, sizeof doing, "system call %lu fails in way %u, temper %d", service.failing, service.way, service.temper);
            live();
            service.failing++;
        } while (service.failed != NULL);
    }
    service.failing = 0;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(void)
{
    const char *extent = getenv("FENZHANG_TORTURE");
    bool all = extent != NULL && strcmp(extent, "all") == 0;
    double before = seconds();
    use_memory();
    service_begin();
    live_well(); /* what libraries take once and keep */
    for (int owner = 0; owner < OWNERS; owner++)
        memory[owner].held = 0;
    for (service.temper = GOOD; service.temper < TEMPERS; service.temper++) {
        live_well();
        printf("temper %d: %lu + %lu + %lu + %lu allocations, %lu system calls\n", service.temper, memory[OURS].taken,
               memory[JANSSON].taken, memory[CURL_S].taken, memory[OPENSSL].taken, service.calls);
        fflush(stdout);
        starve(OURS, 1);
        starve(JANSSON, all ? 1 : 7);
        starve(CURL_S, all ? 1 : 7);
        starve(OPENSSL, all ? 1 : 997);
        break_calls(all);
        printf("%.1f s\n", seconds() - before);
    }
    service_end();
    printf("%lu lives, %lu wrongs, %.1f s\n", lives, wrongs, seconds() - before);
    return wrongs == 0 ? 0 : 1;
}
