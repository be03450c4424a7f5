/* A refusal that another process may have made wrong already: a key that it was given, a clock that it moved. */
#include <stddef.h>
#include <string.h>

#include "server/exchange/exchange.h"

static bool is(const struct fz_error *error, enum fz_issue issue)
{
    return strcmp(error->issue, fz_issue_text(issue, false)) == 0;
}

/* Refusals by what a process keeps in memory: merchants, keys, the clock. */
static bool may_have_changed(const struct fz_error *error)
{
    switch (error->row) {
    case FZ_SIGN_SERIAL:
    case FZ_SIGN_NO_CERTIFICATE:
    case FZ_SIGN_NO_APIV3_KEY:
    case FZ_SIGN_EXPIRED:
    case FZ_SIGN_REVOKED:
    case FZ_SIGN_REPLACED:
    case FZ_SIGN_TIME:
    case FZ_SIGN_MISMATCH: /* another key under the same serial number */
    case FZ_SEALED_SERIAL:
        return true;
    case FZ_PARAM_ERROR:
        return is(error, FZ_ISSUE_FUTURE_DAY);
    default:
        return false;
    }
}

/* On the watch's thread. */
static void go_on(struct fz_watch_asker *asker, enum fz_result looked)
{
    struct fz_exchange *exchange =
        (struct fz_exchange *)(void *)((char *)asker - offsetof(struct fz_exchange, asker));
    fz_exchange_resume(exchange, looked == FZ_OK ? FZ_OK : FZ_FULL); /* a database that is away: ask again */
}

bool fz_exchange_look_again(struct fz_exchange *exchange, enum fz_result result)
{
    struct fz_watch *watch = exchange->tools->workshop->lent.watch;
    if (watch == NULL || exchange->looked || result != FZ_REFUSED || exchange->on_demand ||
        !may_have_changed(&exchange->error))
        return false;
    exchange->looked = true;
    if (!fz_exchange_suspend(exchange))
        return false;
    exchange->phase = FZ_PHASE_LOOKING;
    exchange->asker = (struct fz_watch_asker){.told = go_on};
    if (fz_watch_ask(watch, &exchange->asker) != FZ_OK)
        fz_exchange_resume(exchange, FZ_REFUSED); /* it is refused as it was */
    return true;
}
