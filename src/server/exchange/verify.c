/* Whose request it is: the Authorization header, the caller's certificate, the three clocks, the signature.
 * The dear check comes last. */
#include <stdlib.h>
#include <string.h>

#include "server/exchange/exchange.h"
#include "wire/sealed.h"
#include "wire/server/authorization.h"

#define WINDOW_S 300 /* 300 seconds are accepted, 301 are not */

static bool in_window(int64_t timestamp, int64_t now_ms)
{
    int64_t now = now_ms / 1000;
    return timestamp >= now - WINDOW_S && timestamp <= now + WINDOW_S;
}

/* The certificate has to be one of the caller's and in force. */
static enum fz_result check_key(const struct fz_caller *caller, const struct fz_merchant_key *key,
                                struct fz_error *error)
{
    if (caller->key_count == 0)
        return fz_refuse(error, FZ_SIGN_NO_CERTIFICATE);
    if (key == NULL || strcmp(key->mchid, caller->mchid) != 0)
        return fz_refuse(error, FZ_SIGN_SERIAL);
    switch (key->state) {
    case FZ_KEY_EXPIRED:
        return fz_refuse(error, FZ_SIGN_EXPIRED);
    case FZ_KEY_REVOKED:
        return fz_refuse(error, FZ_SIGN_REVOKED);
    case FZ_KEY_REPLACED:
        return fz_refuse(error, FZ_SIGN_REPLACED);
    case FZ_KEY_VALID:
        break;
    }
    return FZ_OK;
}

/* A sandbox takes a timestamp that fits book time as well, so that clients which move their clock along with
 * it work; the answer then carries book time too. */
static enum fz_result check_time(struct fz_exchange *exchange)
{
    int64_t timestamp = exchange->authorization.timestamp;
    if (in_window(timestamp, fz_wire_now_ms()))
        return FZ_OK;
    exchange->on_book_clock = in_window(timestamp, exchange->call.now_ms);
    return exchange->on_book_clock ? FZ_OK : fz_refuse(&exchange->error, FZ_SIGN_TIME);
}

static enum fz_result check_signature(struct fz_exchange *exchange, const struct fz_merchant_key *key)
{
    const struct fz_authorization *authorization = &exchange->authorization;
    struct fz_verifier *verifier = fz_tools_verifier(exchange->tools, key);
    if (verifier == NULL)
        return FZ_FAILED;
    struct fz_piece pieces[10];
    fz_request_message(pieces, exchange->method, exchange->target, authorization->timestamp_text,
                       authorization->nonce_str, exchange->body.data, exchange->body.size);
    if (!fz_verify(verifier, pieces, sizeof pieces / sizeof pieces[0], authorization->signature,
                   authorization->signature_size))
        return fz_refuse(&exchange->error, FZ_SIGN_MISMATCH);
    return FZ_OK;
}

enum fz_result fz_exchange_verify(struct fz_exchange *exchange)
{
    struct fz_error *error = &exchange->error;
    if (exchange->headers.authorization_doubled)
        return fz_refuse(error, FZ_SIGN_MALFORMED);
    enum fz_authorization_fault fault =
        fz_authorization_read(exchange->headers.authorization, &exchange->authorization);
    if (fault != FZ_AUTHORIZATION_READ)
        return fz_refuse(error, fz_authorization_row(fault));
    const struct fz_caller *caller = fz_directory_caller(exchange->directory, exchange->authorization.mchid);
    if (caller == NULL)
        return fz_refuse(error, FZ_SIGN_SERIAL); /* no certificate is that of a merchant who does not exist */
    const struct fz_merchant_key *key =
        fz_directory_key(exchange->directory, exchange->authorization.serial_no);
    enum fz_result result = check_key(caller, key, error);
    if (result == FZ_OK && !caller->has_apiv3_key)
        result = fz_refuse(error, FZ_SIGN_NO_APIV3_KEY);
    if (result == FZ_OK)
        result = check_time(exchange);
    if (result == FZ_OK)
        result = check_signature(exchange, key);
    if (result == FZ_OK) {
        exchange->caller = caller;
        atomic_store_explicit(&exchange->peer->socket->verified, true, memory_order_relaxed);
    }
    return result;
}

/* Sealed fields name their key in Wechatpay-Serial. Where nothing is sealed, what it says is nobody's business. */
enum fz_result fz_exchange_open_sealed(const struct fz_call *call, const char *base64, char *out,
                                       size_t out_size)
{
    const struct fz_exchange *exchange = call->keys;
    const char *serial_no = exchange->headers.serial;
    if (serial_no == NULL || serial_no[0] == '\0')
        return fz_refuse_at(call->error, FZ_SEALED_NO_SERIAL, NULL, "Wechatpay-Serial", NULL, FZ_ISSUE_REQUIRED);
    char upper[FZ_SERIAL_SIZE];
    bool is_public_key = strncmp(serial_no, FZ_PUBLIC_KEY_ID_BEGIN, strlen(FZ_PUBLIC_KEY_ID_BEGIN)) == 0;
    if (!is_public_key && fz_serial_read(serial_no, upper) != FZ_OK)
        return fz_refuse_at(call->error, FZ_SEALED_SPELLING, NULL, "Wechatpay-Serial", serial_no,
                            FZ_ISSUE_SERIAL_SPELLING);
    const struct fz_platform_key *key =
        fz_directory_sealing(exchange->directory, exchange->caller, is_public_key ? serial_no : upper, call->now_ms);
    if (key == NULL)
        return fz_refuse_at(call->error, FZ_SEALED_SERIAL, NULL, "Wechatpay-Serial", serial_no,
                            FZ_ISSUE_SERIAL_UNKNOWN);
    return fz_oaep_open(key->private_key, base64, out, out_size);
}
