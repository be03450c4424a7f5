/* What notify_urls are told. */
#include "sandbox/sandbox.h"

int fz_sandbox_callbacks(fz_sandbox *sandbox, const char *query, char **callbacks)
{
    return fz_sandbox_list(sandbox, "/callbacks", query, callbacks);
}

int fz_sandbox_callback(fz_sandbox *sandbox, const char *id, char **callback)
{
    char target[FZ_SANDBOX_TARGET_SIZE];
    fz_sandbox_target(target, "/callbacks/", id, "");
    return fz_sandbox_call_text(sandbox, "GET", target, NULL, callback);
}

int fz_sandbox_resend_callback(fz_sandbox *sandbox, const char *id, bool wait)
{
    char target[FZ_SANDBOX_TARGET_SIZE];
    json_t *body = json_object();
    fz_sandbox_set_wait(body, wait);
    fz_sandbox_target(target, "/callbacks/", id, "/resend");
    return fz_sandbox_call(sandbox, "POST", target, body, NULL);
}

int fz_sandbox_set_callback_mode(fz_sandbox *sandbox, const char *mode)
{
    json_t *body = fz_sandbox_object(mode);
    return body == NULL ? -1 : fz_sandbox_call(sandbox, "POST", "/callbacks/mode", body, NULL);
}

int fz_sandbox_callback_modes(fz_sandbox *sandbox, char **modes)
{
    return fz_sandbox_call_text(sandbox, "GET", "/callbacks/mode", NULL, modes);
}
