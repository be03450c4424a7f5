/* The one way out: signature, headers, response. */
#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>

#include "server/exchange/exchange.h"
#include "server/figures/requests.h"
#include "server/net/http_date.h"
#include "server/net/tls.h"
#include "server/work/limits.h"

#define CUT_MAX        4096
#define STALE_MS       600000 /* twice what a client accepts */

/* ---- signature ---- */

void fz_exchange_stamp(struct fz_exchange *exchange)
{
    int64_t now_ms =
        exchange->on_book_clock ? fz_book_now_ms(exchange->tools->workshop->lent.world) : fz_wire_now_ms();
    if (exchange->fault.effect == FZ_FAULT_STALE_TIMESTAMP)
        now_ms -= STALE_MS;
    fz_stamp_make(&exchange->stamp, now_ms);
}

/* With the worker's signer, over the answer's message. */
static enum fz_result sign_message(struct fz_exchange *exchange, struct fz_signer *signer,
                                   struct fz_answer *answer)
{
    if (answer->is_file) /* stamped before its digest was taken */
        return fz_sign_digest(signer, exchange->file.digest, answer->signature);
    fz_exchange_stamp(exchange);
    bool sends_body =
        strcmp(exchange->method, "HEAD") != 0; /* the signature covers what the peer gets to see */
    struct fz_piece pieces[6];
    fz_answer_message(pieces, exchange->stamp.timestamp, exchange->stamp.nonce, answer->body,
                      sends_body ? answer->size : 0);
    return fz_sign(signer, pieces, sizeof pieces / sizeof pieces[0], answer->signature);
}

static enum fz_result sign_expired(struct fz_exchange *exchange, struct fz_answer *answer)
{
    const struct fz_expired_identity *expired = fz_faults_expired(exchange->tools->workshop->lent.faults);
    struct fz_signer *signer = expired == NULL ? NULL : fz_signer_new(expired->key);
    if (signer == NULL)
        return FZ_FAILED;
    enum fz_result result = sign_message(exchange, signer, answer);
    fz_signer_free(signer);
    answer->serial_no = expired->serial;
    return result;
}

/* Signed if and only if the request's signature was good; the file under its own path is the one exception,
 * and faults are. False when it has to be signed and cannot. */
static bool sign(struct fz_exchange *exchange, struct fz_answer *answer)
{
    enum fz_fault_effect fault = exchange->fault.effect;
    if (exchange->caller == NULL || (answer->is_file && !exchange->file.sign) ||
        fault == FZ_FAULT_NO_SIGNATURE)
        return true;
    answer->is_signed = true;
    if (fault == FZ_FAULT_EXPIRED_CERTIFICATE)
        return sign_expired(exchange, answer) == FZ_OK;
    const struct fz_platform_key *key = fz_directory_answering(
        exchange->directory, exchange->caller, exchange->headers.serial, exchange->call.now_ms);
    struct fz_signer *signer = key == NULL ? NULL : fz_signers_prepare(&exchange->tools->signers, key);
    if (signer == NULL || sign_message(exchange, signer, answer) != FZ_OK)
        return false;
    answer->serial_no = key->serial_no;
    if (fault == FZ_FAULT_WRONG_SIGNATURE) /* another nonce than was signed */
        fz_random_text(exchange->stamp.nonce, sizeof exchange->stamp.nonce);
    if (fault == FZ_FAULT_PROBE_SIGNATURE)
        memcpy(answer->signature, FZ_SIGNATURE_PROBE, sizeof FZ_SIGNATURE_PROBE - 1);
    return true;
}

/* ---- headers ---- */

static void add(struct fz_answer_headers *headers, const char *name, const char *value)
{
    headers->list[headers->count].name = name;
    headers->list[headers->count++].value = value;
}

static void add_request_id(struct fz_answer_headers *headers, const char *process_id, enum fz_row row)
{
    fz_request_id_draw(headers->request_id, process_id, row == FZ_ROW_NONE ? 0 : fz_row_text(row)->number);
    add(headers, "Request-ID", headers->request_id);
}

/* RFC 9110, 15.5.6: what the path takes. Where a 405 was asked for there may be no such path. */
static void add_allow(struct fz_answer_headers *headers, const char *target)
{
    fz_route_methods(target, headers->allow);
    if (headers->allow[0] != '\0')
        add(headers, "Allow", headers->allow);
}

/* The spelling of the names counts: client libraries look some of them up case-sensitively. */
static void list_headers(const struct fz_exchange *exchange, const struct fz_answer *answer,
                         struct fz_answer_headers *out)
{
    out->count = 0;
    add_request_id(out, exchange->tools->workshop->lent.process_id, answer->row);
    if (answer->is_file)
        add(out, "Content-Type", "text/plain");
    if (answer->is_file && exchange->file.gzip)
        add(out, "Content-Encoding", "gzip");
    if (answer->is_file && exchange->file.sha1[0] != '\0')
        add(out, "Wechatpay-Statement-Sha1", exchange->file.sha1);
    if (answer->body != NULL)
        add(out, "Content-Type", "application/json; charset=utf-8");
    if (answer->status == MHD_HTTP_METHOD_NOT_ALLOWED)
        add_allow(out, exchange->target);
    if (answer->is_signed) {
        fz_signature_headers(&out->list[out->count], &exchange->stamp, answer->signature, answer->serial_no);
        out->count += FZ_SIGNATURE_HEADERS;
    }
    add(out, "Cache-Control", "no-cache, must-revalidate");
    add(out, "X-Content-Type-Options", "nosniff");
    add(out, "Content-Language", exchange->manner.chinese ? "zh-CN" : "en");
    /* After a refusal in the middle of a request its rest is not read; while the server stops no connection
     * goes on. */
    if (exchange->peer->linger || atomic_load(&exchange->tools->workshop->stopping))
        add(out, "Connection", "close");
    else if (fz_exchange_keeps_alive(exchange))
        add(out, "Keep-Alive", "timeout=75");
}

/* ---- figures ---- */

static void count(struct fz_exchange *exchange, const struct fz_answer *answer)
{
    bool routed = exchange->route.spec != NULL;
    fz_request_figures_count(exchange->tools->figures,
                             &(struct fz_counted){.endpoint = routed ? exchange->route.number : FZ_NO_ENDPOINT,
                                                  .status = answer->status,
                                                  .row = answer->row,
                                                  .verified = exchange->caller != NULL,
                                                  .bytes = answer->is_file ? exchange->file.size : answer->size,
                                                  .duration_us = fz_ticks_us() - exchange->began_us});
}

/* A refund that was refused through the caller's fault; what a limit refused was not looked at. */
static void count_faulty(struct fz_exchange *exchange, const struct fz_answer *answer)
{
    struct fz_limits *limits = exchange->tools->workshop->lent.limits;
    const struct fz_endpoint *endpoint = fz_endpoint_of(&exchange->route);
    if (fz_limits_are_on(limits) && exchange->caller != NULL && endpoint != NULL && !exchange->on_demand &&
        endpoint->rate_class == FZ_RATE_REFUND_SUBMIT && answer->status >= 400 && answer->status < 500 &&
        answer->status != 429)
        fz_limits_count_faulty(limits, exchange->caller->mchid, fz_ticks_ms());
}

/* ---- the response ---- */

/* New; takes over the body, also when it fails, and the file. */
static struct MHD_Response *make_response(struct fz_exchange *exchange, struct fz_answer *answer)
{
    if (exchange->fault.effect == FZ_FAULT_CUT)
        return fz_exchange_cut_response(exchange, answer);
    if (answer->is_file) {
        struct MHD_Response *response =
            MHD_create_response_from_fd64(exchange->file.size, exchange->file.handle);
        if (response != NULL)
            exchange->file.handle = -1;
        return response;
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(
        answer->size, answer->body == NULL ? (void *)(uintptr_t) "" : answer->body,
        answer->body == NULL ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_FREE);
    if (response == NULL)
        free(answer->body);
    return response;
}

static bool queue(struct fz_exchange *exchange, struct fz_answer *answer)
{
    struct fz_answer_headers headers;
    list_headers(exchange, answer, &headers);
    fz_exchange_log(exchange, answer, &headers);
    struct MHD_Response *response = make_response(exchange, answer);
    if (response == NULL)
        return false;
    bool queued = true;
    for (size_t i = 0; queued && i < headers.count; i++)
        queued = MHD_add_response_header(response, headers.list[i].name, headers.list[i].value) == MHD_YES;
    queued =
        queued && MHD_queue_response(exchange->connection, (unsigned)answer->status, response) == MHD_YES;
    MHD_destroy_response(response);
    return queued;
}

bool fz_exchange_answer(struct fz_exchange *exchange, enum fz_result result)
{
    struct fz_answer answer;
    if (!fz_exchange_render(exchange, result, &answer))
        return false;
    if (!sign(exchange, &answer)) {
        free(answer.body);
        exchange->caller =
            NULL; /* without a key no answer can be signed: a failure, and it says so unsigned */
        return fz_exchange_answer(exchange, FZ_FAILED);
    }
    count(exchange, &answer);
    count_faulty(exchange, &answer);
    return queue(exchange, &answer);
}

/* Who does not take it at once gets the end alone. */
static void send_past(struct fz_exchange *exchange, const struct fz_text *text)
{
    struct MHD_Connection *connection = exchange->connection;
    if (exchange->tools->tls != NULL) {
        fz_tls_send(connection, text->data, text->size);
        return;
    }
    int handle = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    (void)!send(handle, text->data, text->size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void fz_exchange_cut(struct fz_exchange *exchange, enum fz_row row)
{
    struct fz_answer answer;
    struct fz_answer_headers headers;
    struct fz_text text = {.max = CUT_MAX};
    char date[FZ_HTTP_DATE_SIZE];
    exchange->peer->linger = true;
    if (!fz_exchange_render(exchange, fz_refuse(&exchange->error, row), &answer))
        return;
    count(exchange, &answer);
    list_headers(exchange, &answer, &headers);
    fz_exchange_log(exchange, &answer, &headers);
    fz_http_date(date);
    fz_text_format(&text, "HTTP/1.1 %d %s\r\nDate: %s\r\n", answer.status,
                   MHD_get_reason_phrase_for((unsigned)answer.status), date);
    for (size_t i = 0; i < headers.count; i++)
        fz_text_format(&text, "%s: %s\r\n", headers.list[i].name, headers.list[i].value);
    fz_text_format(&text, "Content-Length: %zu\r\n\r\n%s", answer.size, answer.body);
    free(answer.body);
    if (!text.failed)
        send_past(exchange, &text);
    fz_text_done(&text);
}
