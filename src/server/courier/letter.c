/* What goes over the wire for a notification: the sealed body, the platform's signature, the headers in the
 * vendor's spelling. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/notification_json.h"
#include "server/courier/state.h"
#include "wire/base64.h"

#define HEADERS_MAX    4096
#define SIGNATURE_TYPE "WECHATPAY2-SHA256-RSA2048"
#define PROBE_BEGIN    "WECHATPAY/SIGNTEST/"
#define SIGNATURE_SIZE 256 /* of RSA-2048 */

/* ---- keys ---- */

/* The key that signs notification `id` to `caller` now: one drawn for the notification, so that what is sent again is signed
 * alike as long as the merchant's choice stays. NULL when there is none. */
static const struct fz_platform_key *key_for(struct fz_courier *courier, const struct fz_caller *caller, int64_t id)
{
    int64_t now_ms = fz_book_now_ms(courier->setup.world);
    int drawn = (int)fz_draw(courier->setup.world, "callback key", id, FZ_CALLBACK_KEY_ALL);
    return fz_directory_calling_back(courier->directory, caller, drawn, now_ms);
}

/* ---- signature ---- */

struct stamp {
    char timestamp[24], nonce[33], signature[FZ_SIGNATURE_BASE64_SIZE];
    const char *serial_no;
};

/* A probe looks like a signature from afar, but neither is base64 nor fits anything. */
static void write_probe(char out[FZ_SIGNATURE_BASE64_SIZE])
{
    unsigned char drawn[SIGNATURE_SIZE];
    fz_random(drawn, sizeof drawn);
    size_t size = (size_t)snprintf(out, FZ_SIGNATURE_BASE64_SIZE, "%s", PROBE_BEGIN);
    fz_base64_write(out + size, drawn, sizeof drawn);
}

static enum fz_result sign(struct fz_courier *courier, const struct fz_platform_key *key,
                           enum fz_attempt_kind kind, const char *body, struct stamp *out)
{
    int64_t now_ms =
        fz_courier_uses_book_clock(courier) ? fz_book_now_ms(courier->setup.world) : fz_wire_now_ms();
    snprintf(out->timestamp, sizeof out->timestamp, "%lld", (long long)(now_ms / 1000));
    fz_random_text(out->nonce, sizeof out->nonce);
    out->serial_no = key->serial_no;
    if (kind == FZ_ATTEMPT_PROBE) {
        write_probe(out->signature);
        return FZ_OK;
    }
    struct fz_signer *signer = fz_signers_prepare(&courier->signers, key);
    if (signer == NULL)
        return FZ_FAILED;
    struct fz_piece pieces[6];
    if (kind == FZ_ATTEMPT_WRONG_SIGNATURE) /* a good one, of no body */
        body = "";
    fz_answer_message(pieces, out->timestamp, out->nonce, body, strlen(body));
    return fz_sign(signer, pieces, sizeof pieces / sizeof pieces[0], out->signature);
}

/* ---- headers ---- */

static void add(struct fz_letter *letter, const char *stripped, const char *name, const char *value)
{
    if (strcmp(name, stripped) == 0)
        return;
    char line[HEADERS_MAX];
    snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *list = curl_slist_append(letter->list, line);
    letter->headers.failed = letter->headers.failed || list == NULL;
    if (list != NULL)
        letter->list = list;
    fz_text_format(&letter->headers, "%s\n", line);
}

/* 32 hex digits, of which the first 8 are this process's, as in answers; 0: no error. */
static void add_request_id(struct fz_letter *letter, const char *stripped, const char *process_id)
{
    unsigned char drawn[12];
    char text[40];
    fz_random(drawn, sizeof drawn);
    int used = snprintf(text, sizeof text, "%.8s", process_id);
    for (size_t i = 0; i < sizeof drawn; i++)
        used += snprintf(text + used, sizeof text - (size_t)used, "%02X", drawn[i]);
    snprintf(text + used, sizeof text - (size_t)used, "-0");
    add(letter, stripped, "Request-ID", text);
}

/* As the vendor's samples have them. */
static enum fz_result write_headers(const char *process_id, const struct stamp *stamp, const char *stripped,
                                    struct fz_letter *letter)
{
    letter->headers.max = HEADERS_MAX;
    add(letter, stripped, "Accept", "*/*");
    add(letter, stripped, "Cache-Control", "no-cache");
    add(letter, stripped, "Pragma", "no-cache");
    add(letter, stripped, "Content-Type", "application/json");
    add(letter, stripped, "User-Agent", "Mozilla/4.0");
    add_request_id(letter, stripped, process_id);
    add(letter, stripped, "Wechatpay-Timestamp", stamp->timestamp);
    add(letter, stripped, "Wechatpay-Nonce", stamp->nonce);
    add(letter, stripped, "Wechatpay-Signature", stamp->signature);
    add(letter, stripped, "Wechatpay-Serial", stamp->serial_no);
    add(letter, stripped, "Wechatpay-Signature-Type", SIGNATURE_TYPE);
    return letter->headers.failed ? FZ_FAILED : FZ_OK;
}

/* ---- the letter ---- */

enum fz_result fz_letter_write(struct fz_courier *courier, const struct fz_sending *sending,
                               struct fz_letter *out)
{
    const struct fz_delivery *delivery = sending->delivery;
    const struct fz_content *content =
        sending->kind == FZ_ATTEMPT_OTHER_SUB_MERCHANT ? &delivery->foreign : &delivery->own;
    fz_directory_follow(courier->setup.directory, &courier->directory);
    const struct fz_caller *caller =
        courier->directory == NULL ? NULL : fz_directory_caller(courier->directory, content->notification.caller);
    if (caller == NULL || !caller->has_apiv3_key)
        return FZ_ABSENT;
    const struct fz_platform_key *key = key_for(courier, caller, content->notification.id);
    if (key == NULL)
        return FZ_FAILED;
    struct stamp stamp;
    struct fz_letter letter = {
        .body = fz_notification_body(&content->notification, content->plain, caller->apiv3_key)};
    enum fz_result result =
        letter.body == NULL ? FZ_FAILED : sign(courier, key, sending->kind, letter.body, &stamp);
    if (result == FZ_OK)
        result = write_headers(courier->setup.process_id, &stamp, sending->stripped, &letter);
    if (result == FZ_OK)
        *out = letter;
    else
        fz_letter_done(&letter);
    return result;
}

void fz_letter_done(struct fz_letter *letter)
{
    free(letter->body);
    curl_slist_free_all(letter->list);
    fz_text_done(&letter->headers);
    *letter = (struct fz_letter){0};
}
