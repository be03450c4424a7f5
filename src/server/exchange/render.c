/* What an answer says: the endpoint's JSON, or a refusal's. */
#include <stdlib.h>
#include <string.h>

#include "base/server/log.h"
#include "server/exchange/exchange.h"
#include "spec/row/json.h"

#define ERROR_BODY_MAX 65536
#define LOG_EVERY_MS   1000

/* A failure of the machine is the operator's business. A full disk fails every request, so at most one a
 * second gets a line. */
static void log_failure(struct fz_exchange *exchange, enum fz_result result)
{
    struct fz_workshop *workshop = exchange->tools->workshop;
    int_fast64_t last_ms = atomic_load(&workshop->last_log_ms);
    int64_t now_ms = fz_ticks_ms();
    if (now_ms - last_ms >= LOG_EVERY_MS &&
        atomic_compare_exchange_strong(&workshop->last_log_ms, &last_ms, now_ms))
        fz_log_error("A request to %s failed (%s): %s",
                     exchange->route.spec == NULL ? "no endpoint" : exchange->route.spec->name,
                     result == FZ_UNKNOWN ? "whether it was done is not known" : "nothing was done",
                     exchange->error.issue[0] == '\0' ? "no reason given" : exchange->error.issue);
}

/* The row that stands for a result which is not FZ_OK. */
static enum fz_row row_of(struct fz_exchange *exchange, enum fz_result result)
{
    if (result == FZ_REFUSED && exchange->error.row != FZ_ROW_NONE)
        return exchange->error.row;
    if (result == FZ_FULL)
        return FZ_OVERLOAD;
    log_failure(exchange, result);
    return FZ_SYSTEM_ERROR;
}

/* False when it could not be rendered. */
static bool render_success(struct fz_exchange *exchange, struct fz_answer *answer)
{
    const struct fz_spec *spec = exchange->route.spec;
    answer->status = spec->answers_file ? 200 : spec->status;
    answer->is_file = spec->answers_file;
    if (answer->is_file || answer->status == 204)
        return true;
    struct fz_json json = {.text = {.max = FZ_ANSWER_JSON_MAX}};
    fz_members_write(&json, NULL, spec->answer, exchange->out);
    if (json.text.failed) {
        fz_text_done(&json.text);
        return false;
    }
    answer->body = json.text.data;
    answer->size = json.text.size;
    answer->words_alone = !json.has_other;
    return true;
}

static bool render_refusal(struct fz_exchange *exchange, enum fz_row row, struct fz_answer *answer)
{
    const struct fz_authorization *authorization = &exchange->authorization;
    struct fz_sign_information sign = {.method = exchange->method,
                                       .url = exchange->target,
                                       .timestamp = authorization->timestamp_text,
                                       .nonce = authorization->nonce_str,
                                       .body = exchange->body.data == NULL ? "" : exchange->body.data,
                                       .body_size = exchange->body.size,
                                       .diagnosis = &exchange->diagnosis};
    exchange->error.row = row;
    struct fz_text text = {.max = ERROR_BODY_MAX};
    if (fz_error_body_write(&text, &exchange->error, &exchange->manner, &sign) != FZ_OK) {
        fz_text_done(&text);
        return false;
    }
    *answer = (struct fz_answer){
        .status = fz_row_text(row)->status, .row = row, .body = text.data, .size = text.size};
    return true;
}

bool fz_exchange_render(struct fz_exchange *exchange, enum fz_result result, struct fz_answer *answer)
{
    *answer = (struct fz_answer){0};
    if (result == FZ_OK && render_success(exchange, answer))
        return true;
    return render_refusal(exchange, row_of(exchange, result == FZ_OK ? FZ_FAILED : result), answer);
}
