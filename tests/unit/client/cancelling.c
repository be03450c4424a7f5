/* Calls that are cancelled, wherever they are: each ends at once, and what is said of it is true. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/clock.h"
#include "fenzhang.h"
#include "unit/client/platform.h"
#include "unit/client/silent.h"

#define AT_ONCE_MS 900 /* woken, not by the end of a poll */
#define FILE_SIZE (6 << 20) /* more than the kernel's buffers take */

/* Where a call is when it is cancelled; none of these ever ends by itself. */
struct stage {
    const char *name;
    bool full;      /* connecting: the queue of connections is full */
    bool blackhole; /* the same, at an address that answers nothing (RFC 5737, TEST-NET-1) */
    bool refusing;  /* waiting for the next attempt, as nobody listens */
    bool tls;       /* waiting for the other side's part of the handshake */
    bool keyless;   /* fetching the platform's certificates: of two that want them one waits for the other */
    bool uploads;   /* in the middle of a body that nobody reads */
    enum fz_outcome outcome;
};

static const struct stage stages[] = {
    {.name = "connecting", .full = true, .outcome = FZ_OUTCOME_NOT_SENT},
    {.name = "connecting to nowhere", .blackhole = true, .outcome = FZ_OUTCOME_NOT_SENT},
    {.name = "connecting for certificates", .full = true, .keyless = true, .outcome = FZ_OUTCOME_NOT_SENT},
    {.name = "fetching certificates", .keyless = true, .outcome = FZ_OUTCOME_NOT_SENT},
    {.name = "shaking hands", .tls = true, .outcome = FZ_OUTCOME_NOT_SENT},
    {.name = "waiting for the next attempt", .refusing = true, .outcome = FZ_OUTCOME_NOT_SENT},
    {.name = "sending", .uploads = true, .outcome = FZ_OUTCOME_MAYBE_DONE},
    {.name = "waiting for the answer", .outcome = FZ_OUTCOME_MAYBE_DONE},
};

enum means { BY_CANCEL, BY_CLIENT, BY_SIGNAL, MEANS };

static char *public_key, *private_key, *file;
static char ca_file[] = "/tmp/fenzhang-cancelling-XXXXXX";

/* ---- calls ---- */

struct caller {
    fz_client *client;
    const struct stage *stage;
    fz_cancel *cancel;
    bool looped;
    pthread_t thread;
    fz_error *error;
    bool over;
};

static void set_options(const struct caller *caller, struct fz_call_options *options)
{
    options->cancel = caller->cancel;
    if (caller->stage->uploads) {
        options->file = file;
        options->file_size = FILE_SIZE;
        options->file_name = "letter.png";
        options->file_type = "image/png";
    }
}

static void on_done(void *argument, void *answer, fz_error *error)
{
    struct caller *caller = argument;
    fz_answer_free(answer);
    caller->error = error;
    caller->over = true;
}

static void call_on_a_loop(struct caller *caller, const char *name, const void *request, const struct fz_call_options *options)
{
    fz_loop *loop = NULL;
    if (fz_loop_new(caller->client, NULL, &loop, &caller->error) != 0 ||
        fz_loop_start(loop, name, request, options, on_done, caller, NULL, &caller->error) != 0)
        return;
    while (!caller->over) {
        struct pollfd wait = {.fd = fz_loop_handle(loop), .events = POLLIN};
        (void)poll(&wait, 1, -1);
        fz_loop_work(loop);
    }
    fz_loop_free(loop);
}

static void *call(void *argument)
{
    struct caller *caller = argument;
    struct fz_file_upload_request upload = FZ_INIT(fz_file_upload_request);
    struct fz_mark_request mark = FZ_INIT(fz_mark_request);
    struct fz_call_options options = FZ_INIT(fz_call_options);
    const char *name = caller->stage->uploads ? "file-upload" : "mark";
    const void *request = caller->stage->uploads ? (const void *)&upload : &mark;
    void *answer = NULL;
    upload.filename = "letter.png";
    mark.out_trade_no = "cancelled";
    mark.currency = "CNY";
    set_options(caller, &options);
    if (caller->looped)
        call_on_a_loop(caller, name, request, &options);
    else
        (void)fz_call(caller->client, name, request, &options, &answer, &caller->error);
    fz_answer_free(answer);
    return NULL;
}

/* ---- scenes ---- */

static fz_client *open_client(const struct stage *stage, const struct silent *silent)
{
    char url[80];
    fz_client *client = NULL;
    const char *hosts[] = {silent->url, NULL};
    struct fz_client_options options = FZ_CLIENT_OPTIONS_INIT;
    snprintf(url, sizeof url, "https%s", silent->url + strlen("http"));
    if (stage->tls) {
        hosts[0] = url;
        options.ca_file = ca_file; /* one: to take in and give back all of the system's takes its time */
    }
    if (stage->blackhole)
        hosts[0] = "http://192.0.2.1:81";
    options.mchid = "1900000120";
    options.serial_no = "678F000000000000000000000000000000000000";
    options.private_key = private_key;
    options.apiv3_key = "0123456789abcdefghijABCDEFGHIJ+-";
    options.hosts = hosts;
    options.proxy = "";
    options.deadline_ms = 600000;
    options.attempt_ms = options.backoff_ms = 60000;
    if (!stage->keyless) {
        options.public_key_id = "PUB_KEY_ID_0000000000000000000000000001";
        options.public_key = public_key;
    }
    assert_int_equal(fz_client_new(&options, &client, NULL), 0);
    return client;
}

static void sleep_ms(int milliseconds)
{
    nanosleep(&(struct timespec){.tv_nsec = milliseconds * 1000000L}, NULL);
}

/* Until the calls are where they are to be cancelled. What connects comes to nobody who could tell. */
static void wait_until_there(const struct stage *stage, const struct silent *silent, int connections[2])
{
    int count = stage->full || stage->blackhole || stage->refusing ? 0 : stage->keyless ? 1 : 2;
    for (int i = 0; i < 2; i++)
        connections[i] = -1;
    for (int i = 0; i < count; i++) {
        connections[i] = accept(silent->handle, NULL, NULL);
        struct pollfd wait = {.fd = connections[i], .events = POLLIN};
        assert_int_equal(poll(&wait, 1, 30000), 1);
    }
    sleep_ms(40);
}

static fz_cancel *by_signal;

static void on_signal(int number)
{
    (void)number;
    fz_cancel_all(by_signal);
}

static void cancel_by(enum means means, fz_client *client, fz_cancel *cancel)
{
    by_signal = cancel;
    if (means == BY_CANCEL)
        fz_cancel_all(cancel);
    else if (means == BY_CLIENT)
        fz_client_cancel(client);
    else
        assert_int_equal(raise(SIGUSR1), 0);
}

static void ends(struct caller *caller, enum means means)
{
    pthread_join(caller->thread, NULL);
    if (fz_error_code(caller->error) != FZ_CODE_CANCELLED || fz_error_outcome(caller->error) != caller->stage->outcome)
        fail_msg("%s, means %d, looped %d: code %d, outcome %d: %s", caller->stage->name, means, caller->looped,
                 fz_error_code(caller->error), fz_error_outcome(caller->error), fz_error_message(caller->error));
    fz_error_free(caller->error);
}

/* How long that took. */
static int64_t cancel_at(const struct stage *stage, enum means means, bool looped)
{
    struct silent silent;
    silent_open(&silent, stage->full);
    if (stage->refusing)
        silent_shut(&silent);
    fz_client *client = open_client(stage, &silent);
    fz_cancel *cancel = fz_cancel_new();
    struct caller callers[2];
    for (int i = 0; i < 2; i++) {
        callers[i] = (struct caller){.client = client, .stage = stage, .cancel = cancel, .looped = looped};
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call, &callers[i]), 0);
    }
    int connections[2];
    wait_until_there(stage, &silent, connections);
    int64_t began = fz_ticks_ms();
    cancel_by(means, client, cancel);
    for (int i = 0; i < 2; i++)
        ends(&callers[i], means);
    int64_t took = fz_ticks_ms() - began;
    fz_client_free(client);
    fz_cancel_free(cancel);
    silent_close(&silent);
    for (int i = 0; i < 2; i++)
        if (connections[i] >= 0)
            close(connections[i]);
    return took;
}

/* Once more where the machine was busy. */
static void is_cancelled_at(const struct stage *stage, enum means means, bool looped)
{
    int64_t took = INT64_MAX;
    for (int tries = 0; tries < 5 && took > AT_ONCE_MS; tries++)
        took = cancel_at(stage, means, looped);
    if (took > AT_ONCE_MS)
        fail_msg("%s, means %d, looped %d: %d ms", stage->name, means, looped, (int)took);
}

static void a_call_is_cancelled_wherever_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++)
        for (enum means means = 0; means < MEANS; means++) {
            is_cancelled_at(&stages[i], means, false);
            is_cancelled_at(&stages[i], means, true);
        }
}

/* Nothing goes out by something that is cancelled already; once it is reset, it does. */
static void a_call_that_begins_cancelled_sends_nothing(void **state)
{
    (void)state;
    struct silent silent;
    silent_open(&silent, false);
    struct caller caller = {.client = open_client(&stages[sizeof stages / sizeof stages[0] - 1], &silent), .cancel = fz_cancel_new(),
                            .stage = &stages[0]};
    for (int looped = 0; looped < 2; looped++) {
        fz_cancel_all(caller.cancel);
        caller.looped = looped == 1;
        caller.over = false;
        (void)call(&caller);
        assert_int_equal(fz_error_code(caller.error), FZ_CODE_CANCELLED);
        assert_int_equal(fz_error_outcome(caller.error), FZ_OUTCOME_NOT_SENT);
        fz_error_free(caller.error);
        struct pollfd wait = {.fd = silent.handle, .events = POLLIN};
        assert_int_equal(poll(&wait, 1, 0), 0); /* nobody has connected */
        fz_cancel_reset(caller.cancel);
    }
    fz_client_free(caller.client);
    fz_cancel_free(caller.cancel);
    silent_close(&silent);
}

/* The callback's key is fetched within the client's deadline, and that can be ended too. */
static void *open_callback(void *argument)
{
    struct caller *caller = argument;
    struct fz_callback_received *received = NULL;
    struct fz_callback_request request = FZ_INIT(fz_callback_request);
    char now[24];
    snprintf(now, sizeof now, "%lld", (long long)time(NULL));
    request.timestamp = now;
    request.nonce = "nonce";
    request.serial = "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C";
    request.signature = "AAAA";
    request.body = "{}";
    request.body_size = 2;
    (void)fz_callback_open(caller->client, &request, &received, &caller->error);
    fz_callback_free(received);
    return NULL;
}

static int64_t cancel_callback(void)
{
    static const struct stage stage = {.name = "a callback's key", .keyless = true, .full = true, .outcome = FZ_OUTCOME_NOT_SENT};
    struct silent silent;
    silent_open(&silent, true);
    struct caller caller = {.client = open_client(&stage, &silent), .stage = &stage};
    assert_int_equal(pthread_create(&caller.thread, NULL, open_callback, &caller), 0);
    sleep_ms(40);
    int64_t began = fz_ticks_ms();
    fz_client_cancel(caller.client);
    ends(&caller, BY_CLIENT);
    int64_t took = fz_ticks_ms() - began;
    fz_client_free(caller.client);
    silent_close(&silent);
    return took;
}

static void a_callback_that_waits_for_its_key_is_cancelled(void **state)
{
    (void)state;
    int64_t took = INT64_MAX;
    for (int tries = 0; tries < 5 && took > AT_ONCE_MS; tries++)
        took = cancel_callback();
    assert_in_range(took, 0, AT_ONCE_MS);
}

/* ---- keys ---- */

static char *text_of(BIO *bio)
{
    char *data;
    long size = BIO_get_mem_data(bio, &data);
    char *text = strndup(data, (size_t)size);
    BIO_free(bio);
    return text;
}

static void write_ca_file(EVP_PKEY *key)
{
    char *pem = platform_certificate(key, "5157F09EFDC096DE15EBE81A47057A7232F1B8E1", time(NULL) - 86400, time(NULL) + 86400);
    FILE *out = fdopen(mkstemp(ca_file), "w");
    fputs(pem, out);
    assert_int_equal(fclose(out), 0);
    free(pem);
}

static int open_keys(void **state)
{
    (void)state;
    EVP_PKEY *key = EVP_RSA_gen(2048);
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(bio, key);
    public_key = text_of(bio);
    bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    private_key = text_of(bio);
    write_ca_file(key);
    EVP_PKEY_free(key);
    file = calloc(1, FILE_SIZE);
    return signal(SIGUSR1, on_signal) == SIG_ERR;
}

static int close_keys(void **state)
{
    (void)state;
    free(public_key);
    free(private_key);
    free(file);
    unlink(ca_file);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_cancelled_wherever_it_is),
        cmocka_unit_test(a_call_that_begins_cancelled_sends_nothing),
        cmocka_unit_test(a_callback_that_waits_for_its_key_is_cancelled),
    };
    return cmocka_run_group_tests(tests, open_keys, close_keys);
}
