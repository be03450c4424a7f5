/* Asked for by either number. */
#include "cli/api/either.h"

#include <string.h>

#include "cli/output/error.h"

error_t fz_take_either(int key, char *argument, struct argp_state *state)
{
    struct fz_either *into = state->input;
    if (key == FZ_KEY_BY_ID)
        into->only_id = true;
    else if (key == ARGP_KEY_ARG && into->number == NULL)
        into->number = argument;
    else if (key == ARGP_KEY_END && into->number == NULL)
        argp_error(state, "the number is missing: %s", state->root_argp->args_doc);
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

static bool draft_of(const struct fz_either *either, bool by_id, struct fz_draft *draft)
{
    return fz_draft_begin(draft, by_id ? either->by_id : either->by_number) &&
           fz_draft_set(draft, by_id ? either->id_member : either->number_member, either->number);
}

/* One of the two calls, to its end. */
static int ask_one(const struct fz_session *session, const struct fz_either *either, bool by_id)
{
    const struct fz_asking asking = {.call = by_id ? either->by_id : either->by_number, .shown = either->shown};
    struct fz_draft draft = {0};
    int status = draft_of(either, by_id, &draft) ? fz_ask_with(session, &asking, &draft) : FZ_EXIT_TROUBLE;
    fz_draft_done(&draft);
    return status;
}

/* Whether nothing has that number as the merchant's, and it may be WeChat Pay's. What was answered is shown. */
static bool is_no_number(const struct fz_session *session, const struct fz_either *either, int *status)
{
    struct fz_draft draft = {0};
    const void *request;
    void *answer = NULL;
    fz_error *error = NULL;
    *status = FZ_EXIT_TROUBLE;
    bool unknown = false;
    if (!draft_of(either, false, &draft) || !fz_draft_finish(&draft, &session->profile, &request))
        ;
    else if (fz_session_try(session, either->by_number, request, &answer, &error) == 0)
        *status = fz_show(answer, either->shown, NULL, &session->caller);
    else if (fz_error_status(error) == 404 && strspn(either->number, "0123456789") == strlen(either->number))
        unknown = true;
    else
        *status = fz_tell_error(error);
    fz_error_free(error);
    fz_answer_free(answer);
    fz_draft_done(&draft);
    return unknown;
}

int fz_ask_either(const struct fz_command *command, struct fz_either *either, int argc, char **argv)
{
    struct fz_session session;
    int status = fz_session_open(command, argc, argv, either, &session);
    if (status == FZ_EXIT_DONE && (either->only_id || is_no_number(&session, either, &status)))
        status = ask_one(&session, either, true);
    fz_session_close(&session);
    return status;
}

int fz_do_either(const struct fz_command *command, struct fz_either *either, int argc, char **argv)
{
    struct fz_session session;
    int status = fz_session_open(command, argc, argv, either, &session);
    if (status == FZ_EXIT_DONE)
        status = ask_one(&session, either, either->only_id);
    fz_session_close(&session);
    return status;
}
