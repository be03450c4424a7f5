/* The server's life: what is started in which order, and ended. */
#include "server/life.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/server/log.h"
#include "base/text.h"
#include "server/control/calls/world_faults.h"
#include "server/control/control.h"
#include "server/courier/courier.h"
#include "server/data/data_directory.h"
#include "server/fault/faults.h"
#include "server/files/bill_file.h"
#include "server/http/http.h"
#include "server/keys/watch.h"
#include "server/log/request_log.h"
#include "server/net/tls.h"
#include "server/others.h"
#include "server/schedule/scheduler.h"
#include "server/signals.h"
#include "server/snapshot/asked.h"
#include "server/snapshot/shelf.h"
#include "server/work/limits.h"

enum fz_result fz_life_short(char *why, size_t why_size)
{
    snprintf(why, why_size,
             "The server cannot start: memory, threads or file descriptors are short. Raise the limit, then "
             "start again.");
    return FZ_FAILED;
}

static int taken_over(int *socket)
{
    int given = *socket;
    *socket = -1;
    return given;
}

static enum fz_result start_courier(struct fz_server *server)
{
    const struct fz_server_options *options = &server->options;
    struct fz_courier_setup setup = {.world = server->world,
                                     .store = server->store,
                                     .directory = server->directory,
                                     .access_log = server->access_log,
                                     .process_id = server->process_id,
                                     .ladder = options->callback_ladder,
                                     .limits.scope = options->callback_scope,
                                     .authorities = options->callback_ca,
                                     .insecure = options->callback_insecure,
                                     .probes = options->callback_probes};
    memcpy(setup.limits.own_ports, server->ports, sizeof setup.limits.own_ports);
    return fz_courier_start(&setup, &server->courier);
}

/* A fork of a snapshot does what the other server had been asked to do by then. */
static void do_as_asked(struct fz_server *server)
{
    const struct fz_asked asked = {.limits = server->limits, .faults = server->faults, .courier = server->courier};
    if (!fz_asked_set(&asked, server->asked.data))
        fz_log_warning("the snapshot has a fault or a callbacks' mode that this program does not know; it is left out");
    if (server->options.limits_said)
        fz_limits_switch(server->limits, server->options.limits);
    fz_text_done(&server->asked);
}

struct fz_control_parts fz_life_parts(struct fz_server *server)
{
    const struct fz_server_options *options = &server->options;
    return (struct fz_control_parts){.world = server->world,
                                     .store = server->store,
                                     .secrets = &server->secrets,
                                     .directory = server->directory,
                                     .scheduler = server->scheduler,
                                     .courier = server->courier,
                                     .http = server->http,
                                     .limits = server->limits,
                                     .faults = server->faults,
                                     .bill_files = server->bill_files,
                                     .request_log = server->request_log,
                                     .access_log = server->access_log,
                                     .demo_env = &server->demo_env,
                                     .data = options->data,
                                     .book = server->book_path,
                                     .data_lock = server->data_lock,
                                     .process_id = server->process_id,
                                     .process_name = server->process_name,
                                     .started_ms = server->started_ms,
                                     .callbacks_wait = options->callbacks_wait,
                                     .following = &server->following,
                                     .stores = options->stores,
                                     .place = options->place};
}

static enum fz_result start_http(struct fz_server *server, struct fz_life_sockets *sockets, char *why,
                                 size_t why_size)
{
    const struct fz_server_options *options = &server->options;
    server->faults = fz_faults_new();
    server->limits = fz_limits_new(options->limits && fz_world_has_limits(server->world_file));
    struct fz_world_fault fault = {0};
    if (server->faults == NULL || server->limits == NULL || fz_life_watch(server) != FZ_OK ||
        fz_faults_of_world(server->faults, server->world_file, &fault) != FZ_OK)
        return fz_life_short(why, why_size);
    if (server->asked.data != NULL)
        do_as_asked(server);
    const struct fz_http_setup setup = {.workshop = {.world = server->world,
                                                     .store = server->store,
                                                     .store_is_shared = fz_store_is_shared(server->book_path),
                                                     .store_readers = options->store_connections,
                                                     .secrets = &server->secrets,
                                                     .directory = server->directory,
                                                     .watch = server->watch,
                                                     .limits = server->limits,
                                                     .faults = server->faults,
                                                     .bill_files = server->bill_files,
                                                     .request_log = server->request_log,
                                                     .process_id = server->process_id,
                                                     .api_url = server->api_url,
                                                     .public_url = options->public_url},
                                        .stores = options->first == NULL ? options->stores : NULL,
                                        .others = server->others == NULL ? NULL : server->others->https,
                                        .tls = server->tls,
                                        .direct_tls = options->tls,
                                        .workers = options->workers};
    return fz_http_start(&setup, taken_over(&sockets->api), taken_over(&sockets->proxy), &server->http, why,
                         why_size);
}

static enum fz_result start_control(struct fz_server *server, int socket, char *why, size_t why_size)
{
    const struct fz_server_options *options = &server->options;
    const struct fz_control_setup setup = {
        .guard = {.url = server->control_url,
                  .token_file = options->control_token_file,
                  .token = options->control_token,
                  .hosts = &options->control_hosts,
                  .tls = server->tls},
        .parts = fz_life_parts(server)};
    return fz_control_start(&setup, socket, &server->control, why, why_size);
}

/* The bill files come first, as any thread may find another book. */
static enum fz_result start_threads(struct fz_server *server, struct fz_life_sockets *sockets, char *why,
                                    size_t why_size)
{
    const struct fz_bill_files_setup files = {.data = server->options.data,
                                              .world = server->world,
                                              .book = server->book,
                                              .overview_first = server->options.overview_first};
    server->bill_files = fz_bill_files_new(&files);
    if (server->bill_files == NULL ||
        fz_scheduler_start(server->world, server->store, server->process_id, &server->scheduler) != FZ_OK ||
        start_courier(server) != FZ_OK)
        return fz_life_short(why, why_size);
    fz_scheduler_call_back(server->scheduler, server->courier);
    fz_bill_files_sweep(server->options.data, server->book, fz_day_of(fz_book_now_ms(server->world)), true);
    enum fz_result result = start_http(server, sockets, why, why_size);
    if (result == FZ_OK)
        result = start_control(server, taken_over(&sockets->control), why, why_size);
    return result;
}

/* Names the process, so that the logs of several on one book can be told apart. */
static enum fz_result open_request_log(struct fz_server *server, char *why, size_t why_size)
{
    const struct fz_server_options *options = &server->options;
    uint32_t drawn;
    fz_random(&drawn, sizeof drawn);
    snprintf(server->process_id, sizeof server->process_id, "%08X", drawn);
    if (options->process != NULL)
        fz_copy(server->process_name, sizeof server->process_name, options->process);
    else if (gethostname(server->process_name, sizeof server->process_name - 1) != 0)
        server->process_name[0] = '\0';
    if (options->log_requests == 0 || options->log_bytes == 0)
        return FZ_OK;
    server->request_log = fz_request_log_new(options->log_requests, options->log_bytes);
    if (server->request_log == NULL ||
        fz_access_log_open(options->log_format, server->request_log, &server->access_log) != FZ_OK)
        return fz_life_short(why, why_size);
    return FZ_OK;
}

static enum fz_result load_tls(struct fz_server *server, char *why, size_t why_size)
{
    const struct fz_server_options *options = &server->options;
    if (options->first != NULL) {
        server->tls = options->first->tls;
        return FZ_OK;
    }
    if (!options->tls && options->proxy == NULL)
        return FZ_OK;
    struct fz_tls_files files = {
        .data = options->data, .certificate = options->tls_cert, .key = options->tls_key, .names = &options->tls_names};
    return fz_tls_load(&files, &server->tls, why, why_size);
}

/* The ports come first: a second server is turned away before it has touched anything. */
static enum fz_result start(struct fz_server *server, char *why, size_t why_size)
{
    FZ_CLEANUP(fz_life_close_sockets) struct fz_life_sockets sockets = {-1, -1, -1};
    struct fz_origin origin;
    enum fz_result result = fz_life_read_world(server, why, why_size);
    if (result == FZ_OK)
        result = fz_life_listen(server, &sockets, why, why_size);
    if (result == FZ_OK)
        result = fz_data_directory_claim(server->options.data, &server->data_lock, why, why_size);
    if (result == FZ_OK)
        result = fz_life_place_book(server, why, why_size);
    if (result == FZ_OK)
        result = load_tls(server, why, why_size);
    if (result == FZ_OK)
        result = open_request_log(server, why, why_size);
    if (result == FZ_OK)
        result = fz_life_open_book(server, &origin, why, why_size);
    if (result == FZ_OK && server->others != NULL)
        result = fz_others_start(server, why, why_size);
    if (result != FZ_OK)
        return result;
    const char *authority = server->tls == NULL ? NULL : fz_tls_authority_path(server->tls);
    server->demo_env = (struct fz_demo_env){.store = server->store,
                                            .secrets = &server->secrets,
                                            .data = server->options.data,
                                            .api_url = server->api_url,
                                            .control_url = server->control_url,
                                            .proxy_url = server->proxy_url,
                                            .authority = authority};
    fz_life_write_copies(server, &origin);
    result = start_threads(server, &sockets, why, why_size);
    fz_world_file_free(server->world_file); /* its keys need not lie about: a reset reads it from the book */
    server->world_file = NULL;
    return result;
}

enum fz_result fz_server_start(const struct fz_server_options *options, struct fz_server **out, char *why,
                               size_t why_size)
{
    struct fz_server *server = calloc(1, sizeof *server);
    if (server == NULL)
        return fz_life_short(why, why_size);
    server->options = *options;
    server->started_ms = fz_wire_now_ms();
    server->data_lock = -1;
    pthread_mutex_init(&server->following, NULL);
    server->asked.max = FZ_SNAPSHOT_ASKED_MAX;
    sigset_t before;
    fz_signals_hold(&before); /* its threads come from here */
    enum fz_result result = start(server, why, why_size);
    fz_signals_give_back(&before);
    if (result == FZ_OK)
        *out = server;
    else
        fz_server_stop(server);
    return result;
}

/* ---- the end ---- */

static void wait_for(struct fz_server *server, const char *what)
{
    if (server->options.stop_stage != NULL)
        atomic_store(server->options.stop_stage, what);
}

static void end_threads(struct fz_server *server)
{
    if (server->store != NULL)
        fz_store_wait_no_more(server->store);
    fz_others_wait_no_more(server);
    wait_for(server, "callbacks that are being sent");
    if (server->courier != NULL)
        fz_courier_stop(server->courier); /* first, so that a jump that waits for callbacks goes on */
    wait_for(server, "events of the book that are being run");
    if (server->scheduler != NULL)
        fz_scheduler_stop(server->scheduler); /* then, so that control calls that wait for a jump come to their end */
    wait_for(server, "calls of the control interface that are being made");
    if (server->control != NULL)
        fz_control_stop(server->control); /* it looks into all that follows */
    wait_for(server, "requests that are being worked on");
    fz_http_stop(server->http);
    fz_others_stop(server);
    fz_watch_stop(server->watch); /* requests wait for it */
}

/* Also of a server that was started in part. */
void fz_server_stop(struct fz_server *server)
{
    end_threads(server);
    fz_limits_free(server->limits);
    fz_faults_free(server->faults);
    fz_bill_files_free(server->bill_files);
    wait_for(server, "the book to be closed");
    fz_scheduler_free(server->scheduler);
    fz_access_log_stop(server->access_log);
    fz_request_log_free(server->request_log);
    fz_courier_free(server->courier);
    if (server->directory != NULL)
        fz_directory_holder_free(server->directory);
    if (server->store != NULL)
        fz_store_close(server->store);
    fz_world_free(server->world);
    if (server->options.first == NULL)
        fz_tls_free(server->tls);
    if (server->data_lock >= 0)
        close(server->data_lock);
    fz_world_file_free(server->world_file);
    OPENSSL_cleanse(&server->secrets, sizeof server->secrets);
    fz_text_done(&server->asked);
    pthread_mutex_destroy(&server->following);
    free(server);
}
