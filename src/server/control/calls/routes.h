/* The control interface's calls: which there are, and what each may run beside. A file a noun makes them. */
#ifndef FZ_SERVER_CONTROL_CALLS_ROUTES_H
#define FZ_SERVER_CONTROL_CALLS_ROUTES_H

#include "server/control/request/call.h"
#include "spec/row/example.h"

enum fz_control_kind {
    FZ_CONTROL_SHORT, /* on the daemon's own thread: must not wait for anything */
    FZ_CONTROL_LONG,  /* on a thread of its own; not beside a reset */
    FZ_CONTROL_CLOCK, /* the same, one after another, in the order in which they came */
    FZ_CONTROL_ALONE  /* a reset, a snapshot: nothing long beside it. During a move of the clock it begins, and is refused */
};

struct fz_control_route {
    const char *method, *path; /* one "*" may stand for anything without a slash, but not for nothing */
    enum fz_control_kind kind;
    void (*run)(struct fz_control_call *call);
    const char *argument; /* the name of what stands for "*"; NULL: there is none */
    const char *title;
    struct fz_example example;
    const struct fz_control_member *members; /* of the body; of a GET or DELETE: of the query; NULL: none */
    /* How the command line says it, NULL-ended; NULL: not at all. "clock advance {advance}": words, and in their place the
     * path's argument and members; "clock freeze freeze=true": words, and a member that they stand for. Other members are
     * options. */
    const char *const *commands;
};

/* Whether its members come in a body. */
bool fz_control_has_body(const struct fz_control_route *route);

/* The call of that method and path: "POST /faults"; NULL: there is none. */
const struct fz_control_route *fz_control_route_named(const char *name);

/* All calls. */
const struct fz_control_route *fz_control_routes(size_t *count);

void fz_control_get_clock(struct fz_control_call *call);
void fz_control_set_clock(struct fz_control_call *call);
void fz_control_list_merchants(struct fz_control_call *call);
void fz_control_add_merchant(struct fz_control_call *call);
void fz_control_change_merchant(struct fz_control_call *call);
void fz_control_recharge(struct fz_control_call *call);
void fz_control_list_platform(struct fz_control_call *call);
void fz_control_rotate_platform(struct fz_control_call *call);
void fz_control_make_payment(struct fz_control_call *call);
void fz_control_change_payment(struct fz_control_call *call);
void fz_control_pay(struct fz_control_call *call);
void fz_control_change_receiver(struct fz_control_call *call);
void fz_control_set_outcome(struct fz_control_call *call);
void fz_control_add_fault(struct fz_control_call *call);
void fz_control_list_faults(struct fz_control_call *call);
void fz_control_clear_faults(struct fz_control_call *call);
void fz_control_clear_fault(struct fz_control_call *call);
void fz_control_get_limits(struct fz_control_call *call);
void fz_control_set_limits(struct fz_control_call *call);
void fz_control_audit(struct fz_control_call *call);
void fz_control_list_callbacks(struct fz_control_call *call);
void fz_control_list_modes(struct fz_control_call *call);
void fz_control_set_mode(struct fz_control_call *call);
void fz_control_show_callback(struct fz_control_call *call);
void fz_control_resend_callback(struct fz_control_call *call);
void fz_control_export_world(struct fz_control_call *call);
void fz_control_health(struct fz_control_call *call);
void fz_control_metrics(struct fz_control_call *call);
void fz_control_reset(struct fz_control_call *call);
void fz_control_take_snapshot(struct fz_control_call *call);
void fz_control_list_snapshots(struct fz_control_call *call);
void fz_control_restore_snapshot(struct fz_control_call *call);
void fz_control_remove_snapshot(struct fz_control_call *call);
void fz_control_list_requests(struct fz_control_call *call);
void fz_control_get_request(struct fz_control_call *call);
void fz_control_stream_requests(struct fz_control_call *call);

#endif
