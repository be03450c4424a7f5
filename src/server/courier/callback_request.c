/* What goes over the wire for a notification: the sealed body, the platform's signature, the headers in the
 * vendor's spelling. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/callback/callback.h"
#include "server/courier/state.h"
#include "server/keys/signature_headers.h"
#include "server/log/request_id.h"
#include "wire/base64.h"

#define HEADERS_MAX    4096
#define SIGNATURE_SIZE 256 /* of RSA-2048 */

/* ---- keys ---- */

/* The key that signs notification `id` to `caller` now: one drawn for the notification, so that what is sent
 * again is signed alike as long as the merchant's choice stays. NULL when there is none. */
static const struct fz_platform_key *key_for(struct fz_courier *courier, const struct fz_caller *caller,
                                             int64_t id)
{
    int64_t now_ms = fz_book_now_ms(courier->setup.world);
    int drawn = (int)fz_draw(courier->setup.world, "callback key", id, FZ_CALLBACK_KEY_ALL);
    return fz_directory_calling_back(courier->directory, caller, drawn, now_ms);
}

/* ---- signature ---- */

struct signature {
    struct fz_stamp stamp;
    char base64[FZ_SIGNATURE_BASE64_SIZE];
    const char *serial_no;
};

/* A probe looks like a signature from afar, but neither is base64 nor fits anything. */
static void write_probe(char out[FZ_SIGNATURE_BASE64_SIZE])
{
    unsigned char drawn[SIGNATURE_SIZE];
    fz_random(drawn, sizeof drawn);
    size_t size = (size_t)snprintf(out, FZ_SIGNATURE_BASE64_SIZE, "%s", FZ_SIGNATURE_PROBE);
    fz_base64_write(out + size, drawn, sizeof drawn);
}

static enum fz_result sign(struct fz_courier *courier, const struct fz_platform_key *key,
                           enum fz_attempt_kind kind, const char *body, struct signature *out)
{
    int64_t now_ms =
        fz_courier_uses_book_clock(courier) ? fz_book_now_ms(courier->setup.world) : fz_wire_now_ms();
    fz_stamp_make(&out->stamp, now_ms);
    out->serial_no = key->serial_no;
    if (kind == FZ_ATTEMPT_PROBE) {
        write_probe(out->base64);
        return FZ_OK;
    }
    struct fz_signer *signer = fz_signers_prepare(&courier->signers, key);
    if (signer == NULL)
        return FZ_FAILED;
    struct fz_piece pieces[6];
    if (kind == FZ_ATTEMPT_WRONG_SIGNATURE) /* a good one, of no body */
        body = "";
    fz_answer_message(pieces, out->stamp.timestamp, out->stamp.nonce, body, strlen(body));
    return fz_sign(signer, pieces, sizeof pieces / sizeof pieces[0], out->base64);
}

/* ---- headers ---- */

static void add(struct fz_callback_request *request, const char *stripped, const char *name,
                const char *value)
{
    if (strcmp(name, stripped) == 0)
        return;
    char line[HEADERS_MAX];
    snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *list = curl_slist_append(request->list, line);
    request->headers.failed = request->headers.failed || list == NULL;
    if (list != NULL)
        request->list = list;
    fz_text_format(&request->headers, "%s\n", line);
}

/* As the vendor's samples have them. */
static enum fz_result write_headers(const char *process_id, const struct signature *signature,
                                    const char *stripped, struct fz_callback_request *request)
{
    char request_id[FZ_REQUEST_ID_SIZE];
    struct fz_header signed_by[FZ_SIGNATURE_HEADERS];
    fz_request_id_draw(request_id, process_id, 0);
    fz_signature_headers(signed_by, &signature->stamp, signature->base64, signature->serial_no);
    request->headers.max = HEADERS_MAX;
    add(request, stripped, "Accept", "*/*");
    add(request, stripped, "Cache-Control", "no-cache");
    add(request, stripped, "Pragma", "no-cache");
    add(request, stripped, "Content-Type", "application/json");
    add(request, stripped, "User-Agent", "Mozilla/4.0");
    add(request, stripped, "Request-ID", request_id);
    for (size_t i = 0; i < FZ_SIGNATURE_HEADERS; i++)
        add(request, stripped, signed_by[i].name, signed_by[i].value);
    return request->headers.failed ? FZ_FAILED : FZ_OK;
}

/* ---- the request ---- */

enum fz_result fz_callback_request_write(struct fz_courier *courier, const struct fz_sending *sending,
                                         struct fz_callback_request *out)
{
    const struct fz_delivery *delivery = sending->delivery;
    const struct fz_content *content =
        sending->kind == FZ_ATTEMPT_OTHER_SUB_MERCHANT ? &delivery->foreign : &delivery->own;
    fz_directory_follow(courier->setup.directory, &courier->directory);
    const struct fz_caller *caller =
        courier->directory == NULL
            ? NULL
            : fz_directory_caller(courier->directory, content->notification.caller);
    if (caller == NULL || !caller->has_apiv3_key)
        return FZ_ABSENT;
    const struct fz_platform_key *key = key_for(courier, caller, content->notification.id);
    if (key == NULL)
        return FZ_FAILED;
    struct signature signature;
    struct fz_callback_request request = {
        .body = fz_notification_body(&content->notification, content->plain, caller->apiv3_key)};
    enum fz_result result =
        request.body == NULL ? FZ_FAILED : sign(courier, key, sending->kind, request.body, &signature);
    if (result == FZ_OK)
        result = write_headers(courier->setup.process_id, &signature, sending->stripped, &request);
    if (result == FZ_OK)
        *out = request;
    else
        fz_callback_request_done(&request);
    return result;
}

void fz_callback_request_done(struct fz_callback_request *request)
{
    free(request->body);
    curl_slist_free_all(request->list);
    fz_text_done(&request->headers);
    *request = (struct fz_callback_request){0};
}
