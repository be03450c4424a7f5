/* One request's way in: its pieces as libmicrohttpd hands them over. */
#include "server/exchange/exchange.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARENA_MAX (1 << 20)

struct fz_exchange *fz_exchange_new(struct fz_tools *tools, struct fz_peer *peer,
                                    struct MHD_Connection *connection, const char *target)
{
    struct fz_exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL || !fz_exchange_set_target(exchange, target)) {
        free(exchange);
        return NULL;
    }
    exchange->method = exchange->version = ""; /* until its head is whole */
    exchange->tools = tools;
    exchange->peer = peer;
    exchange->connection = connection;
    exchange->began_us = fz_ticks_us();
    exchange->body.max = FZ_REQUEST_BODY_MAX;
    exchange->arena.max = ARENA_MAX;
    exchange->file.handle = -1;
    return exchange;
}

void fz_exchange_free(struct fz_exchange *exchange)
{
    fz_exchange_pass(exchange);
    if (exchange->written)
        fz_store_answered(exchange->tools->workshop->lent.store);
    if (exchange->active)
        atomic_fetch_sub(&exchange->tools->workshop->active, 1);
    if (exchange->file.handle >= 0)
        close(exchange->file.handle);
    fz_upload_free(exchange);
    fz_text_done(&exchange->body);
    fz_arena_done(&exchange->arena);
    fz_directory_unref(exchange->directory);
    free(exchange->target);
    free(exchange->authority);
    free(exchange);
}

static void set_deadline(struct fz_exchange *exchange, int64_t from_now_ms)
{
    fz_socket_set_deadline(exchange->peer->socket, fz_ticks_ms() + from_now_ms);
}

static bool answer(struct fz_exchange *exchange, enum fz_result result)
{
    exchange->phase = FZ_PHASE_ANSWERED;
    bool sends_file = result == FZ_OK && exchange->file.handle >= 0;
    set_deadline(exchange, sends_file ? FZ_FILE_MS : FZ_ANSWER_MS);
    return fz_exchange_answer(exchange, result);
}

/* The head is whole. Answering here closes the connection afterwards, so only what must not be read further
 * is answered. */
static bool take_head(struct fz_exchange *exchange, const char *method, const char *version)
{
    exchange->method = method;
    exchange->version = version;
    bool has_body = false;
    enum fz_result result = fz_exchange_read_head(exchange, &has_body);
    fz_exchange_place(exchange);
    if (result == FZ_OK && exchange->route.spec != NULL && exchange->route.spec->takes_file)
        result = fz_upload_begin(exchange);
    if (result != FZ_OK) {
        exchange->peer->linger = true;
        return answer(exchange, result);
    }
    exchange->phase = FZ_PHASE_BODY;
    if (has_body)
        set_deadline(exchange, FZ_BODY_MS);
    return true;
}

/* A chunked body does not say beforehand how long it is. */
static bool take_body(struct fz_exchange *exchange, const char *upload, size_t *upload_size)
{
    bool too_large = exchange->upload != NULL ? fz_upload_take(exchange, upload, *upload_size) != FZ_OK
                                              : exchange->body.size + *upload_size > FZ_REQUEST_BODY_MAX;
    if (too_large) {
        fz_exchange_cut(exchange, FZ_BODY_TOO_LARGE);
        return false;
    }
    if (exchange->upload == NULL)
        fz_text_add(&exchange->body, upload, *upload_size);
    *upload_size = 0;
    return true;
}

/* The work is over: its answer, unless a fault holds it up or takes its place. */
static bool take_outcome(struct fz_exchange *exchange, enum fz_result result)
{
    if (fz_exchange_hold(exchange, FZ_FAULT_AFTER, result))
        return true;
    return fz_exchange_strike(exchange, FZ_FAULT_AFTER, &result) && answer(exchange, result);
}

/* Prepared, and held up no longer. */
static bool take_prepared(struct fz_exchange *exchange, enum fz_result result)
{
    bool waits = false;
    if (!fz_exchange_strike(exchange, FZ_FAULT_BEFORE, &result))
        return false;
    if (result == FZ_OK)
        result = fz_exchange_work(exchange, &waits);
    return waits || take_outcome(exchange, result);
}

/* Checked, for good. */
static bool take_checked(struct fz_exchange *exchange, enum fz_result result)
{
    bool waits = false;
    if (result == FZ_OK || result == FZ_REFUSED)
        fz_exchange_draw_fault(exchange, result == FZ_REFUSED);
    if (result == FZ_REFUSED)
        fz_exchange_diagnose(exchange, &waits);
    return waits || fz_exchange_hold(exchange, FZ_FAULT_BEFORE, result) || take_prepared(exchange, result);
}

/* The book was looked at: checked once more, by what is known now. FZ_REFUSED: nobody could look, there are too many. */
static bool take_look(struct fz_exchange *exchange, enum fz_result looked)
{
    return take_checked(exchange, looked == FZ_OK ? fz_exchange_prepare(exchange) : looked);
}

/* The request is whole. */
static bool take_end(struct fz_exchange *exchange)
{
    fz_socket_work(exchange->peer->socket);
    exchange->active = true;
    atomic_fetch_add(&exchange->tools->workshop->active, 1);
    enum fz_result result = exchange->upload == NULL ? FZ_OK : fz_upload_end(exchange);
    if (result == FZ_OK)
        result = exchange->body.failed ? FZ_FAILED : fz_exchange_prepare(exchange);
    return fz_exchange_look_again(exchange, result) || take_checked(exchange, result);
}

/* Resumed: the work is done. A file is still to be opened, in a second wait. */
static bool take_result(struct fz_exchange *exchange)
{
    enum fz_result result = exchange->result;
    bool waits = false;
    if (result == FZ_OK && exchange->route.spec->answers_file && exchange->file.handle < 0)
        result = fz_exchange_open_file(exchange, &waits);
    return waits || take_outcome(exchange, result);
}

bool fz_exchange_take(struct fz_exchange *exchange, const char *method, const char *version,
                      const char *upload, size_t *upload_size)
{
    fz_exchange_pass(exchange); /* the next one goes on once this worker has seen what came in */
    switch (exchange->phase) {
    case FZ_PHASE_HEAD:
        return take_head(exchange, method, version);
    case FZ_PHASE_BODY:
        return *upload_size > 0 ? take_body(exchange, upload, upload_size) : take_end(exchange);
    case FZ_PHASE_LOOKING:
        return take_look(exchange, exchange->result);
    case FZ_PHASE_HELD:
        return take_prepared(exchange, exchange->result);
    case FZ_PHASE_WAITING:
        return take_result(exchange);
    case FZ_PHASE_HELD_ON:
        return take_outcome(exchange, exchange->result);
    case FZ_PHASE_ANSWERED:
        break;
    }
    return false;
}
