/* GET /limits, POST /limits: whether the documented limits on requests hold, switched while the server runs. */
#include "server/control/calls/replaced.h"
#include "server/control/calls/routes.h"
#include "server/work/limits.h"

void fz_control_get_limits(struct fz_control_call *call)
{
    bool hold = fz_limits_are_on(call->parts->limits);
    fz_control_answer(call, json_pack("{s:s}", "limits", hold ? "real" : "off"));
}

void fz_control_set_limits(struct fz_control_call *call)
{
    static const char *const words[] = {"off", "real", NULL};
    fz_body_only(call, call->members);
    fz_body_require(call, "limits");
    bool hold = fz_body_word(call, "limits", words, 0) == 1;
    if (!fz_body_is_sound(call) || !fz_control_knows_its_book(call, "The limits were not switched"))
        return;
    fz_limits_switch(call->parts->limits, hold);
    fz_control_get_limits(call);
}
