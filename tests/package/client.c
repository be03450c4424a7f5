/* A program of somebody else's that uses the client library alone. */
#include <fenzhang.h>

#include <stdio.h>
#include <string.h>

/* What cannot be used is told, and every part of the library is there to be linked. */
static int is_refused(void)
{
    struct fz_client_options options = FZ_CLIENT_OPTIONS_INIT;
    fz_client *client = NULL;
    fz_error *error = NULL;
    options.mchid = "1900000100";
    int result = fz_client_new(&options, &client, &error);
    int refused = result == -1 && fz_error_code(error) == FZ_CODE_OPTIONS && strstr(fz_error_message(error), "serial_no") != NULL &&
                  fz_error_outcome(error) == FZ_OUTCOME_NOT_SENT;
    fz_error_free(error);
    fz_client_free(client);
    return refused;
}

int main(void)
{
    struct fz_refund_by_id_request request = FZ_INIT(fz_refund_by_id_request);
    int (*call)(fz_client *, const struct fz_refund_by_id_request *, struct fz_refund_answer **, fz_error **) = fz_refund_by_id;
    if (request.size != sizeof request || request.id != NULL || call == NULL || !is_refused())
        return 1;
    printf("%s\n", fz_version());
    return 0;
}
