/* A notification on its way: requests by libcurl, one after another, each within five seconds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "server/courier/state.h"

/* ---- the answer ---- */

static void keep(struct fz_text *text, const char *data, size_t size)
{
    size_t room = text->max - text->size;
    fz_text_add(text, data, size < room ? size : room);
}

/* More than 64 KiB nobody has to say: libcurl then gives up. */
static size_t receive(struct fz_sending *sending, struct fz_text *text, const char *data, size_t size)
{
    sending->received += size;
    sending->cut = sending->received > FZ_ANSWER_MAX;
    keep(text, data, size);
    return sending->cut ? 0 : size;
}

static size_t on_header(char *data, size_t one, size_t size, void *argument)
{
    (void)one;
    struct fz_sending *sending = argument;
    if (size >= 5 && memcmp(data, "HTTP/", 5) == 0) /* of several heads (100, then the answer) the last */
        sending->answer_headers.size = 0;
    return receive(sending, &sending->answer_headers, data, size);
}

static size_t on_body(char *data, size_t one, size_t size, void *argument)
{
    (void)one;
    struct fz_sending *sending = argument;
    return receive(sending, &sending->answer_body, data, size);
}

/* ---- the request ---- */

/* The one place where it is known where a name leads: at the address that is about to be connected. */
static curl_socket_t open_socket(void *argument, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    struct fz_sending *sending = argument;
    const char *fault = fz_callback_address_fault(&address->addr, &sending->delivery->courier->setup.limits);
    if (fault == NULL)
        return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    sending->address_fault = fault;
    return CURL_SOCKET_BAD;
}

/* No redirects, no proxies, nothing from the environment, no other protocol. A name that is not resolved in
 * time is not waited for. */
static bool set_manners(CURL *easy)
{
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOPROXY, "*") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)FZ_CALLBACK_LIMIT_MS) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)FZ_CALLBACK_LIMIT_MS) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
}

static bool set_trust(CURL *easy, const struct fz_courier_setup *setup)
{
    if (setup->insecure)
        return curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK;
    return setup->authorities == NULL ||
           curl_easy_setopt(easy, CURLOPT_CAINFO, setup->authorities) == CURLE_OK;
}

static bool set_functions(CURL *easy, struct fz_sending *sending)
{
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, sending) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, sending) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, sending) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, sending->error) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PRIVATE, sending) == CURLE_OK;
}

static bool set_content(CURL *easy, const struct fz_sending *sending)
{
    return curl_easy_setopt(easy, CURLOPT_URL, sending->delivery->own.notification.url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDS, sending->request.body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(sending->request.body)) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, sending->request.list) == CURLE_OK;
}

static bool set_out(struct fz_courier *courier, struct fz_sending *sending)
{
    CURL *easy = sending->easy = curl_easy_init();
    return easy != NULL && set_manners(easy) && set_trust(easy, &courier->setup) &&
           set_functions(easy, sending) && set_content(easy, sending) &&
           curl_multi_add_handle(courier->multi, easy) == CURLM_OK;
}

/* ---- one request ---- */

static void close_sending(struct fz_courier *courier, struct fz_sending *sending)
{
    if (sending->easy == NULL)
        return;
    curl_multi_remove_handle(courier->multi, sending->easy);
    curl_easy_cleanup(sending->easy);
    sending->easy = NULL;
}

static const char *why_not(enum fz_result result)
{
    return result == FZ_ABSENT ? "nothing was sent: the merchant has no APIv3 key to seal it with"
                               : "nothing was sent: no platform key signs, or memory is short";
}

/* False when it ended before it began. */
static bool begin(struct fz_courier *courier, struct fz_sending *sending)
{
    sending->answer_headers.max = sending->answer_body.max = FZ_ANSWER_KEPT_MAX;
    sending->wire_ms = fz_wire_now_ms();
    sending->begun_ticks_ms = fz_ticks_ms();
    if (sending->error[0] != '\0') /* it cannot be, and says why */
        return false;
    enum fz_result result = fz_callback_request_write(courier, sending, &sending->request);
    if (result == FZ_OK && set_out(courier, sending)) {
        atomic_fetch_add_explicit(&courier->sent, 1, memory_order_relaxed);
        return true;
    }
    snprintf(sending->error, sizeof sending->error, "%s", why_not(result));
    return false;
}

static void end(struct fz_courier *courier, struct fz_sending *sending, CURLcode code)
{
    long status = 0;
    (void)curl_easy_getinfo(sending->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200) { /* 100 Continue and its like come before an answer, and are none */
        status = 0;
        sending->answer_headers.size = 0;
    }
    sending->status = (int)status;
    sending->duration_ms = fz_ticks_ms() - sending->begun_ticks_ms;
    sending->whole = code == CURLE_OK || (sending->cut && status != 0);
    if (code == CURLE_OK)
        sending->error[0] = '\0';
    else if (sending->cut)
        snprintf(sending->error, sizeof sending->error, "the answer was cut off at 64 KiB");
    else if (code == CURLE_OPERATION_TIMEDOUT)
        snprintf(sending->error, sizeof sending->error, "no whole answer within 5 seconds");
    else if (status == 0 && sending->address_fault != NULL)
        snprintf(sending->error, sizeof sending->error, "its address may not be called: %s",
                 sending->address_fault);
    else if (sending->error[0] == '\0')
        snprintf(sending->error, sizeof sending->error, "%s", curl_easy_strerror(code));
    close_sending(courier, sending);
    sending->delivery->ended++;
}

/* ---- a delivery ---- */

bool fz_delivery_proceed(struct fz_courier *courier, struct fz_delivery *delivery)
{
    while (delivery->begun < delivery->count) {
        struct fz_sending *sending = &delivery->sendings[delivery->begun];
        if (delivery->begun > delivery->ended && !sending->at_once)
            break;
        delivery->begun++;
        if (!begin(courier, sending))
            delivery->ended++;
    }
    return delivery->ended < delivery->count;
}

static bool is_answered(const struct fz_delivery *delivery)
{
    bool answered = false;
    for (size_t i = 0; i < delivery->count; i++)
        answered = answered || delivery->sendings[i].whole;
    return answered;
}

/* It is back: whether its host answered is known now. */
static void land(struct fz_courier *courier, struct fz_delivery *delivery)
{
    struct fz_delivery **at = &courier->flying;
    while (*at != delivery)
        at = &(*at)->next;
    *at = delivery->next;
    delivery->next = courier->landed;
    courier->landed = delivery;
    courier->flights--;
    if (delivery->host == NULL)
        return;
    bool answered = is_answered(delivery);
    delivery->host->state = answered ? FZ_HOST_ANSWERS : FZ_HOST_SILENT;
    delivery->host->down = !answered;
    fz_host_end(&courier->hosts, delivery->host, delivery->host_begun_as);
    delivery->host = NULL;
}

void fz_flights_advance(struct fz_courier *courier)
{
    int running, left;
    CURLMsg *message;
    (void)curl_multi_perform(courier->multi, &running);
    while ((message = curl_multi_info_read(courier->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        char *private = NULL;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        struct fz_sending *sending = (struct fz_sending *)(void *)private;
        struct fz_delivery *delivery = sending->delivery;
        end(courier, sending, message->data.result);
        if (!fz_delivery_proceed(courier, delivery))
            land(courier, delivery);
    }
}

void fz_delivery_free(struct fz_courier *courier, struct fz_delivery *delivery)
{
    if (delivery->host != NULL)
        fz_host_end(&courier->hosts, delivery->host, delivery->host_begun_as);
    for (size_t i = 0; i < delivery->count; i++) {
        struct fz_sending *sending = &delivery->sendings[i];
        close_sending(courier, sending);
        fz_callback_request_done(&sending->request);
        fz_text_done(&sending->answer_headers);
        fz_text_done(&sending->answer_body);
    }
    free(delivery->own.plain);
    free(delivery->foreign.plain);
    free(delivery);
}
