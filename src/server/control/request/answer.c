/* What a control call is answered with. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "server/control/request/call.h"

static void set(struct fz_control_call *call, unsigned status, json_t *answer)
{
    json_decref(call->answer);
    call->status = answer == NULL ? MHD_HTTP_INTERNAL_SERVER_ERROR : status;
    call->answer = answer;
}

void fz_control_answer(struct fz_control_call *call, json_t *answer)
{
    set(call, MHD_HTTP_OK, answer);
}

void fz_control_refuse(struct fz_control_call *call, unsigned status, const char *format, ...)
{
    char text[1600], clean[1600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fz_copy_clean(clean, sizeof clean, text, strlen(text),
                  sizeof clean); /* it may repeat what a caller sent, and be cut */
    set(call, status, json_pack("{s:s}", "error", clean));
}

/* A rule of the book said no: its row's status and words, and the code that the API gives for it. */
static void refuse_by_rule(struct fz_control_call *call, const char *what, const struct fz_error *error)
{
    const struct fz_row_text *row = fz_row_text(error->row);
    bool placed = error->field[0] != '\0';
    size_t length = strlen(row->english);
    if (row->english[length - 1] == '.') /* the sentence goes on */
        length--;
    fz_control_refuse(call, (unsigned)row->status,
                      "%s: %.*s%s%s%s%s (%s). Change the call or the state of the book, then try again.",
                      what, (int)length, row->english, placed ? " - " : "", error->field,
                      placed && error->issue[0] != '\0' ? ": " : "", placed ? error->issue : "", row->code);
    if (call->answer != NULL)
        (void)json_object_set_new(call->answer, "code", json_string(row->code));
}

void fz_control_refuse_result(struct fz_control_call *call, const char *what, enum fz_result result,
                              const struct fz_error *error)
{
    switch (result) {
    case FZ_REFUSED:
        refuse_by_rule(call, what, error);
        break;
    case FZ_FULL:
        fz_control_refuse(call, MHD_HTTP_SERVICE_UNAVAILABLE, "%s: too many writes wait%s, or the server stops. Try again.", what,
                          fz_store_has_others(call->parts->store) ? ", the book's database is away" : "");
        break;
    case FZ_UNKNOWN:
        fz_control_refuse(call, MHD_HTTP_INTERNAL_SERVER_ERROR,
                          "%s, or perhaps it was: the disk failed while it was written. Look at the disk, "
                          "then ask for the state.",
                          what);
        break;
    default:
        fz_control_refuse(call, MHD_HTTP_INTERNAL_SERVER_ERROR,
                          "%s: the book cannot be written or read (%s). Look at the disk.", what,
                          error->issue[0] == '\0' ? "no reason given" : error->issue);
    }
}
