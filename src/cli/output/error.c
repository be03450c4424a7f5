/* Errors of calls, for people, on standard error. */
#include "cli/output/error.h"

#include <stdio.h>

#include "cli/command/command.h"

int fz_error_exit_status(const fz_error *error)
{
    if (fz_error_outcome(error) == FZ_OUTCOME_MAYBE_DONE)
        return FZ_EXIT_UNKNOWN;
    return fz_error_outcome(error) == FZ_OUTCOME_REFUSED && fz_error_code_text(error)[0] != '\0' ? FZ_EXIT_REFUSED
                                                                                                 : FZ_EXIT_TROUBLE;
}

int fz_tell_error(const fz_error *error)
{
    const char *difference = fz_error_signature_difference(error), *id = fz_error_request_id(error);
    const char *meaning = fz_error_request_id_meaning(error);
    fprintf(stderr, "fenzhang: %s\n", fz_error_message(error));
    if (id[0] != '\0')
        fprintf(stderr, "  Request-ID: %s%s%s%s\n", id, meaning[0] == '\0' ? "" : " (", meaning,
                meaning[0] == '\0' ? "" : ")");
    if (difference[0] != '\0')
        fprintf(stderr, "%s\n", difference);
    return fz_error_exit_status(error);
}
