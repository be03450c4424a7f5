/* fenzhang balance: what advance refunds can draw today (S-BAL). */
#include <inttypes.h>
#include <stdio.h>

#include "cli/api/commands.h"
#include "cli/session/session.h"

static const struct argp argp = {NULL, NULL, NULL,
                                 "Prints what an advance refund can draw now.\vExample:\n  fenzhang balance --env data/demo.env\n",
                                 NULL, NULL, NULL};

static int run(int argc, char **argv)
{
    struct fz_session session;
    struct fz_refundable_balance_request request = FZ_INIT(fz_refundable_balance_request);
    struct fz_refundable_balance_answer *answer = NULL;
    int status = fz_session_open(&fz_balance_command, argc, argv, NULL, &session);
    if (status == FZ_EXIT_DONE)
        status = fz_session_call(&session, "refundable-balance", &request, NULL, (void **)&answer);
    if (status == FZ_EXIT_DONE)
        puts(fz_answer_text(answer, NULL));
    fz_answer_free(answer);
    fz_session_close(&session);
    return status;
}

const struct fz_command fz_balance_command = {
    .name = "balance",
    .summary = "what advance refunds can draw today",
    .heading = "The API",
    .argp = &argp,
    .shared = &fz_caller_argp,
    .run = run,
};
