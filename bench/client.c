/* The load of `script/bench client`: queries of one refund by libfenzhang. Usage: client WHAT API DEMO.env COUNT:
 * cpu     COUNT blocking queries, and as many by libcurl alone with a signature and a verification each: microseconds of both
 * memory  COUNT blocking queries: resident KiB after a thousand, and after all
 * loop    COUNT queries, 64 in flight on one thread: how many a second, and how often a second it can sign and verify alone */
#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/random.h"
#include "fenzhang/calls.h"
#include "fenzhang/loop.h"
#include "wire/authorization.h"
#include "wire/base64.h"
#include "wire/certificate.h"
#include "wire/signature.h"

#define IN_FLIGHT 64

static const char *api;
static char mchid[64], sub_mchid[64], serial_no[64], key_file[4096], apiv3_key[64], refund_id[64];
static struct fz_refund_by_id_request query = FZ_INIT(fz_refund_by_id_request);

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "client: %s\n", what);
    exit(1);
}

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
    return pages * 4;
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
    const char *hosts[] = {api, NULL};
    fz_client *client = NULL;
    fz_error *error = NULL;
    options.mchid = mchid;
    options.serial_no = serial_no;
    options.private_key_file = key_file;
    options.apiv3_key = apiv3_key;
    options.hosts = hosts;
    options.proxy = "";
    if (fz_client_new(&options, &client, &error) != 0)
        must(false, fz_error_message(error));
    return client;
}

static void ask(fz_client *client)
{
    struct fz_refund_answer *answer = NULL;
    fz_error *error = NULL;
    if (fz_refund_by_id(client, &query, &answer, &error) != 0)
        must(false, fz_error_message(error));
    fz_answer_free(answer);
}

/* ---- the least that a query takes ---- */

struct bare {
    struct fz_signer *signer;
    struct fz_verifier *verifier;
    CURL *easy;
    char target[512], url[1024], answer[8192], signed_by_us[FZ_SIGNATURE_BASE64_SIZE];
    unsigned char signature[512];
    size_t answer_size, signature_size;
};

static size_t keep(char *data, size_t one, size_t count, void *argument)
{
    struct bare *bare = argument;
    must(bare->answer_size + one * count <= sizeof bare->answer, "the answer is too long");
    memcpy(bare->answer + bare->answer_size, data, one * count);
    bare->answer_size += one * count;
    return one * count;
}

/* What is verified is a signature of the same size over as much: whose key it is makes no difference. */
static void sign_for_verifying(struct bare *bare)
{
    struct fz_piece pieces[6];
    fz_answer_message(pieces, "1700000000", "0123456789abcdef0123456789abcdef", bare->answer, bare->answer_size);
    must(fz_sign(bare->signer, pieces, 6, bare->signed_by_us) == FZ_OK, "signing failed");
    must(EVP_DecodeBlock(bare->signature, (const unsigned char *)bare->signed_by_us, (int)strlen(bare->signed_by_us)) == 258,
         "the key is not of 2048 bits");
    bare->signature_size = 256;
}

static void verify(struct bare *bare)
{
    struct fz_piece pieces[6];
    fz_answer_message(pieces, "1700000000", "0123456789abcdef0123456789abcdef", bare->answer, bare->answer_size);
    must(fz_verify(bare->verifier, pieces, 6, bare->signature, bare->signature_size), "verifying failed");
}

static void sign(struct bare *bare, struct fz_text *line)
{
    char nonce[33], timestamp[24], signature[FZ_SIGNATURE_BASE64_SIZE];
    struct fz_piece pieces[10];
    int64_t seconds = fz_wire_now_ms() / 1000;
    must(fz_random_text_try(nonce, sizeof nonce) == FZ_OK, "no random numbers");
    snprintf(timestamp, sizeof timestamp, "%lld", (long long)seconds);
    fz_request_message(pieces, "GET", bare->target, timestamp, nonce, "", 0);
    must(fz_sign(bare->signer, pieces, 10, signature) == FZ_OK, "signing failed");
    fz_text_string(line, "Authorization: ");
    fz_authorization_write(line, mchid, serial_no, nonce, seconds, signature);
}

static void exchange(struct bare *bare)
{
    long status = 0;
    struct fz_text line = {.max = 4096};
    sign(bare, &line);
    struct curl_slist *headers = curl_slist_append(curl_slist_append(NULL, line.data), "Accept: application/json");
    bare->answer_size = 0;
    curl_easy_setopt(bare->easy, CURLOPT_HTTPHEADER, headers);
    must(curl_easy_perform(bare->easy) == CURLE_OK, "libcurl got no answer");
    curl_easy_getinfo(bare->easy, CURLINFO_RESPONSE_CODE, &status);
    must(status == 200, "libcurl got a refusal");
    curl_slist_free_all(headers);
    fz_text_done(&line);
}

static void open_bare(struct bare *bare)
{
    static char pem[8192];
    FILE *file = fopen(key_file, "r");
    must(file != NULL && fread(pem, 1, sizeof pem - 1, file) > 0, "the key cannot be read");
    fclose(file);
    EVP_PKEY *key = fz_key_read(pem);
    bare->signer = fz_signer_new(key);
    bare->verifier = fz_verifier_new(key);
    bare->easy = curl_easy_init();
    must(bare->signer != NULL && bare->verifier != NULL && bare->easy != NULL, "memory is short");
    snprintf(bare->target, sizeof bare->target, "/v3/global/refunds/id/%s?sp_mchid=%s&sub_mchid=%s", refund_id, mchid, sub_mchid);
    snprintf(bare->url, sizeof bare->url, "%s%s", api, bare->target);
    curl_easy_setopt(bare->easy, CURLOPT_URL, bare->url);
    curl_easy_setopt(bare->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(bare->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(bare->easy, CURLOPT_USERAGENT, "bench");
    curl_easy_setopt(bare->easy, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(bare->easy, CURLOPT_WRITEDATA, bare);
    exchange(bare);
    sign_for_verifying(bare);
    EVP_PKEY_free(key);
}

static void close_bare(struct bare *bare)
{
    fz_signer_free(bare->signer);
    fz_verifier_free(bare->verifier);
    curl_easy_cleanup(bare->easy);
}

/* ---- the three measurements ---- */

/* In turns of a hundred, so that both meet the same weather. */
static void measure_cpu(fz_client *client, int count)
{
    static struct bare bare;
    double ours = 0, theirs = 0;
    open_bare(&bare);
    ask(client);
    for (int done = 0; done < count; done += 100) {
        double begin = cpu_us();
        for (int i = 0; i < 100; i++)
            ask(client);
        double middle = cpu_us();
        for (int i = 0; i < 100; i++) {
            exchange(&bare);
            verify(&bare);
        }
        ours += middle - begin;
        theirs += cpu_us() - middle;
    }
    printf("client=%.2f bare=%.2f\n", ours / count, theirs / count);
    close_bare(&bare);
}

static void measure_memory(fz_client *client, int count)
{
    for (int i = 0; i < 1000; i++)
        ask(client);
    long early = resident_kib();
    for (int i = 1000; i < count; i++)
        ask(client);
    printf("early=%ld late=%ld\n", early, resident_kib());
}

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

/* So many queries, by the second. */
static double rate_of_loop(int count)
{
    int64_t begin = fz_ticks_ms();
    for (left = count; left > 0 && under_way < IN_FLIGHT;)
        start();
    while (under_way > 0) {
        struct pollfd wait = {.fd = fz_loop_handle(loop), .events = POLLIN};
        (void)poll(&wait, 1, -1);
        fz_loop_work(loop);
    }
    return count * 1000.0 / (double)(fz_ticks_ms() - begin + 1);
}

static double rate_alone(int count)
{
    static struct bare bare;
    open_bare(&bare);
    int64_t begin = fz_ticks_ms();
    for (int i = 0; i < count; i++) {
        sign_for_verifying(&bare);
        verify(&bare);
    }
    double rate = count * 1000.0 / (double)(fz_ticks_ms() - begin + 1);
    close_bare(&bare);
    return rate;
}

static void measure_loop(fz_client *client, int count)
{
    fz_error *error = NULL;
    if (fz_loop_new(client, NULL, &loop, &error) != 0)
        must(false, fz_error_message(error));
    (void)rate_of_loop(IN_FLIGHT * 2); /* connections and keys are there then */
    double rate = rate_of_loop(count);
    printf("rate=%.1f alone=%.1f\n", rate, rate_alone(count));
    fz_loop_free(loop);
}

int main(int count, char **arguments)
{
    must(count == 5, "usage: client cpu|memory|loop API DEMO.env COUNT");
    int calls = atoi(arguments[4]);
    api = arguments[2];
    read_demo(arguments[3]);
    fz_client *client = new_client();
    if (strcmp(arguments[1], "cpu") == 0)
        measure_cpu(client, calls);
    else if (strcmp(arguments[1], "memory") == 0)
        measure_memory(client, calls);
    else
        measure_loop(client, calls);
    fz_client_free(client);
    return 0;
}
