/* Errors of calls, for people, on standard error. */
#include "cli/output/error.h"

#include <stdio.h>
#include <string.h>

#include "cli/command/command.h"

int fz_error_exit_status(const fz_error *error)
{
    if (fz_error_outcome(error) == FZ_OUTCOME_MAYBE_DONE)
        return FZ_EXIT_UNKNOWN;
    return fz_error_outcome(error) == FZ_OUTCOME_REFUSED && fz_error_code_text(error)[0] != '\0'
               ? FZ_EXIT_REFUSED
               : FZ_EXIT_TROUBLE;
}

/* What the message does not have already, a line each. */
static void tell_difference(const char *difference, const char *message)
{
    while (*difference != '\0') {
        size_t size = strcspn(difference, "\n");
        if (size > 0 && memmem(message, strlen(message), difference, size) == NULL)
            fprintf(stderr, "  %.*s\n", (int)size, difference);
        difference += size + (difference[size] == '\n');
    }
}

int fz_tell_error(const fz_error *error)
{
    const char *id = fz_error_request_id(error);
    const char *meaning = fz_error_request_id_meaning(error);
    fprintf(stderr, "fenzhang: %s\n", fz_error_message(error));
    if (id[0] != '\0')
        fprintf(stderr, "  Request-ID: %s%s%s%s\n", id, meaning[0] == '\0' ? "" : " (", meaning,
                meaning[0] == '\0' ? "" : ")");
    tell_difference(fz_error_signature_difference(error), fz_error_message(error));
    switch (fz_error_code(error)) {
    case FZ_CODE_NO_KEY:
        fputs("  `fenzhang doctor' tells whether the APIv3 key opens the platform's certificates.\n", stderr);
        break;
    case FZ_CODE_NETWORK:
    case FZ_CODE_TLS:
        fputs("  `fenzhang doctor' tells name, connection, proxy and certificate apart.\n", stderr);
        break;
    default:
        break;
    }
    return fz_error_exit_status(error);
}
