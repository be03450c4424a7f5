/* The clock of a sandbox's book. */
#include "base/calendar.h"
#include "sandbox/sandbox.h"
#include "server/schedule/scheduler.h"

int64_t fz_sandbox_now_ms(void *argument)
{
    const fz_sandbox *sandbox = argument;
    return fz_book_now_ms(sandbox->server->world);
}

bool fz_sandbox_is_frozen(fz_sandbox *sandbox)
{
    int64_t now_ms;
    bool frozen;
    fz_scheduler_clock(sandbox->server->scheduler, &now_ms, &frozen);
    return frozen;
}

static int set(fz_sandbox *sandbox, const char *name, json_t *value)
{
    return fz_sandbox_call(sandbox, "POST", "/clock", json_pack("{s:o}", name, value), NULL);
}

int fz_sandbox_advance(fz_sandbox *sandbox, const char *duration)
{
    return set(sandbox, "advance", json_string(duration));
}

int fz_sandbox_advance_to(fz_sandbox *sandbox, int64_t now_ms)
{
    char time[FZ_TIME_SIZE];
    if (now_ms < 0 || now_ms > FZ_TIME_END_MS)
        return fz_sandbox_trouble("The clock was not moved: that time is before 1970, or after 9999.");
    fz_format_time_ms(time, now_ms);
    return set(sandbox, "now", json_string(time));
}

int fz_sandbox_freeze(fz_sandbox *sandbox, bool frozen)
{
    return set(sandbox, "freeze", json_boolean(frozen));
}

int fz_sandbox_sign_in_book_time(fz_sandbox *sandbox, bool book_time)
{
    return set(sandbox, "sign", json_string(book_time ? "book" : "wire"));
}
