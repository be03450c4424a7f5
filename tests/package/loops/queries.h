/* Some calls on whatever loop, and what they came to: what the programs beside this share. */
#ifndef QUERIES_H
#define QUERIES_H

#include "settings.h"

#define QUERIES 8

static int left = QUERIES, answered;

static void on_done(void *argument, void *answer, fz_error *error)
{
    const struct fz_refund_answer *refund = (const struct fz_refund_answer *)answer;
    (void)argument;
    if (error != NULL)
        fail(error);
    else
        answered += refund->amount.refund == 2000;
    fz_answer_free(answer);
    left--;
}

/* Of the demo book's refund: so many at the same time. */
static int start_queries(fz_loop *loop)
{
    struct fz_refund_by_id_request request = FZ_INIT(fz_refund_by_id_request);
    fz_error *error = NULL;
    request.sp_mchid = setting("MCHID");
    request.sub_mchid = setting("SUB_MCHID");
    request.id = setting("REFUND_ID");
    for (int i = 0; i < QUERIES; i++)
        if (fz_loop_start(loop, "refund-by-id", &request, NULL, on_done, NULL, NULL, &error) != 0)
            return fail(error);
    return 0;
}

static int say_what_came(void)
{
    printf("%d of %d answered\n", answered, QUERIES);
    return answered == QUERIES ? 0 : 1;
}

#endif
