/* The server's life: what is started in which order, and ended. */
#include "server/server.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/server/log.h"
#include "base/text.h"
#include "server/birth/creation.h"
#include "server/birth/env.h"
#include "server/birth/fork.h"
#include "server/control/calls/replaced.h"
#include "server/control/calls/world_faults.h"
#include "server/control/control.h"
#include "server/courier/courier.h"
#include "server/data/data_directory.h"
#include "server/fault/faults.h"
#include "server/files/bill_file.h"
#include "server/http/http.h"
#include "server/keys/identity.h"
#include "server/keys/watch.h"
#include "server/log/request_log.h"
#include "server/net/listen.h"
#include "server/net/tls.h"
#include "server/others.h"
#include "server/schedule/scheduler.h"
#include "server/signals.h"
#include "server/snapshot/asked.h"
#include "server/snapshot/shelf.h"
#include "server/work/limits.h"

static enum fz_result out_of_memory(char *why, size_t why_size)
{
    snprintf(why, why_size,
             "The server cannot start: memory, threads or file descriptors are short. Raise the limit, then "
             "start again.");
    return FZ_FAILED;
}

/* ---- the book ---- */

/* A secret is made for a new book only: keys that are sealed in one that exists open with their own. */
static enum fz_result load_secrets(struct fz_server *server, const char *book, char *why, size_t why_size)
{
    const char *file = server->options.secret_file;
    char *path = server->secret_path;
    if (file != NULL)
        fz_copy(path, sizeof server->secret_path, file);
    else if (fz_path_join(path, server->options.data, "secret.key") != FZ_OK)
        return out_of_memory(why, why_size);
    if (fz_store_is_shared(book)) /* who may not make one finds that the book's keys do not open with it */
        return fz_secrets_load(path, true, &server->secrets, why, why_size);
    /* Where a secret was made for a book that should lie beside it, there was a book. */
    bool used = file == NULL && server->options.store_url == NULL && access(path, F_OK) == 0;
    bool fresh = access(book, F_OK) != 0;
    enum fz_result result = fz_store_expect(book, used, why, why_size);
    if (result != FZ_OK)
        return result;
    return fz_secrets_load(path, fresh, &server->secrets, why, why_size);
}

static void tell(const char *sentence)
{
    fz_log_error("%s", sentence);
}

static void note(const char *sentence)
{
    fz_log_info("%s", sentence);
}

/* Another process has put another book into the place of the one that this one knew: what is drawn here is that one's, from the first row on, and so
 * are bills. */
static enum fz_result turn_to_the_book(struct fz_tx *tx, void *argument)
{
    const struct fz_server *server = argument;
    struct fz_origin origin;
    enum fz_result result = fz_origin_load(tx, &origin);
    if (result != FZ_OK)
        return result;
    fz_origin_draw(&origin, &server->secrets, server->world);
    if (server->bill_files != NULL)
        fz_bill_files_turn_to(server->bill_files, origin.name);
    return FZ_OK;
}

static enum fz_result open_store(struct fz_server *server, char *why, size_t why_size)
{
    const struct fz_server_options *options = &server->options;
    enum fz_result result = load_secrets(server, server->book_path, why, why_size);
    if (result != FZ_OK)
        return result;
    server->world = fz_world_new(options->seeded, options->seed, server->secrets.draws);
    if (server->world == NULL)
        return out_of_memory(why, why_size);
    struct fz_store_options store = {.path = server->book_path,
                                     .world = server->world,
                                     .writers = options->store_connections,
                                     .one_by_one = options->store_unpipelined,
                                     .unprepared = options->store_unprepared,
                                     .tell = tell,
                                     .note = note,
                                     .another = turn_to_the_book,
                                     .another_argument = server};
    return fz_store_open(&store, &server->store, why, why_size);
}

/* Where it lies; a fork is made before anything else is asked of the directory. */
static enum fz_result place_book(struct fz_server *server, char *why, size_t why_size)
{
    const struct fz_server_options *options = &server->options;
    const struct fz_fork fork = {.from = options->from,
                                 .data = options->data,
                                 .book = server->book_path,
                                 .secret_file = options->secret_file,
                                 .asked = &server->asked};
    enum fz_result result = fz_book_path(options->data, options->store_url, server->book_path, why, why_size);
    fz_snapshots_sweep(options->data);
    return result == FZ_OK && options->from != NULL ? fz_fork_make(&fork, why, why_size) : result;
}

static enum fz_result read_once(struct fz_server *server, fz_work work, void *argument)
{
    struct fz_reader *reader = NULL;
    enum fz_result result = fz_reader_open(server->store, &reader);
    if (result == FZ_OK)
        result = fz_store_read(reader, work, argument, NULL);
    fz_reader_close(reader);
    return result;
}

static enum fz_result load_origin(struct fz_tx *tx, void *origin)
{
    return fz_origin_load(tx, origin);
}

/* A book that was made with a seed goes on with it; another seed would make it another book. */
static enum fz_result check_seed(struct fz_server *server, const struct fz_origin *origin, char *why,
                                 size_t why_size)
{
    const struct fz_server_options *options = &server->options;
    if (!options->seeded || (origin->seeded && origin->seed == options->seed)) {
        fz_origin_draw(origin, &server->secrets, server->world);
        return FZ_OK;
    }
    if (origin->seeded)
        snprintf(why, why_size,
                 "The book in %s was made with --seed %llu, and a book keeps its seed. Leave --seed away, or "
                 "name another data directory.",
                 options->data, (unsigned long long)origin->seed);
    else
        snprintf(why, why_size,
                 "The book in %s was made without --seed, and a book stays as it was made. Leave --seed "
                 "away, or name another data directory.",
                 options->data);
    return FZ_FAILED;
}

/* A world file that cannot be told keeps the server from starting, before anything is made. */
static enum fz_result read_world(struct fz_server *server, char *why, size_t why_size)
{
    struct fz_world_fault fault = {0};
    const char *path = server->options.world_file;
    if (path == NULL && server->options.demo) {
        server->world_file = fz_world_file_demo();
        return server->world_file == NULL ? out_of_memory(why, why_size) : FZ_OK;
    }
    if (path == NULL)
        return FZ_OK;
    enum fz_result result = fz_world_file_read(path, &server->world_file, &fault);
    if (result == FZ_OK)
        result = fz_world_faults_check(server->world_file, &fault);
    if (result == FZ_OK)
        return FZ_OK;
    fz_world_fault_write(&fault, path, why, why_size);
    return FZ_FAILED;
}

static enum fz_result load_world(struct fz_tx *tx, void *argument)
{
    struct fz_server *server = argument;
    struct fz_origin origin;
    struct fz_world_file *file = NULL;
    enum fz_result result = fz_origin_load(tx, &origin);
    if (result == FZ_OK)
        result = fz_book_file(tx, &server->secrets, &origin, &file);
    fz_world_file_free(server->world_file);
    server->world_file = file;
    return result;
}

/* Keys that one process seals, all have to open; and links to bills hold wherever they are shown. */
static enum fz_result check_secret(struct fz_server *server, const struct fz_origin *origin, char *why, size_t why_size)
{
    const struct fz_server_options *options = &server->options;
    if (origin->secret_check[0] == '\0' || strcmp(origin->secret_check, server->secrets.check) == 0)
        return FZ_OK;
    if (fz_store_is_shared(server->book_path))
        snprintf(why, why_size,
                 "The keys in the book do not open with the secret in %s%s: the book was made with another one, and all of its processes need "
                 "that. Copy the secret file of a process that serves it, and name it with --secret-file.",
                 options->secret_file == NULL ? options->data : options->secret_file,
                 options->secret_file == NULL ? "/secret.key" : "");
    else
        snprintf(why, why_size,
                 "The keys in the book do not open with this secret. Put back the secret.key that the book was made with, or name it "
                 "with --secret-file.");
    return FZ_FAILED;
}

/* Whatever file is named now: a book stays what it began as. */
static enum fz_result open_old_book(struct fz_server *server, const struct fz_origin *origin, char *why, size_t why_size)
{
    enum fz_result result = check_secret(server, origin, why, why_size);
    if (result == FZ_OK)
        result = check_seed(server, origin, why, why_size);
    if (result != FZ_OK)
        return result;
    if (server->options.world_file != NULL)
        fz_log_info("the book in %s is there already and was opened as it is: %s is for a new one. To tell it, name another data "
                    "directory",
                    server->options.data, server->options.world_file);
    if (read_once(server, load_world, server) == FZ_OK)
        return FZ_OK;
    snprintf(why, why_size,
             "The world that the book in %s began as cannot be read with this secret. Put back the secret.key that the book was made "
             "with, or name it with --secret-file.",
             server->options.data);
    return FZ_FAILED;
}

static enum fz_result make_book(struct fz_server *server, struct fz_origin *origin, char *why, size_t why_size)
{
    const struct fz_book_place place = {
        .world = server->world, .store = server->store, .secrets = &server->secrets};
    *origin = (struct fz_origin){
        .seeded = server->options.seeded, .seed = server->options.seed, .demo = server->options.demo};
    struct fz_world_fault fault = {0};
    enum fz_result result = fz_book_create(&place, server->world_file, origin, &fault);
    if (result == FZ_OK)
        fz_store_checkpoint(server->store); /* the book's file alone is the whole book from the beginning */
    else if (result != FZ_CONFLICT)
        fz_world_fault_write(&fault, server->options.world_file, why, why_size);
    return result;
}

/* Finds how the book was made, or makes it; of several processes that begin at the same time one does, and the others find it made. */
static enum fz_result open_book(struct fz_server *server, struct fz_origin *origin, char *why,
                                size_t why_size)
{
    enum fz_result result = read_once(server, load_origin, origin);
    if (result == FZ_ABSENT) {
        result = make_book(server, origin, why, why_size);
        if (result != FZ_CONFLICT)
            return result;
        result = read_once(server, load_origin, origin);
    }
    if (result == FZ_OK)
        return open_old_book(server, origin, why, why_size);
    snprintf(why, why_size,
             "The book in %s cannot be read. Look at the disk and at the system's log; nothing was changed.",
             server->options.data);
    return FZ_FAILED;
}

static enum fz_result export_all(struct fz_tx *tx, void *argument)
{
    const struct fz_server *server = argument;
    return fz_all_export(tx, &server->secrets, server->options.data, server->options.from == NULL); /* forks come by the hundred */
}

static enum fz_result load_keys(struct fz_server *server, char *why, size_t why_size)
{
    server->directory = fz_directory_holder_new(server->store, &server->secrets);
    if (server->directory == NULL)
        return out_of_memory(why, why_size);
    if (fz_directory_reload(server->directory) == FZ_OK)
        return FZ_OK;
    struct fz_store_health health;
    fz_store_health(server->store, &health);
    if (health.damaged) {
        snprintf(why, why_size,
                 "The book %s/book.db is damaged: what was read of it cannot be. Nothing was changed. Put back a copy, or look "
                 "at the disk.",
                 server->options.data);
        return FZ_FAILED;
    }
    snprintf(why, why_size,
             "The keys in the book do not open with this secret. Put back the secret.key that the book "
             "was made with, or name it with "
             "--secret-file.");
    return FZ_FAILED;
}

/* What stands in the data directory for its user: copies of what the book has. The server works without them, so a disk
 * that has no room for new ones is no reason not to start. */
static void write_copies(struct fz_server *server, const struct fz_origin *origin)
{
    char why[600];
    if (read_once(server, export_all, server) != FZ_OK)
        fz_log_warning("The copies of certificates and keys in %s/platform and %s/merchants could not be written, so those "
                       "there may be old or missing. Make room there, or let this user write it; they are written at "
                       "the next start.",
                       server->options.data, server->options.data);
    if (server->world_file != NULL &&
        fz_demo_write_env(&server->demo_env, server->world_file, origin->created_ms, why, sizeof why) != FZ_OK)
        fz_log_warning("%s The server goes on without: addresses in a demo.env that is there may be old.", why);
}

/* ---- start and stop ---- */

struct sockets {
    int api, control, proxy;
};

static void close_sockets(struct sockets *sockets)
{
    if (sockets->api >= 0)
        close(sockets->api);
    if (sockets->control >= 0)
        close(sockets->control);
    if (sockets->proxy >= 0)
        close(sockets->proxy);
}

static int taken_over(int *socket)
{
    int given = *socket;
    *socket = -1;
    return given;
}

/* What messages call the place at which it listens. */
static const char *place(const struct fz_server *server, const char *address, int handed_over)
{
    return handed_over == 0 || server->options.first != NULL ? address : "the socket that was handed over";
}

/* On `address`, or with the socket that listens in its place. */
static enum fz_result listen_or_take(const char *option, const char *address, int handed_over, int *socket, char host[FZ_HOST_SIZE],
                                     char *why, size_t why_size)
{
    if (handed_over == 0)
        return fz_listen(option, address, socket, host, why, why_size);
    *socket = handed_over;
    return fz_listen_handed_over(option, handed_over, host, why, why_size);
}

static enum fz_result listen_for_api(struct fz_server *server, int *socket, char *why, size_t why_size)
{
    char host[FZ_HOST_SIZE];
    const struct fz_server_options *options = &server->options;
    enum fz_result result =
        listen_or_take("--listen", options->listen, options->handed_over.api, socket, host, why, why_size);
    if (result == FZ_OK)
        snprintf(server->api_url, sizeof server->api_url, "%s://%s", server->options.tls ? "https" : "http",
                 host);
    return result;
}

static enum fz_result listen_for_control(struct fz_server *server, int *socket, char *why, size_t why_size)
{
    char host[FZ_HOST_SIZE];
    const struct fz_server_options *options = &server->options;
    enum fz_result result =
        listen_or_take("--control", options->control, options->handed_over.control, socket, host, why, why_size);
    if (result != FZ_OK)
        return result;
    snprintf(server->control_url, sizeof server->control_url, "%s://%s",
             fz_is_loopback(*socket) ? "http" : "https", host);
    const struct fz_control_access access = {
        .address = place(server, options->control, options->handed_over.control),
        .tls = options->tls,
        .token_file = options->control_token_file,
        .token = options->control_token};
    return fz_control_check_access(&access, *socket, why, why_size);
}

static enum fz_result listen_for_proxy(struct fz_server *server, int *socket, char *why, size_t why_size)
{
    char host[FZ_HOST_SIZE];
    const struct fz_server_options *options = &server->options;
    if (options->proxy == NULL)
        return FZ_OK;
    enum fz_result result =
        listen_or_take("--proxy", options->proxy, options->handed_over.proxy, socket, host, why, why_size);
    if (result != FZ_OK)
        return result;
    snprintf(server->proxy_url, sizeof server->proxy_url, "http://%s", host);
    if (options->proxy_remote || fz_is_loopback(*socket))
        return FZ_OK;
    snprintf(
        why, why_size,
        "The proxy cannot listen on %s: other machines could reach it. Name a loopback address, like --proxy "
        "127.0.0.1:3128, or add --proxy-remote if that is what you want.",
        place(server, options->proxy, options->handed_over.proxy));
    return FZ_FAILED;
}

/* Of a further store: its requests come in at the first one's address. */
static enum fz_result listen_behind(struct fz_server *server, struct sockets *sockets, char *why, size_t why_size)
{
    fz_copy(server->api_url, sizeof server->api_url, server->options.first->api_url);
    memcpy(server->ports, server->options.first->ports, sizeof server->ports);
    return listen_for_control(server, &sockets->control, why, why_size);
}

static enum fz_result listen_all(struct fz_server *server, struct sockets *sockets, char *why,
                                 size_t why_size)
{
    enum fz_result result = listen_for_api(server, &sockets->api, why, why_size);
    if (result == FZ_OK)
        result = listen_for_control(server, &sockets->control, why, why_size);
    if (result == FZ_OK)
        result = listen_for_proxy(server, &sockets->proxy, why, why_size);
    server->ports[0] = fz_port_of(sockets->api);
    server->ports[1] = fz_port_of(sockets->control);
    server->ports[2] = fz_port_of(sockets->proxy);
    return result == FZ_OK && server->options.stores != NULL ? fz_others_listen(server, why, why_size) : result;
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

/* What control calls may use of the server, and who follows another process's. */
static struct fz_control_parts parts_of(struct fz_server *server)
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
                                     .stores = options->stores,
                                     .place = options->place};
}

static enum fz_result export_platform(struct fz_tx *tx, void *data)
{
    return fz_platform_export(tx, data);
}

/* Answers are signed with a certificate that another process has made: who looks for it here finds it. */
static void take_changes(void *argument, struct fz_reader *reader)
{
    const struct fz_server *server = argument;
    if (fz_store_read(reader, export_platform, (void *)(uintptr_t)server->options.data, NULL) != FZ_OK)
        fz_log_warning("The copies of certificates in %s/platform could not be written. Make room there; they are written at the next start.",
                       server->options.data);
}

static void take_replacement(void *argument, struct fz_reader *reader, const char *book)
{
    struct fz_server *server = argument;
    const struct fz_control_parts parts = parts_of(server);
    if (!fz_bill_files_are_of(server->bill_files, book)) /* this process has put it there itself */
        fz_control_follow_replacement(&parts, reader);
}

/* Before anybody asks whether the book has news. */
static enum fz_result start_watch(struct fz_server *server)
{
    const struct fz_watch_setup setup = {
        .store = server->store, .directory = server->directory, .changed = take_changes, .replaced = take_replacement, .argument = server};
    return fz_store_has_others(server->store) ? fz_watch_start(&setup, &server->watch) : FZ_OK;
}

static enum fz_result start_http(struct fz_server *server, struct sockets *sockets, char *why,
                                 size_t why_size)
{
    const struct fz_server_options *options = &server->options;
    server->faults = fz_faults_new();
    server->limits = fz_limits_new(options->limits && fz_world_has_limits(server->world_file));
    struct fz_world_fault fault = {0};
    if (server->faults == NULL || server->limits == NULL || start_watch(server) != FZ_OK ||
        fz_faults_of_world(server->faults, server->world_file, &fault) != FZ_OK)
        return out_of_memory(why, why_size);
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
        .parts = parts_of(server)};
    return fz_control_start(&setup, socket, &server->control, why, why_size);
}

/* The bill files come first, as any thread may find another book. */
static enum fz_result start_threads(struct fz_server *server, struct sockets *sockets, char *why,
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
        return out_of_memory(why, why_size);
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
        return out_of_memory(why, why_size);
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
    FZ_CLEANUP(close_sockets) struct sockets sockets = {-1, -1, -1};
    struct fz_origin origin;
    enum fz_result result = read_world(server, why, why_size);
    if (result == FZ_OK)
        result = server->options.first != NULL ? listen_behind(server, &sockets, why, why_size) : listen_all(server, &sockets, why, why_size);
    if (result == FZ_OK)
        result = fz_data_directory_claim(server->options.data, &server->data_lock, why, why_size);
    if (result == FZ_OK)
        result = place_book(server, why, why_size);
    if (result == FZ_OK)
        result = load_tls(server, why, why_size);
    if (result == FZ_OK)
        result = open_request_log(server, why, why_size);
    if (result == FZ_OK)
        result = open_store(server, why, why_size);
    if (result == FZ_OK)
        result = open_book(server, &origin, why, why_size);
    if (result == FZ_OK)
        result = load_keys(server, why, why_size);
    if (result != FZ_OK)
        return result;
    fz_copy(server->book, sizeof server->book, origin.name);
    if (server->others != NULL)
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
    write_copies(server, &origin);
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
        return out_of_memory(why, why_size);
    server->options = *options;
    server->started_ms = fz_wire_now_ms();
    server->data_lock = -1;
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

static void wait_for(struct fz_server *server, const char *what)
{
    if (server->options.stop_stage != NULL)
        atomic_store(server->options.stop_stage, what);
}

/* Also of a server that was started in part. */
void fz_server_stop(struct fz_server *server)
{
    if (server->store != NULL)
        fz_store_wait_no_more(server->store);
    fz_others_wait_no_more(server);
    wait_for(server, "callbacks that are being sent");
    if (server->courier != NULL)
        fz_courier_stop(server->courier); /* first, so that a jump that waits for callbacks goes on */
    wait_for(server, "events of the book that are being run");
    if (server->scheduler != NULL)
        fz_scheduler_stop(
            server->scheduler); /* then, so that control calls that wait for a jump come to their end */
    wait_for(server, "calls of the control interface that are being made");
    if (server->control != NULL)
        fz_control_stop(server->control); /* it looks into all that follows */
    wait_for(server, "requests that are being worked on");
    fz_http_stop(server->http);
    fz_others_stop(server);
    fz_watch_stop(server->watch); /* requests wait for it */
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
    free(server);
}
