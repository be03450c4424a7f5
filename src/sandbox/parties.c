/* Merchants, receivers, and the platform's certificate. */
#include "base/text.h"
#include "sandbox/sandbox.h"

static int post_object(fz_sandbox *sandbox, const char *before, const char *argument, const char *text)
{
    char target[FZ_SANDBOX_TARGET_SIZE];
    json_t *body = fz_sandbox_object(text);
    fz_sandbox_target(target, before, argument, "");
    return body == NULL ? -1 : fz_sandbox_call(sandbox, "POST", target, body, NULL);
}

/* ---- receivers ---- */

int fz_sandbox_end_receiver_audit(fz_sandbox *sandbox, const char *account, const char *mchid, const char *fail_reason,
                                  const char *fail_description)
{
    char target[FZ_SANDBOX_TARGET_SIZE];
    json_t *body = json_object();
    fz_sandbox_set_text(body, "audit", fail_reason == NULL ? "EFFECTIVE" : "FAILED");
    fz_sandbox_set_text(body, "mchid", mchid);
    fz_sandbox_set_text(body, "fail_reason", fail_reason);
    fz_sandbox_set_text(body, "fail_description", fail_description);
    fz_sandbox_target(target, "/receivers/", account, "");
    return fz_sandbox_call(sandbox, "POST", target, body, NULL);
}

int fz_sandbox_change_receiver(fz_sandbox *sandbox, const char *account, const char *changes)
{
    return post_object(sandbox, "/receivers/", account, changes);
}

/* ---- merchants ---- */

int fz_sandbox_add_merchant(fz_sandbox *sandbox, const char *merchant, struct fz_sandbox_credentials *out)
{
    json_t *body = fz_sandbox_object(merchant), *answer = NULL;
    int result = body == NULL ? -1 : fz_sandbox_call(sandbox, "POST", "/merchants", body, &answer);
    if (result == 0 && out != NULL)
        result = fz_sandbox_get_credentials(sandbox, json_string_value(json_object_get(answer, "mchid")), out);
    json_decref(answer);
    return result;
}

int fz_sandbox_change_merchant(fz_sandbox *sandbox, const char *mchid, const char *changes)
{
    return post_object(sandbox, "/merchants/", mchid, changes);
}

int fz_sandbox_merchants(fz_sandbox *sandbox, char **merchants)
{
    return fz_sandbox_call_text(sandbox, "GET", "/merchants", NULL, merchants);
}

int fz_sandbox_recharge(fz_sandbox *sandbox, const char *mchid, int64_t amount, int64_t *remaining)
{
    char target[FZ_SANDBOX_TARGET_SIZE];
    json_t *answer = NULL;
    fz_sandbox_target(target, "/merchants/", mchid, "/recharge");
    int result = fz_sandbox_call(sandbox, "POST", target, json_pack("{s:I}", "amount", (json_int_t)amount), &answer);
    if (result == 0 && remaining != NULL)
        *remaining = json_integer_value(json_object_get(answer, "remaining_amount"));
    json_decref(answer);
    return result;
}

/* ---- the platform ---- */

int fz_sandbox_rotate_platform_certificate(fz_sandbox *sandbox, const char *signs_in, char serial_no[41])
{
    json_t *body = json_object(), *answer = NULL;
    fz_sandbox_set_text(body, "signs_in", signs_in);
    int result = fz_sandbox_call(sandbox, "POST", "/platform/rotate", body, &answer);
    if (result == 0 && serial_no != NULL)
        fz_copy(serial_no, 41, json_string_value(json_object_get(answer, "serial_no")));
    json_decref(answer);
    return result;
}

int fz_sandbox_platform(fz_sandbox *sandbox, char **platform)
{
    return fz_sandbox_call_text(sandbox, "GET", "/platform", NULL, platform);
}
