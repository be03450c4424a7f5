/* Calls of the control interface: what comes of their answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/http.h"
#include "sandbox/sandbox.h"
#include "wire/json_dumped.h"

/* What the interface says of a refusal; of a failed audit, all that it found. */
static int refused(const char *method, const char *path, const char *text, long status)
{
    json_t *answer = text == NULL ? NULL : json_loads(text, 0, NULL);
    const char *error = json_string_value(json_object_get(answer, "error"));
    fz_sandbox_trouble("%s %s: %ld: %s", method, path, status, error != NULL ? error : text == NULL ? "" : text);
    json_decref(answer);
    return -1;
}

static int judge(const char *method, const char *path, const char *problem, const char *text, long status)
{
    if (problem != NULL)
        return fz_sandbox_trouble("%s %s: there was no answer: %s", method, path, problem);
    return status / 100 == 2 ? fz_sandbox_well() : refused(method, path, text, status);
}

int fz_sandbox_control(fz_sandbox *sandbox, const char *method, const char *path, const char *json,
                       int *status, char **answer)
{
    const struct fz_sandbox_call call = {
        .base = sandbox->server->control_url, .method = method, .path = path, .body = json};
    struct fz_text text = {0};
    long got;
    const char *problem = fz_sandbox_send(&call, &text, &got);
    int result = judge(method, path, problem, text.data, got);
    if (status != NULL)
        *status = (int)got;
    if (answer != NULL)
        *answer = problem == NULL ? text.data : NULL;
    if (answer == NULL || problem != NULL)
        fz_text_done(&text);
    return result;
}

int fz_sandbox_call_text(fz_sandbox *sandbox, const char *method, const char *path, json_t *body, char **out)
{
    char *text = body == NULL ? NULL : fz_json_dumped(body, JSON_COMPACT);
    if (out != NULL)
        *out = NULL;
    int result = body != NULL && text == NULL ? fz_sandbox_trouble("%s %s: memory is short.", method, path)
                                              : fz_sandbox_control(sandbox, method, path, text, NULL, out);
    json_decref(body);
    free(text);
    return result;
}

int fz_sandbox_call(fz_sandbox *sandbox, const char *method, const char *path, json_t *body, json_t **out)
{
    char *text = NULL;
    int result = fz_sandbox_call_text(sandbox, method, path, body, &text);
    if (out != NULL)
        *out = result != 0 || text == NULL ? NULL : json_loads(text, 0, NULL);
    if (result == 0 && out != NULL && *out == NULL)
        result = fz_sandbox_trouble("%s %s: it was done, but memory is short for its answer.", method, path);
    free(text);
    return result;
}

int fz_sandbox_list(fz_sandbox *sandbox, const char *path, const char *query, char **out)
{
    char target[FZ_SANDBOX_TARGET_SIZE];
    int size = snprintf(target, sizeof target, "%s%s%s", path, query == NULL ? "" : "?", query == NULL ? "" : query);
    return size < 0 || (size_t)size >= sizeof target ? fz_sandbox_trouble("Nothing was looked up: the query is too long.")
                                                     : fz_sandbox_call_text(sandbox, "GET", target, NULL, out);
}

void fz_sandbox_text_free(char *text)
{
    free(text);
}
