/* What an answer comes to: good, bad, or to be tried again; and what it says of a write. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "client/operation.h"
#include "client/request_id.h"
#include "client/signature_difference.h"

/* ---- no answer ---- */

static bool is_tls(CURLcode code)
{
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR || code == CURLE_SSL_CACERT_BADFILE ||
           code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_ISSUER_ERROR || code == CURLE_SSL_INVALIDCERTSTATUS;
}

/* The error of this attempt in the place of the last one's. */
static fz_error *blame(struct fz_operation *operation, enum fz_code code, const char *what)
{
    bool maybe = operation->maybe;
    fz_error *error = fz_error_make(code, fz_operation_outcome(operation), "%s %s: %s.%s", operation->spec->title,
                                    maybe ? "got no answer that can be relied on" : "was not done", what,
                                    maybe ? " It may have been done: ask what became of it by its number, or make the same "
                                            "call with the same number again."
                                          : "");
    fz_error_free(operation->error);
    operation->error = error;
    if (error->code == FZ_CODE_MEMORY) { /* maybe the one that is nobody's, which cannot tell what a refusal said */
        operation->maybe = maybe || (operation->attempt.began && fz_operation_writes(operation));
        return operation->error = fz_error_make(FZ_CODE_MEMORY, fz_operation_outcome(operation), " ");
    }
    error->writes = fz_operation_writes(operation);
    error->may_retry = fz_code_may_retry(code, &error->wait_ms);
    (void)fz_copy(error->request_id, sizeof error->request_id, operation->attempt.request_id);
    return error;
}

static enum fz_judgement judge_failure(struct fz_operation *operation)
{
    const struct fz_attempt *attempt = &operation->attempt;
    char what[512];
    if (attempt->began && fz_operation_writes(operation))
        operation->maybe = true;
    if (attempt->too_large) {
        (void)blame(operation, FZ_CODE_MALFORMED, "the answer is longer than any of this call's can be");
        return FZ_JUDGED_BAD;
    }
    if (attempt->code == CURLE_OUT_OF_MEMORY) {
        (void)blame(operation, FZ_CODE_MEMORY, "memory is short");
        return FZ_JUDGED_BAD;
    }
    if (attempt->code == CURLE_WRITE_ERROR && attempt->sending->take != NULL) {
        (void)blame(operation, FZ_CODE_FILE, "the file that came could not be written");
        return FZ_JUDGED_BAD;
    }
    snprintf(what, sizeof what, "%s: %s", attempt->sending->host,
             attempt->broke ? "The connection ended before any of an answer" : curl_easy_strerror(attempt->code));
    enum fz_code code = is_tls(attempt->code)                        ? FZ_CODE_TLS
                        : attempt->code == CURLE_OPERATION_TIMEDOUT ? FZ_CODE_DEADLINE
                                                                     : FZ_CODE_NETWORK;
    (void)blame(operation, code, what);
    return FZ_JUDGED_ELSEWHERE;
}

/* ---- refusals ---- */

/* The seconds of Retry-After; a date is not worth reading: the next attempt waits anyway. */
static int64_t asked_wait_ms(const struct fz_attempt *attempt)
{
    int64_t seconds;
    return fz_parse_int(attempt->retry_after, &seconds) == FZ_OK && seconds > 0 && seconds < 3600 ? seconds * 1000 : 0;
}

#define REFUSAL_MAX (1 << 20) /* bytes that the values of a refusal may take */

/* What the error says to people. */
static void word_refusal(struct fz_operation *operation, bool is_signed)
{
    fz_error *error = operation->error;
    const struct fz_error_answer *body = &error->body;
    struct fz_text text = {.max = sizeof error->message - 1};
    const char *reason = body->message == NULL ? "no reason given" : body->message;
    size_t size = strlen(reason);
    fz_text_format(&text, "%s was refused with %s (HTTP %d): %s%s", operation->spec->title, body->code, error->status, reason,
                   size > 0 && reason[size - 1] == '.' ? "" : ".");
    if (body->detail.field != NULL)
        fz_text_format(&text, " At fault is %s: %s.", body->detail.field, body->detail.issue == NULL ? "" : body->detail.issue);
    if (body->diagnosis.message != NULL)
        fz_text_format(&text, " %s", body->diagnosis.message);
    if (error->outcome == FZ_OUTCOME_MAYBE_DONE)
        fz_text_format(&text, " %sThe call may have been done all the same: ask what became of it by its number.",
                       is_signed ? "" : "The refusal is not signed, so it may not be the service's. ");
    if (text.data != NULL)
        (void)fz_copy(error->message, sizeof error->message, text.data);
    fz_clean_controls(error->message); /* a refusal may be anybody's */
    fz_text_done(&text);
}

/* Whether nothing was done follows from who says so: a signature that verifies makes it the service's word. Anything else may be of
 * somebody in between who passed the call on before, a SIGN_ERROR too, although the service itself cannot sign for whom it does not
 * know: one that sends its first write with a wrong key hears so before, when certificates are fetched. */
static bool is_final(const struct fz_attempt *attempt, bool is_signed)
{
    return attempt->status >= 400 && attempt->status < 500 && is_signed;
}

/* Of a call that changes nothing it only says that there was an answer. */
static bool is_refused(const struct fz_operation *operation, enum fz_code code, bool is_signed)
{
    return is_signed || (!fz_operation_writes(operation) && operation->attempt.status == 401 && code == FZ_CODE_SIGN_ERROR);
}

/* An answer without a body of the service's. What is in between may also ask to wait, or say that it is too much. */
static enum fz_judgement judge_stranger(struct fz_operation *operation)
{
    char what[128];
    const struct fz_attempt *attempt = &operation->attempt;
    if (fz_operation_writes(operation))
        operation->maybe = true;
    snprintf(what, sizeof what, "something between here and the service answered with HTTP %ld", attempt->status);
    fz_error *error = blame(operation, FZ_CODE_NO_BODY, what);
    if (error->code != FZ_CODE_MEMORY)
        error->status = (int)attempt->status;
    if (error->code != FZ_CODE_MEMORY && asked_wait_ms(attempt) > error->wait_ms)
        error->wait_ms = asked_wait_ms(attempt);
    return attempt->status >= 500 || attempt->status == 429 ? FZ_JUDGED_AGAIN : FZ_JUDGED_BAD;
}

static enum fz_judgement judge_refusal(struct fz_operation *operation, bool is_signed)
{
    struct fz_attempt *attempt = &operation->attempt;
    struct fz_arena arena = {.max = REFUSAL_MAX};
    struct fz_error_answer body;
    if (fz_error_body_read(attempt->body.data == NULL ? "" : attempt->body.data, attempt->body.size, &arena, &body) != FZ_OK) {
        fz_arena_done(&arena);
        return judge_stranger(operation);
    }
    enum fz_code code = fz_code_of(body.code);
    if (!is_final(attempt, is_signed) && fz_operation_writes(operation))
        operation->maybe = true;
    fz_error *error = blame(operation, code, body.code);
    if (error->code == FZ_CODE_MEMORY) {
        fz_arena_done(&arena);
        return FZ_JUDGED_BAD;
    }
    error->arena = arena;
    error->body = body;
    error->status = (int)attempt->status;
    error->fatal = code == FZ_CODE_SIGN_ERROR || code == FZ_CODE_MCH_NOT_EXISTS;
    if (asked_wait_ms(attempt) > error->wait_ms)
        error->wait_ms = asked_wait_ms(attempt);
    if (!operation->maybe && is_refused(operation, code, is_signed))
        error->outcome = FZ_OUTCOME_REFUSED;
    word_refusal(operation, is_signed);
    if (code == FZ_CODE_SIGN_ERROR)
        error->difference = fz_signature_difference(&operation->sending, &error->body);
    bool again = code == FZ_CODE_SYSTEM_ERROR || code == FZ_CODE_SERVICE_UNAVAILABLE || code == FZ_CODE_FREQUENCY_LIMITED;
    return again || attempt->status >= 500 ? FZ_JUDGED_AGAIN : FZ_JUDGED_BAD;
}

/* ---- 2xx ---- */

/* What does not verify may be anybody's: it says nothing of the call. */
static enum fz_judgement judge_unverified(struct fz_operation *operation, enum fz_verdict verdict)
{
    static const char *const words[] = {
        [FZ_TRUSTED] = "",
        [FZ_NO_SIGNATURE] = "the answer has no signature",
        [FZ_UNKNOWN_SERIAL] = "the answer is signed by a key that is not known to be the platform's",
        [FZ_WRONG_SIGNATURE] = "the answer's signature does not fit it",
        [FZ_STALE] = "the answer's timestamp is not of now: an old answer, or a clock that is wrong",
        [FZ_KEY_OUTDATED] = "the answer is signed by a certificate that is not in force",
        [FZ_VERIFY_FAILED] = "the answer could not be verified: memory is short",
    };
    if (fz_operation_writes(operation))
        operation->maybe = true;
    enum fz_code code = verdict == FZ_UNKNOWN_SERIAL  ? FZ_CODE_NO_KEY
                        : verdict == FZ_VERIFY_FAILED ? FZ_CODE_MEMORY
                                                       : FZ_CODE_UNVERIFIED;
    fz_error *error = blame(operation, code, words[verdict]);
    if (error->code != FZ_CODE_MEMORY)
        error->status = (int)operation->attempt.status;
    return FZ_JUDGED_BAD;
}

/* An unsigned file of which nobody tells where it ends may be half of it. */
static bool needs_no_signature(const struct fz_operation *operation)
{
    return operation->unsigned_ok && operation->attempt.signature[0] == '\0' && operation->attempt.is_framed;
}

/* A signature covers the body; of a statement the SHA-1 that a header tells, to which who takes the file holds it (document
 * 3.1.6); of another file all of it. */
static enum fz_verdict verify(const struct fz_operation *operation)
{
    const struct fz_attempt *attempt = &operation->attempt;
    const char *text = attempt->body.data;
    size_t size = attempt->body.size;
    char sha1[sizeof attempt->sha1 + sizeof "{\"sha1\":\"\"}"];
    if (operation->sending.take != NULL && attempt->status == 200) {
        text = sha1;
        size = (size_t)snprintf(sha1, sizeof sha1, "{\"sha1\":\"%s\"}", attempt->sha1);
        if (operation->spec->answers_file != FZ_FILE_WITH_SHA1)
            text = operation->sending.taken(operation->sending.taker, &size);
        if (text == NULL)
            return FZ_VERIFY_FAILED;
    }
    struct fz_signed_headers headers = fz_attempt_signed(attempt);
    return fz_trust_verify(operation->client->trust, &headers, text, size, fz_client_now_ms(operation->client),
                           operation->client->tolerance_s);
}

enum fz_judgement fz_judge(struct fz_operation *operation, bool may_fetch)
{
    const struct fz_attempt *attempt = &operation->attempt;
    if (attempt->code != CURLE_OK || attempt->status == 0)
        return judge_failure(operation);
    bool good = attempt->status >= 200 && attempt->status < 300;
    if (good && needs_no_signature(operation))
        return FZ_JUDGED_GOOD;
    enum fz_verdict verdict = verify(operation);
    if (verdict == FZ_UNKNOWN_SERIAL && may_fetch)
        return FZ_JUDGED_FETCH;
    if (!good)
        return judge_refusal(operation, verdict == FZ_TRUSTED);
    return verdict == FZ_TRUSTED ? FZ_JUDGED_GOOD : judge_unverified(operation, verdict);
}
