/* A command that calls the API: its arguments, its profile, its client, and calls that Ctrl-C ends.
 *
 *     struct fz_session session;
 *     int status = fz_session_open(&fz_balance_command, argc, argv, NULL, &session);
 *     if (status == FZ_EXIT_DONE)
 *         status = fz_session_call(&session, "refundable-balance", &request, NULL, &answer);
 *     … print answer …
 *     fz_answer_free(answer);
 *     fz_session_close(&session);
 *     return status; */
#ifndef FZ_CLI_SESSION_SESSION_H
#define FZ_CLI_SESSION_SESSION_H

#include "cli/command/command.h"
#include "cli/profile/profile.h"

struct fz_session {
    struct fz_caller_options caller;
    struct fz_profile profile;
    fz_client *client;
    fz_cancel *cancel; /* ended by Ctrl-C; also for calls of one's own: .cancel of their options */
};

/* Parses the arguments by the command's row (whose `shared` is &fz_caller_argp), with `input`, then opens a session.
 * Anything but FZ_EXIT_DONE is the exit status, after a message; fz_session_close either way. */
int fz_session_open(const struct fz_command *command, int argc, char **argv, void *input, struct fz_session *out);
void fz_session_close(struct fz_session *session);

/* Calls. FZ_EXIT_DONE: *answer has what was answered. Otherwise the exit status, after a message: of a write that may have
 * been done the service has then been asked once what became of it; if that found that it was done, the status is
 * FZ_EXIT_DONE and *answer what the query answered. `options` may be NULL. */
int fz_session_call(const struct fz_session *session, const char *name, const void *request,
                    const struct fz_call_options *options, void **answer);
/* Calls and tells nothing: 0, or -1 and *error. */
int fz_session_try(const struct fz_session *session, const char *name, const void *request, void **answer, fz_error **error);

#endif
