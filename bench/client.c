/* The load of `script/bench client`: queries of one refund by libfenzhang. Usage: client WHAT API DEMO.env COUNT [CERTIFICATE.pem],
 * the last where the answers are signed by another than the platform:
 * cpu     COUNT blocking queries, and as many by libcurl alone with a signature and a verification each: microseconds of both
 * memory  COUNT blocking queries: resident KiB after a thousand, and after each quarter of them
 * loop    COUNT queries, 64 in flight on one thread: how many a second, and how often a second it can sign and verify alone
 * ask, bare, flight, alone  the first and the second of `cpu`, and of `loop`, by themselves: for counting instructions */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bare_client.h"
#include "base/clock.h"
#include "fenzhang/calls.h"
#include "fenzhang/loop.h"

#define IN_FLIGHT 64
#define TURN      50 /* queries of one and the other: both meet the same weather */
#define EARLY     1000

static const char *api, *certificate;
static char mchid[64], sub_mchid[64], serial_no[64], key_file[4096], apiv3_key[64], refund_id[64];
static struct fz_refund_by_id_request query = FZ_INIT(fz_refund_by_id_request);

/* Microseconds of this thread's, of its own and in the system. */
static double cpu_us(void)
{
    struct rusage used;
    getrusage(RUSAGE_THREAD, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static long resident_kib(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    must(file != NULL && fscanf(file, "%*d %ld", &pages) == 1, "/proc/self/statm cannot be read");
    fclose(file);
    return pages * sysconf(_SC_PAGESIZE) / 1024;
}

static void read_demo(const char *path)
{
    char line[4200];
    FILE *file = fopen(path, "r");
    must(file != NULL, "the demo's values cannot be read");
    while (fgets(line, sizeof line, file) != NULL) {
        (void)sscanf(line, "MCHID=%63s", mchid);
        (void)sscanf(line, "SUB_MCHID=%63s", sub_mchid);
        (void)sscanf(line, "SERIAL_NO=%63s", serial_no);
        (void)sscanf(line, "PRIVATE_KEY_PEM=%4095[^\n]", key_file);
        (void)sscanf(line, "APIV3_KEY=%63s", apiv3_key);
        (void)sscanf(line, "REFUND_ID=%63s", refund_id);
    }
    fclose(file);
    query.id = refund_id;
    query.sp_mchid = mchid;
    query.sub_mchid = sub_mchid;
}

static fz_client *new_client(void)
{
    struct fz_client_options options = FZ_CLIENT_OPTIONS_INIT;
    const char *hosts[] = {api, NULL}, *certificates[] = {NULL, NULL};
    fz_client *client = NULL;
    fz_error *error = NULL;
    char *pem = certificate == NULL ? NULL : read_whole(certificate);
    certificates[0] = pem;
    options.mchid = mchid;
    options.serial_no = serial_no;
    options.private_key_file = key_file;
    options.apiv3_key = apiv3_key;
    options.hosts = hosts;
    options.proxy = "";
    options.platform_certificates = certificates;
    options.fixed_certificates = certificate != NULL;
    if (fz_client_new(&options, &client, &error) != 0)
        must(false, fz_error_message(error));
    free(pem);
    return client;
}

static void open_bare(struct bare *bare)
{
    char target[512];
    snprintf(target, sizeof target, "/v3/global/refunds/id/%s?sp_mchid=%s&sub_mchid=%s", refund_id, mchid, sub_mchid);
    bare_open(bare, api, target, mchid, serial_no, key_file);
}

/* ---- CPU and memory ---- */

static void ask(fz_client *client)
{
    struct fz_refund_answer *answer = NULL;
    fz_error *error = NULL;
    if (fz_refund_by_id(client, &query, &answer, &error) != 0)
        must(false, fz_error_message(error));
    fz_answer_free(answer);
}

static void measure_cpu(fz_client *client, int count)
{
    static struct bare bare;
    double ours = 0, theirs = 0;
    open_bare(&bare);
    for (int i = 0; i < TURN; i++) {
        ask(client);
        bare_ask(&bare);
    }
    for (int done = 0; done < count; done += TURN) {
        double begin = cpu_us();
        for (int i = 0; i < TURN; i++)
            ask(client);
        double middle = cpu_us();
        for (int i = 0; i < TURN; i++)
            bare_ask(&bare);
        ours += middle - begin;
        theirs += cpu_us() - middle;
    }
    printf("client=%.2f bare=%.2f\n", ours / count, theirs / count);
    bare_close(&bare);
}

static void measure_memory(fz_client *client, int count)
{
    int done = 0;
    for (; done < EARLY; done++)
        ask(client);
    printf("early=%ld\n", resident_kib());
    for (int quarter = 1; quarter <= 4; quarter++) {
        for (; done < count * (int64_t)quarter / 4; done++)
            ask(client);
        printf("later=%ld\n", resident_kib());
    }
}

static void only_ask(fz_client *client, int count)
{
    for (int i = 0; i < count; i++)
        ask(client);
}

static void only_bare(int count)
{
    static struct bare bare;
    open_bare(&bare);
    for (int i = 0; i < count; i++)
        bare_ask(&bare);
    bare_close(&bare);
}

/* ---- many at a time ---- */

static fz_loop *loop;
static int left, under_way;

static void start(void);

static void on_done(void *argument, void *answer, fz_error *error)
{
    (void)argument;
    if (error != NULL)
        must(false, fz_error_message(error));
    fz_answer_free(answer);
    under_way--;
    if (left > 0)
        start();
}

static void start(void)
{
    fz_error *error = NULL;
    if (fz_loop_start(loop, "refund-by-id", &query, NULL, on_done, NULL, NULL, &error) != 0)
        must(false, fz_error_message(error));
    left--;
    under_way++;
}

static void make_calls(int count)
{
    for (left = count; left > 0 && under_way < IN_FLIGHT;)
        start();
    while (under_way > 0) {
        struct pollfd wait = {.fd = fz_loop_handle(loop), .events = POLLIN};
        (void)poll(&wait, 1, -1);
        fz_loop_work(loop);
    }
}

/* Milliseconds that the core takes for so many signatures and verifications alone. */
static int64_t ms_alone(struct bare *bare, int count)
{
    int64_t begin = fz_ticks_ms();
    for (int i = 0; i < count; i++)
        bare_sign_and_verify(bare);
    return fz_ticks_ms() - begin;
}

static void open_loop(fz_client *client)
{
    fz_error *error = NULL;
    if (fz_loop_new(client, NULL, &loop, &error) != 0)
        must(false, fz_error_message(error));
}

static void only_fly(fz_client *client, int count)
{
    open_loop(client);
    make_calls(count);
    fz_loop_free(loop);
}

static void only_alone(int count)
{
    static struct bare bare;
    open_bare(&bare);
    (void)ms_alone(&bare, count);
    bare_close(&bare);
}

/* Half of what it is compared with comes before, half behind. */
static void measure_loop(fz_client *client, int count)
{
    static struct bare bare;
    open_loop(client);
    open_bare(&bare);
    make_calls(IN_FLIGHT * 2); /* connections and keys are there then */
    int64_t alone_ms = ms_alone(&bare, count / 2);
    double cpu = cpu_us();
    int64_t begin = fz_ticks_ms();
    make_calls(count);
    int64_t ms = fz_ticks_ms() - begin;
    cpu = cpu_us() - cpu;
    alone_ms += ms_alone(&bare, count - count / 2);
    printf("rate=%.1f alone=%.1f busy=%.3f\n", count * 1000.0 / (double)(ms + 1), count * 1000.0 / (double)(alone_ms + 1),
           cpu / 1000 / (double)(ms + 1));
    bare_close(&bare);
    fz_loop_free(loop);
}

int main(int count, char **arguments)
{
    must(count == 5 || count == 6, "usage: client cpu|memory|loop|ask|bare|flight|alone API DEMO.env COUNT [CERTIFICATE.pem]");
    const char *what = arguments[1];
    int calls = atoi(arguments[4]);
    api = arguments[2];
    certificate = arguments[5];
    read_demo(arguments[3]);
    fz_client *client = new_client();
    if (strcmp(what, "cpu") == 0)
        measure_cpu(client, calls);
    else if (strcmp(what, "memory") == 0)
        measure_memory(client, calls);
    else if (strcmp(what, "loop") == 0)
        measure_loop(client, calls);
    else if (strcmp(what, "ask") == 0)
        only_ask(client, calls);
    else if (strcmp(what, "flight") == 0)
        only_fly(client, calls);
    else if (strcmp(what, "alone") == 0)
        only_alone(calls);
    else
        only_bare(calls);
    fz_client_free(client);
    return 0;
}
