/* From the route to the end of the work. */
#include <stddef.h>
#include <string.h>

#include "server/exchange/exchange.h"
#include "server/work/limits.h"

#define READ_WAIT_MS 10000 /* for its turn, and for a database that is away; as long as a write's */

/* Both have to be there; an empty one says as little as none. */
static bool has_protocol_headers(const struct fz_headers *headers)
{
    return headers->accept != NULL && headers->accept[0] != '\0' && headers->user_agent != NULL &&
           headers->user_agent[0] != '\0';
}

static void fill_call(struct fz_exchange *exchange)
{
    const struct fz_workshop_setup *lent = &exchange->tools->workshop->lent;
    exchange->call.caller = exchange->caller->mchid;
    exchange->call.kind = exchange->caller->kind;
    exchange->call.old_spelling = exchange->route.old_spelling;
    exchange->call.limits = fz_limits_are_on(lent->limits);
    exchange->call.arena = &exchange->arena;
    exchange->call.error = &exchange->error;
    exchange->call.origin = exchange->origin;
    exchange->call.token_key = lent->secrets->token;
    exchange->call.apiv3_key = exchange->caller->apiv3_key;
    exchange->call.open_sealed = fz_exchange_open_sealed;
    exchange->call.keys = exchange;
    exchange->call.public_key_only = exchange->caller->public_key == FZ_PUBLIC_KEY_ONLY;
    fz_exchange_set_origin(exchange);
}

/* A request to a path that does not exist counts too. */
static enum fz_row check_limits(struct fz_exchange *exchange)
{
    struct fz_limits *limits = exchange->tools->workshop->lent.limits;
    if (!fz_limits_are_on(limits) || exchange->counted)
        return FZ_ROW_NONE;
    exchange->counted = true;
    const struct fz_endpoint *endpoint = fz_endpoint_of(&exchange->route);
    return fz_limits_take(limits, exchange->caller->mchid,
                          endpoint == NULL ? FZ_RATE_GENERAL : endpoint->rate_class, fz_ticks_ms());
}

/* Whatever a faulty refund too many would be refused for, its answer is the limit. */
static enum fz_result within_limit(const struct fz_exchange *exchange, struct fz_error *error, enum fz_result result)
{
    bool too_many = result == FZ_REFUSED && exchange->call.repeats_alone && !exchange->on_demand;
    return too_many ? fz_refuse(error, FZ_LIMIT_FAULTY_REFUNDS) : result;
}

/* Protocol, signature, route, limits, parameters: in this order, whatever else is wrong. */
enum fz_result fz_exchange_prepare(struct fz_exchange *exchange)
{
    struct fz_error *error = &exchange->error;
    exchange->call.now_ms = fz_book_now_ms(exchange->tools->workshop->lent.world);
    if (!has_protocol_headers(&exchange->headers))
        return fz_refuse(error, FZ_HEADER_MISSING);
    *error = (struct fz_error){0}; /* of a time before */
    fz_directory_unref(exchange->directory);
    exchange->directory = fz_tools_directory(exchange->tools);
    if (exchange->directory == NULL)
        return FZ_FAILED;
    enum fz_result result = fz_exchange_verify(exchange);
    if (result != FZ_OK)
        return result;
    enum fz_row limit = check_limits(exchange);
    exchange->call.repeats_alone = limit == FZ_LIMIT_FAULTY_REFUNDS;
    if (limit != FZ_ROW_NONE && !exchange->call.repeats_alone)
        return fz_refuse(error, limit);
    if (exchange->no_route != FZ_ROW_NONE)
        return fz_refuse(error, exchange->no_route);
    if (exchange->headers.differing != NULL)
        return fz_refuse_at(error, FZ_PARAM_ERROR, NULL, exchange->headers.differing,
                            exchange->headers.differing_value, FZ_ISSUE_TWICE_OTHERWISE);
    if (exchange->headers.negative_test != NULL)
        return fz_exchange_negative_test(exchange);
    fill_call(exchange);
    result = fz_parameters_read(&exchange->route, &exchange->call, exchange->body.data, exchange->body.size,
                                &exchange->params);
    const struct fz_endpoint *endpoint = fz_endpoint_of(&exchange->route);
    if (result == FZ_OK && endpoint->check != NULL)
        result = endpoint->check(&exchange->call, exchange->params);
    return within_limit(exchange, error, result);
}

/* In a transaction, maybe more than once. */
static enum fz_result work(struct fz_tx *tx, void *argument)
{
    struct fz_exchange *exchange = argument;
    const struct fz_endpoint *endpoint = fz_endpoint_of(&exchange->route);
    memset(exchange->out, 0, endpoint->out_size);
    return within_limit(exchange, tx->error, endpoint->work(tx, &exchange->call, exchange->params, exchange->out));
}

/* Before it. */
static void ahead(struct fz_tx *tx, void *argument)
{
    const struct fz_exchange *exchange = argument;
    const struct fz_endpoint *endpoint = fz_endpoint_of(&exchange->route);
    if (endpoint->ahead != NULL)
        endpoint->ahead(tx, &exchange->call, exchange->params);
}

/* On the writer's thread. */
static void written(struct fz_write *write, enum fz_result result)
{
    struct fz_exchange *exchange =
        (struct fz_exchange *)(void *)((char *)write - offsetof(struct fz_exchange, write));
    exchange->written = true;
    fz_store_answering(exchange->tools->workshop->lent.store);
    /* Of a file FZ_FULL is a full disk, not a full queue. */
    bool full_disk = result == FZ_FULL && !exchange->tools->workshop->lent.store_is_shared;
    fz_exchange_resume(exchange, full_disk ? FZ_FAILED : result);
}

/* Suspended first: the write may be done before its hand-over returns. */
static enum fz_result submit(struct fz_exchange *exchange, bool *waits)
{
    if (!fz_exchange_suspend(exchange))
        return FZ_FULL;
    *waits = true;
    exchange->write =
        (struct fz_write){.work = work, .ahead = ahead, .argument = exchange, .error = &exchange->error, .done = written};
    if (fz_store_submit(exchange->tools->workshop->lent.store, &exchange->write) != FZ_OK)
        fz_exchange_resume(exchange, FZ_FULL);
    return FZ_OK;
}

static enum fz_result read_once(struct fz_exchange *exchange, struct fz_reader *reader)
{
    bool tells = fz_endpoint_of(&exchange->route)->ahead != NULL;
    return fz_store_read_ahead(reader, tells ? ahead : NULL, work, exchange, &exchange->error);
}

/* On a reading thread. */
static void read_on(struct fz_task *task, struct fz_reader *reader)
{
    struct fz_exchange *exchange =
        (struct fz_exchange *)(void *)((char *)task - offsetof(struct fz_exchange, task));
    int64_t left_ms = exchange->read_until_ms - fz_ticks_ms();
    fz_reader_wait(reader, left_ms);
    fz_exchange_resume(exchange, left_ms <= 0 ? FZ_FULL : read_once(exchange, reader));
}

/* A database may take a while, or be away. */
static enum fz_result hand_to_reader(struct fz_exchange *exchange, bool *waits)
{
    if (!fz_exchange_suspend(exchange))
        return FZ_FULL;
    *waits = true;
    exchange->task = (struct fz_task){.run = read_on};
    exchange->read_until_ms = fz_ticks_ms() + READ_WAIT_MS;
    if (fz_executor_submit(exchange->tools->workshop->readers, &exchange->task) != FZ_OK)
        fz_exchange_resume(exchange, FZ_FULL);
    return FZ_OK;
}

enum fz_result fz_exchange_work(struct fz_exchange *exchange, bool *waits)
{
    const struct fz_endpoint *endpoint = fz_endpoint_of(&exchange->route);
    exchange->out = fz_arena_take(&exchange->arena, endpoint->out_size);
    if (exchange->out == NULL)
        return FZ_FAILED;
    if (endpoint->spec->writes)
        return submit(exchange, waits);
    if (exchange->tools->workshop->readers != NULL)
        return hand_to_reader(exchange, waits);
    enum fz_result result = read_once(exchange, exchange->tools->reader);
    if (result == FZ_OK && endpoint->spec->answers_file)
        return fz_exchange_open_file(exchange, waits);
    return result == FZ_FULL ? FZ_FAILED : result;
}
