/* A sandbox's life: a server inside this process, from start to stop. */
#include "sandbox/sandbox.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/net/tls.h"
#include "server/schedule/scheduler.h"

/* ---- start ---- */

/* OpenSSL's errors of what was tried on the way are not the caller's. */
static enum fz_result start_server(fz_sandbox *sandbox, const struct fz_sandbox_options *options, char *why, size_t why_size)
{
    struct fz_server_options with;
    enum fz_result result = fz_sandbox_server_options(options, sandbox->data, &with, why, why_size);
    if (result != FZ_OK)
        return result;
    ERR_set_mark();
    result = fz_server_start(&with, &sandbox->server, why, why_size);
    ERR_pop_to_mark();
    if (result == FZ_OK && options->frozen)
        result = fz_scheduler_freeze(sandbox->server->scheduler, true);
    return result;
}

static enum fz_result start(fz_sandbox *sandbox, const struct fz_sandbox_options *options, char *why, size_t why_size)
{
    sandbox->temporary = options->data == NULL;
    enum fz_result result = fz_sandbox_place(options->data, &sandbox->data, why, why_size);
    if (result == FZ_OK)
        result = start_server(sandbox, options, why, why_size);
    if (result == FZ_OK)
        sandbox->hosts[0] = sandbox->server->api_url;
    return result;
}

static int make(const struct fz_sandbox_options *options, fz_sandbox **out)
{
    char reason[FZ_SANDBOX_WHY_SIZE] = "The sandbox cannot start: memory is short, or the disk is full.";
    fz_sandbox_take_log();
    fz_sandbox *sandbox = calloc(1, sizeof *sandbox);
    if (sandbox != NULL && start(sandbox, options, reason, sizeof reason) == FZ_OK) {
        *out = sandbox;
        return fz_sandbox_well();
    }
    fz_sandbox_free(sandbox);
    return fz_sandbox_trouble("%s", reason);
}

int fz_sandbox_new(const struct fz_sandbox_options *options, fz_sandbox **out, char *why, size_t why_size)
{
    struct fz_sandbox_options own;
    *out = NULL;
    int result = fz_sandbox_take(&own, sizeof own, options);
    if (result == 0)
        result = make(&own, out);
    if (why != NULL && why_size > 0)
        snprintf(why, why_size, "%s", fz_sandbox_error());
    return result;
}

/* ---- where it is ---- */

const char *fz_sandbox_url(const fz_sandbox *sandbox)
{
    return sandbox->server->api_url;
}

const char *fz_sandbox_control_url(const fz_sandbox *sandbox)
{
    return sandbox->server->control_url;
}

const char *fz_sandbox_data(const fz_sandbox *sandbox)
{
    return sandbox->data;
}

const char *fz_sandbox_ca_file(const fz_sandbox *sandbox)
{
    return sandbox->server->tls == NULL ? NULL : fz_tls_authority_path(sandbox->server->tls);
}

/* ---- stop ---- */

void fz_sandbox_free(fz_sandbox *sandbox)
{
    if (sandbox == NULL)
        return;
    if (sandbox->server != NULL)
        fz_server_stop(sandbox->server);
    if (sandbox->temporary && sandbox->data != NULL)
        fz_sandbox_place_remove(sandbox->data);
    free(sandbox->data);
    free(sandbox);
}
