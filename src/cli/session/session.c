/* Sessions: opened, calls made, Ctrl-C. */
#include "cli/session/session.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/output/error.h"
#include "cli/session/lost.h"

/* ---- Ctrl-C ---- */

static fz_cancel *ended_by_signal;

/* Once: the second one ends the program as ever. */
static void end_calls(int signal_number)
{
    (void)signal_number;
    fz_cancel_all(ended_by_signal);
}

/* What was sent has to be told of. A peer that hangs up is an error of its call, not the end of the program. */
static void hold_signals(fz_cancel *cancel)
{
    struct sigaction once = {.sa_handler = end_calls, .sa_flags = (int)(SA_RESETHAND | SA_RESTART)};
    ended_by_signal = cancel;
    sigaction(SIGINT, &once, NULL);
    sigaction(SIGTERM, &once, NULL);
    sigaction(SIGHUP, &once, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* ---- a session ---- */

int fz_session_open(const struct fz_command *command, int argc, char **argv, void *input, struct fz_session *out)
{
    *out = (struct fz_session){0};
    fz_arguments_parse_shared(command, argc, argv, input, &out->caller);
    if (!fz_profile_load(&out->caller, &out->profile))
        return FZ_EXIT_TROUBLE;
    out->client = fz_profile_client(&out->profile);
    out->cancel = fz_cancel_new();
    if (out->client == NULL || out->cancel == NULL)
        return FZ_EXIT_TROUBLE;
    hold_signals(out->cancel);
    return FZ_EXIT_DONE;
}

void fz_session_close(struct fz_session *session)
{
    fz_client_free(session->client);
    fz_profile_done(&session->profile);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    fz_cancel_free(session->cancel);
}

/* ---- calls ---- */

/* A write of which nobody knows: the service is asked for its number. */
static int find_out(const struct fz_session *session, const fz_error *lost, void **answer)
{
    enum fz_outcome outcome;
    const char *name = "";
    fz_error *why = NULL;
    fputs("fenzhang: asking the service what became of it ...\n", stderr);
    fz_cancel_reset(session->cancel);
    if (fz_find_out(session->client, lost, false, &outcome, answer, &name, &why) != 0) {
        fprintf(stderr, "fenzhang: it cannot be told yet: %s\n", fz_error_message(why));
        fz_error_free(why);
        return FZ_EXIT_UNKNOWN;
    }
    if (outcome == FZ_OUTCOME_DONE) {
        fprintf(stderr, "fenzhang: it was done. Its own answer is lost; what follows is what %s answers.\n", name);
        return FZ_EXIT_DONE;
    }
    fprintf(stderr, "fenzhang: the service does not know it (%s), but it may still be on its way.\n", name);
    return FZ_EXIT_UNKNOWN;
}

int fz_session_try(const struct fz_session *session, const char *name, const void *request, void **answer, fz_error **error)
{
    struct fz_call_options with = FZ_INIT(fz_call_options);
    with.cancel = session->cancel;
    return fz_call(session->client, name, request, &with, answer, error);
}

int fz_session_call(const struct fz_session *session, const char *name, const void *request,
                    const struct fz_call_options *options, void **answer)
{
    struct fz_call_options with = FZ_INIT(fz_call_options);
    fz_error *error = NULL;
    *answer = NULL;
    if (options != NULL)
        memcpy(&with, options, options->size < sizeof with ? options->size : sizeof with);
    with.cancel = session->cancel;
    if (fz_call(session->client, name, request, &with, answer, &error) == 0)
        return FZ_EXIT_DONE;
    int status = fz_tell_error(error);
    if (status == FZ_EXIT_UNKNOWN)
        status = find_out(session, error, answer);
    if (status == FZ_EXIT_UNKNOWN)
        fz_tell_query(session, name, request);
    fz_error_free(error);
    return status;
}
