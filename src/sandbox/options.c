/* What the server is told of a sandbox's options. */
#include <stdio.h>
#include <string.h>

#include "sandbox/sandbox.h"

#define LOG_REQUESTS 10000
#define LOG_BYTES    (64 << 20)
#define PROBES_MAX   10000
#define ANY_PORT     "127.0.0.1:0"

static enum fz_result read_scope(const char *word, enum fz_callback_scope *out, char *why, size_t why_size)
{
    int scope = 0;
    while (fz_callback_scope_words[scope] != NULL && strcmp(fz_callback_scope_words[scope], word) != 0)
        scope++;
    *out = (enum fz_callback_scope)scope;
    if (fz_callback_scope_words[scope] != NULL)
        return FZ_OK;
    snprintf(why, why_size,
             "The sandbox cannot start: callbacks_to is \"%s\", and none of loopback, private and any.",
             word);
    return FZ_MALFORMED;
}

static enum fz_result read_ladder(const char *text, struct fz_ladder *out, char *why, size_t why_size)
{
    if (fz_ladder_read(text, out) == FZ_OK)
        return FZ_OK;
    snprintf(why, why_size,
             "The sandbox cannot start: callback_ladder is \"%s\", and neither none nor a list of at most %d steps of 1s to "
             "7d, like 15s,3m,6h.",
             text, FZ_LADDER_MAX);
    return FZ_MALFORMED;
}

static enum fz_result check_probes(int probes, char *why, size_t why_size)
{
    if (probes >= 0 && probes <= PROBES_MAX)
        return FZ_OK;
    snprintf(why, why_size, "The sandbox cannot start: callback_probes is %d, and not from 0 to %d.", probes, PROBES_MAX);
    return FZ_MALFORMED;
}

enum fz_result fz_sandbox_server_options(const struct fz_sandbox_options *options, const char *data,
                                         struct fz_server_options *out, char *why, size_t why_size)
{
    *out = (struct fz_server_options){.data = data,
                                      .listen = options->listen == NULL ? ANY_PORT : options->listen,
                                      .control = options->control == NULL ? ANY_PORT : options->control,
                                      .tls = options->tls,
                                      .demo = !options->empty,
                                      .world_file = options->world_file,
                                      .limits = options->limits,
                                      .overview_first = options->overview_first,
                                      .seeded = options->has_seed,
                                      .seed = options->seed,
                                      .workers = options->workers,
                                      .log_requests = options->log_requests == 0 ? LOG_REQUESTS : options->log_requests,
                                      .log_bytes = LOG_BYTES,
                                      .log_format = FZ_LOG_NONE, /* standard error is the program's */
                                      .callback_ladder = fz_vendor_ladder,
                                      .callback_ca = options->callback_ca_file,
                                      .callback_insecure = options->callback_insecure,
                                      .callbacks_wait = options->callbacks_wait,
                                      .callback_probes = options->callback_probes};
    enum fz_result result = check_probes(options->callback_probes, why, why_size);
    if (result == FZ_OK && options->callbacks_to != NULL)
        result = read_scope(options->callbacks_to, &out->callback_scope, why, why_size);
    if (result == FZ_OK && options->callback_ladder != NULL)
        result = read_ladder(options->callback_ladder, &out->callback_ladder, why, why_size);
    return result;
}
