/* What goes wrong with an exchange on demand: the faults of POST /faults, and Wechatpay-Negative-Test. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/exchange/exchange.h"
#include "server/fault/negative_test.h"

/* ---- which fault ---- */

/* The sub_mchid that the request names, wherever its endpoint takes it. */
static const char *named_sub_mchid(const struct fz_exchange *exchange)
{
    if (exchange->params == NULL)
        return NULL;
    const struct fz_member *member = fz_member_of_role(exchange->route.spec->request, FZ_SUB_MCHID);
    return member == NULL ? NULL : *(const char *const *)fz_slot(member, exchange->params);
}

/* Who has not shown a good signature is who it says it is, here and nowhere else. */
static const char *named_caller(const struct fz_exchange *exchange)
{
    if (exchange->caller != NULL)
        return exchange->caller->mchid;
    return exchange->authorization.mchid[0] == '\0' ? NULL : exchange->authorization.mchid;
}

/* Before a refusal and after it is the same: there is no work in between. */
void fz_exchange_draw_fault(struct fz_exchange *exchange, bool refused)
{
    struct fz_faults *faults = exchange->tools->workshop->lent.faults;
    if (!fz_faults_any(faults))
        return;
    const struct fz_fault_request request = {.endpoint = exchange->route.spec == NULL ? NULL : exchange->route.spec->name,
                                             .target = exchange->target,
                                             .mchid = named_caller(exchange),
                                             .sub_mchid = named_sub_mchid(exchange),
                                             .refused = refused,
                                             .ticks_ms = fz_ticks_ms(),
                                             .book_ms = exchange->call.now_ms};
    if (fz_faults_draw(faults, &request, &exchange->fault) && refused)
        exchange->fault.moment = FZ_FAULT_AFTER;
}

/* ---- errors ---- */

/* A signature that is not good gets an answer that is not signed. */
static void refuse_on_demand(struct fz_exchange *exchange, enum fz_row row)
{
    exchange->on_demand = true;
    if (fz_row_text(row)->status == 401 && row != FZ_SIGN_MCHID)
        exchange->caller = NULL;
}

enum fz_result fz_exchange_negative_test(struct fz_exchange *exchange)
{
    enum fz_result result = fz_negative_test(&exchange->error, exchange->headers.negative_test,
                                             exchange->route.spec->name, exchange->route.old_spelling);
    refuse_on_demand(exchange, exchange->error.row);
    return result;
}

/* ---- delays ---- */

static void end_delay(struct fz_delay *delay)
{
    struct fz_exchange *exchange =
        (struct fz_exchange *)(void *)((char *)delay - offsetof(struct fz_exchange, delay));
    fz_exchange_resume(exchange, exchange->result);
}

bool fz_exchange_hold(struct fz_exchange *exchange, enum fz_fault_moment moment, enum fz_result result)
{
    struct fz_fault *fault = &exchange->fault;
    if (fault->delay_ms == 0 || fault->moment != moment)
        return false;
    exchange->delay = (struct fz_delay){.due_ms = fz_ticks_ms() + fault->delay_ms, .done = end_delay};
    fault->delay_ms = 0;
    if (!fz_exchange_suspend(exchange))
        return false;
    exchange->phase = moment == FZ_FAULT_BEFORE ? FZ_PHASE_HELD : FZ_PHASE_HELD_ON;
    exchange->result = result;
    if (fz_delays_add(exchange->tools->workshop->delays, &exchange->delay) != FZ_OK)
        fz_exchange_resume(exchange, result);
    return true;
}

/* ---- the end of a connection ---- */

/* Dissolving a TCP connection sends a reset at once. libmicrohttpd closes with an orderly end, and with
 * SO_LINGER only after that. */
static void reset(struct fz_exchange *exchange)
{
    const struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    int handle = MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    (void)connect(handle, &nobody, sizeof nobody);
}

bool fz_exchange_strike(struct fz_exchange *exchange, enum fz_fault_moment moment, enum fz_result *result)
{
    const struct fz_fault *fault = &exchange->fault;
    if (fault->moment != moment)
        return true;
    if (fault->effect == FZ_FAULT_RESET) {
        reset(exchange);
        return false;
    }
    if (fault->effect == FZ_FAULT_ERROR) {
        *result = fz_refuse_at(&exchange->error, fault->row, NULL, NULL, NULL,
                               FZ_ISSUE_ASKED_FOR_BY_FAULTS);
        refuse_on_demand(exchange, fault->row);
    }
    return true;
}

/* ---- half an answer ---- */

struct half {
    char *body;
    int handle;
    uint64_t size;
};

static ssize_t read_half(void *argument, uint64_t position, char *out, size_t max)
{
    const struct half *half = argument;
    if (position >= half->size)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t wanted = half->size - position < max ? (size_t)(half->size - position) : max;
    if (half->body == NULL)
        return pread(half->handle, out, wanted, (off_t)position);
    memcpy(out, half->body + position, wanted);
    return (ssize_t)wanted;
}

static void free_half(void *argument)
{
    struct half *half = argument;
    if (half->handle >= 0)
        close(half->handle);
    free(half->body);
    free(half);
}

struct MHD_Response *fz_exchange_cut_response(struct fz_exchange *exchange, struct fz_answer *answer)
{
    uint64_t size = answer->is_file ? exchange->file.size : answer->size;
    struct half *half = size == 0 ? NULL : calloc(1, sizeof *half);
    if (half == NULL) {
        free(answer->body);
        return NULL;
    }
    *half = (struct half){.body = answer->body, .handle = exchange->file.handle, .size = size / 2};
    exchange->file.handle = -1;
    struct MHD_Response *response = MHD_create_response_from_callback(size, 4096, read_half, half, free_half);
    if (response == NULL)
        free_half(half);
    return response;
}
