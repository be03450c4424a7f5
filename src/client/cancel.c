/* The object by which calls are ended from elsewhere. */
#include "client/cancel.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/memory.h"
#include "client/lane.h"
#include "client/loop_internal.h"

fz_cancel *fz_cancel_new(void)
{
    fz_cancel *cancel = fz_allocate_zeroed(sizeof *cancel);
    if (cancel == NULL)
        return NULL;
    cancel->handle = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (cancel->handle >= 0)
        return cancel;
    fz_release(cancel);
    return NULL;
}

void fz_cancel_free(fz_cancel *cancel)
{
    if (cancel == NULL)
        return;
    close(cancel->handle);
    fz_release(cancel);
}

/* Nothing here that a signal handler may not do. */
void fz_cancel_all(fz_cancel *cancel)
{
    int before = errno;
    atomic_store(&cancel->set, true);
    ssize_t written = write(cancel->handle, &(uint64_t){1}, sizeof(uint64_t));
    (void)written; /* it fails only when it is readable already */
    errno = before;
}

void fz_cancel_reset(fz_cancel *cancel)
{
    uint64_t count;
    ssize_t taken = read(cancel->handle, &count, sizeof count);
    (void)taken;
    atomic_store(&cancel->set, false);
}

void fz_client_cancel(fz_client *client)
{
    atomic_fetch_add(&client->cancelled, 1);
    fz_lanes_wake(client);
    fz_loops_wake(client);
}
