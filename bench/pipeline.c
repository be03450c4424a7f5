/* The yardstick of `script/bench query`: the least that a server of signed answers can do with these libraries. libmicrohttpd takes
 * a request, its signature is verified, a fixed body is signed and sent, with as many bytes of head and body as the real answer has.
 * No route, no parameters, no book, no log, no limits. Usage: pipeline CERTIFICATE.pem KEY.pem BODY [replay]; prints its port. Ends
 * with its standard input.
 *
 * With `replay`, for `script/bench client`: a server that is cheaper than any client. It verifies nothing and signs once a second, as a
 * signature covers the second and the body, not what was asked; and it never sleeps. */
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/server/random.h"
#include "wire/authorization.h"
#include "wire/certificate.h"
#include "wire/signature.h"

static struct fz_verifier *verifier;
static struct fz_signer *signer;
static char serial_no[FZ_SERIAL_SIZE];
static const char *body;
static bool replays;

static void add(struct MHD_Response *response, const char *name, const char *value)
{
    if (MHD_add_response_header(response, name, value) != MHD_YES)
        abort();
}

static struct MHD_Response *sign_answer(int64_t seconds)
{
    char timestamp[24], nonce[33], signature[FZ_SIGNATURE_BASE64_SIZE];
    struct fz_piece pieces[6];
    snprintf(timestamp, sizeof timestamp, "%lld", (long long)seconds);
    fz_random_text(nonce, sizeof nonce);
    fz_answer_message(pieces, timestamp, nonce, body, strlen(body));
    if (fz_sign(signer, pieces, 6, signature) != FZ_OK)
        abort();
    struct MHD_Response *response = MHD_create_response_from_buffer(strlen(body), (void *)(uintptr_t)body, MHD_RESPMEM_PERSISTENT);
    add(response, "Request-ID", "0123456789ABCDEF0123456789ABCDEF-0");
    add(response, "Content-Type", "application/json; charset=utf-8");
    add(response, "Wechatpay-Timestamp", timestamp);
    add(response, "Wechatpay-Nonce", nonce);
    add(response, "Wechatpay-Signature", signature);
    add(response, "Wechatpay-Serial", serial_no);
    add(response, "Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048");
    add(response, "Cache-Control", "no-cache, must-revalidate");
    add(response, "X-Content-Type-Options", "nosniff");
    add(response, "Content-Language", "en");
    add(response, "Keep-Alive", "timeout=75");
    return response;
}

/* The answer of this second. There is one thread of the daemon's. */
static struct MHD_Response *kept_answer(int64_t seconds)
{
    static struct MHD_Response *kept;
    static int64_t of;
    if (kept == NULL || of != seconds) {
        if (kept != NULL)
            MHD_destroy_response(kept);
        kept = sign_answer(seconds);
        of = seconds;
    }
    return kept;
}

static enum MHD_Result send_signed(struct MHD_Connection *connection)
{
    int64_t seconds = fz_wire_now_ms() / 1000;
    struct MHD_Response *response = replays ? kept_answer(seconds) : sign_answer(seconds);
    enum MHD_Result queued = MHD_queue_response(connection, 200, response);
    if (!replays)
        MHD_destroy_response(response);
    return queued;
}

/* The target as it came: what the signature covers. */
static void *on_target(void *argument, const char *target, struct MHD_Connection *connection)
{
    (void)argument, (void)connection;
    return strdup(target);
}

static bool is_signed(struct MHD_Connection *connection, const char *method, const char *target)
{
    struct fz_authorization authorization;
    struct fz_piece pieces[10];
    if (fz_authorization_read(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization"), &authorization) !=
        FZ_AUTHORIZATION_READ)
        return false;
    fz_request_message(pieces, method, target, authorization.timestamp_text, authorization.nonce_str, "", 0);
    return fz_verify(verifier, pieces, 10, authorization.signature, authorization.signature_size);
}

static enum MHD_Result on_request(void *argument, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_size, void **target)
{
    (void)argument, (void)url, (void)version, (void)upload, (void)upload_size;
    if (((char *)*target)[0] == '/') { /* the head; the end of the request comes as a second call */
        if (!replays && !is_signed(connection, method, *target))
            return MHD_NO;
        ((char *)*target)[0] = '.';
        return MHD_YES;
    }
    return send_signed(connection);
}

static void on_completed(void *argument, struct MHD_Connection *connection, void **target, enum MHD_RequestTerminationCode code)
{
    (void)argument, (void)connection, (void)code;
    free(*target);
    *target = NULL;
}

static char *read_file(const char *path)
{
    char *text = calloc(1, 16384);
    FILE *file = fopen(path, "r");
    if (text == NULL || file == NULL || fread(text, 1, 16383, file) == 0)
        abort();
    fclose(file);
    return text;
}

static atomic_bool ended;

/* Without a wait: a server that sleeps has to be woken for each request, by an interrupt that whoever sends pays for. Where the
 * service is another machine nobody does. */
static void *replay(void *daemon)
{
    while (!ended)
        (void)MHD_run(daemon);
    return NULL;
}

int main(int count, char **arguments)
{
    pthread_t replayer;
    struct fz_certificate certificate;
    EVP_PKEY *public_key = NULL;
    if (count < 4 || fz_certificate_read(read_file(arguments[1]), &certificate, &public_key) != FZ_OK)
        return 2;
    memcpy(serial_no, certificate.serial, sizeof serial_no);
    body = arguments[3];
    replays = count > 4;
    verifier = fz_verifier_new(public_key);
    signer = fz_signer_new(fz_key_read(read_file(arguments[2])));
    struct MHD_Daemon *daemon =
        MHD_start_daemon(replays ? MHD_USE_EPOLL : MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, on_request, NULL,
                         MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32768, MHD_OPTION_URI_LOG_CALLBACK, on_target, NULL,
                         MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
    if (daemon == NULL || verifier == NULL || signer == NULL || (replays && pthread_create(&replayer, NULL, replay, daemon) != 0))
        return 1;
    printf("http://127.0.0.1:%u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    while (getchar() != EOF)
        continue;
    ended = true;
    if (replays)
        pthread_join(replayer, NULL);
    MHD_stop_daemon(daemon);
    return 0;
}
