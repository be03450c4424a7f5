/* GET /clock, POST /clock: book time, read, moved forward, stopped, let run. */
#include "base/calendar.h"
#include "server/control/calls/replaced.h"
#include "server/control/calls/routes.h"
#include "server/courier/courier.h"
#include "server/schedule/scheduler.h"

static const char *const sign_words[] = {"wire", "book", NULL}, *const callback_words[] = {"now", "later", NULL};

void fz_control_get_clock(struct fz_control_call *call)
{
    int64_t now_ms;
    bool frozen;
    char now[FZ_TIME_SIZE];
    fz_scheduler_clock(call->parts->scheduler, &now_ms, &frozen);
    fz_format_time(now, now_ms);
    bool on_book_clock = fz_courier_uses_book_clock(call->parts->courier);
    fz_control_answer(call, json_pack("{s:s, s:b, s:s}", "now", now, "frozen", frozen, "sign",
                                      sign_words[on_book_clock]));
}

/* Where the clock is to go: from "advance" or "now". */
static int64_t read_target(struct fz_control_call *call)
{
    int64_t now_ms, target_ms = 0;
    bool frozen;
    fz_scheduler_clock(call->parts->scheduler, &now_ms, &frozen);
    const char *advance = fz_body_text(call, "advance", 1, 64), *now = fz_body_text(call, "now", 1, 64);
    if (advance != NULL && fz_add_duration(now_ms, advance, &target_ms) != FZ_OK)
        fz_body_fault(call, "\"advance\" is no ISO 8601 duration of at most 100 years, to the end of 9999: "
                            "send one like PT5M or P1D");
    if (now != NULL && fz_parse_time(now, &target_ms) != FZ_OK)
        fz_body_fault(call, "\"now\" is no RFC 3339 time: send one like 2026-01-02T10:00:00+08:00");
    return target_ms;
}

static void refuse(struct fz_control_call *call, enum fz_result result)
{
    static const struct fz_error none;
    int64_t now_ms;
    bool frozen;
    char now[FZ_TIME_SIZE];
    switch (result) {
    case FZ_CONFLICT:
        fz_control_refuse(call, MHD_HTTP_CONFLICT,
                          "The clock was not touched: it is being moved already, or the book is being reset. "
                          "Wait until that call has "
                          "answered, then try again.");
        break;
    case FZ_MALFORMED:
        fz_scheduler_clock(call->parts->scheduler, &now_ms, &frozen);
        fz_format_time(now, now_ms);
        fz_control_refuse(call, MHD_HTTP_BAD_REQUEST,
                          "The clock was not moved: it is %s already, and book time never runs back. Send a "
                          "later time, or POST /reset.",
                          now);
        break;
    default:
        fz_control_refuse_result(call, "The clock did not reach its target; GET /clock says where it stands",
                                 result, &none);
    }
}

/* The clock that callbacks' headers carry may be set alone, or with anything else. */
static void check_members(struct fz_control_call *call)
{
    fz_body_only(call, call->members);
    int moves = fz_body_has(call, "advance") + fz_body_has(call, "now"), freezes = fz_body_has(call, "freeze");
    if (moves + freezes > 1 || (moves + freezes == 0 && !fz_body_has(call, "sign")))
        fz_body_fault(call, "it has to have exactly one of \"advance\", \"now\" and \"freeze\", or \"sign\"");
    if (moves == 0 && fz_body_has(call, "callbacks"))
        fz_body_fault(call, "\"callbacks\" belongs to \"advance\" or \"now\": leave it away");
}

void fz_control_set_clock(struct fz_control_call *call)
{
    check_members(call);
    bool freeze = fz_body_boolean(call, "freeze", false), freezes = fz_body_has(call, "freeze");
    bool moves = fz_body_has(call, "advance") || fz_body_has(call, "now");
    int callbacks = fz_body_word(call, "callbacks", callback_words, 0), sign = fz_body_word(call, "sign", sign_words, 0);
    int64_t target_ms = moves ? read_target(call) : 0;
    if (!fz_body_is_sound(call) || (fz_body_has(call, "sign") && !fz_control_knows_its_book(call, "The clock was not touched")))
        return;
    if (fz_body_has(call, "sign"))
        fz_courier_use_book_clock(call->parts->courier, sign == 1);
    struct fz_scheduler *scheduler = call->parts->scheduler;
    enum fz_result result = FZ_OK;
    if (freezes)
        result = fz_scheduler_freeze(scheduler, freeze);
    else if (moves)
        result = fz_scheduler_jump(scheduler, target_ms, callbacks == 0);
    if (result == FZ_OK)
        fz_control_get_clock(call);
    else
        refuse(call, result);
}
