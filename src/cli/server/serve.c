/* fenzhang serve: runs the server until SIGTERM or SIGINT. */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/server/log.h"
#include "base/shell_word.h"
#include "cli/local/token.h"
#include "cli/profile/authorities.h"
#include "cli/server/commands.h"
#include "cli/server/data_path.h"
#include "cli/server/lifeline.h"
#include "cli/server/ready_file.h"
#include "cli/server/serve_options.h"
#include "cli/server/systemd.h"
#include "server/data/data_directory.h"
#include "server/net/tls.h"
#include "server/others.h"
#include "server/server.h"

#define STOP_PATIENCE_S  30 /* then it is said what a stop waits for */

/* ---- what is told when it is ready ---- */

static bool is_empty(const struct fz_server *server)
{
    struct fz_directory *directory = fz_directory_present(server->directory);
    bool empty = fz_directory_key_count(directory) == 0;
    fz_directory_unref(directory);
    return empty;
}

/* A book without merchants has nobody who can call it, and --demo changes nothing in a book that exists. */
static void tell_empty(const struct fz_server *server)
{
    fz_log_info("the book is empty%s: make a merchant with POST %s/merchants {\"mchid\":\"1900000001\",\"kind\":\"direct\"}, or "
                "serve the demo book from another directory: fenzhang serve --demo --data DIR",
                server->options.demo ? ", because it was made without --demo" : "", server->control_url);
}

/* A signed request, made with nothing but a shell, openssl and curl. */
static void print_signed_request(const char *environment, bool own_ca)
{
    FZ_CLEANUP(fz_text_done) struct fz_text word = {.max = 5 * FZ_PATH_SIZE};
    fz_shell_word_add(&word, environment);
    if (word.failed)
        return;
    printf(". %s; p=/v3/global/profit-sharing/refunds/refundable-balance t=$(date +%%s) n=$(openssl "
           "rand -hex 16); "
           "s=$(printf 'GET\\n%%s\\n%%s\\n%%s\\n\\n' $p $t $n | openssl dgst -sha256 -sign "
           "\"$PRIVATE_KEY_PEM\" | base64 -w0); "
           "curl -s%s \"$BASE_URL$p\" -H 'Accept: application/json' -H \"Authorization: "
           "WECHATPAY2-SHA256-RSA2048 "
           "mchid=\\\"$MCHID\\\",nonce_str=\\\"$n\\\",timestamp=\\\"$t\\\",serial_no=\\\"$SERIAL_NO\\\","
           "signature=\\\"$s\\\"\"; echo\n",
           word.data, own_ca ? " --cacert \"$CA_CERT_PEM\"" : "");
}

/* A command that can be pasted at once. */
static void print_example(const struct fz_server *server, bool empty)
{
    char environment[FZ_PATH_SIZE];
    bool token = server->options.control_token_file != NULL || server->options.control_token != NULL;
    bool demo = fz_path_join(environment, server->options.data, "demo.env") == FZ_OK &&
                access(environment, R_OK) == 0;
    if (demo)
        print_signed_request(environment, server->options.tls && fz_tls_authority_path(server->tls) != NULL);
    else if (!token && empty)
        printf("curl -s %s/merchants -H 'Content-Type: application/json' -d '{\"mchid\":\"1900000001\",\"kind\":\"direct\"}'; "
               "echo\n",
               server->control_url);
    else if (!token)
        printf("curl -s %s/clock; echo\n", server->control_url);
}

/* Each has a control interface, and a directory with its copies of keys. */
static void tell_others(const struct fz_server *server)
{
    for (size_t i = 0; server->others != NULL && i < server->options.stores->count; i++) {
        const struct fz_server *other = server->others->servers[i];
        fz_ready_file_write_own(other);
        fz_log_info("store %s: control=%s data=%s", server->options.stores->list[i].name, other->control_url, other->options.data);
    }
}

static void tell_ready(const struct fz_server *server)
{
    bool proxy = server->proxy_url[0] != '\0', empty = is_empty(server);
    printf("ready api=%s control=%s data=%s%s%s\n", server->api_url, server->control_url,
           server->options.data, proxy ? " proxy=" : "", server->proxy_url);
    if (isatty(STDOUT_FILENO))
        print_example(server, empty);
    fflush(stdout);
    if (empty)
        tell_empty(server);
}

/* ---- signals ---- */

static bool is_ignored(int signal_number)
{
    struct sigaction set;
    return sigaction(signal_number, NULL, &set) == 0 && set.sa_handler == SIG_IGN;
}

/* The signals that end the server wait for sigwait, in this thread and those that come from it. A SIGHUP that is
 * ignored from the start (nohup) stays so. */
static void hold_signals(sigset_t *out)
{
    sigemptyset(out);
    sigaddset(out, SIGTERM);
    sigaddset(out, SIGINT);
    if (!is_ignored(SIGHUP))
        sigaddset(out, SIGHUP);
    pthread_sigmask(SIG_BLOCK, out, NULL);
}

/* By itself malloc gives the end of a thread's heap back and takes it again, 0.4 system calls and a few page
 * faults a request. What a burst needed is kept instead, up to 4 MiB a thread; what is larger than 1 MiB comes
 * from the system and goes back to it. */
static void keep_heaps(void)
{
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

/* What the end of a server has to do with. */
struct ending {
    fz_stop_stage stage;
    const char *data, *ready_file; /* ready_file NULL: none */
    int asked;                     /* how often somebody wished for it: the end of a lifeline is no wish */
    const struct fz_stores *stores; /* further ones; NULL: none */
};

static void remove_ready_files(const struct ending *ending)
{
    fz_ready_file_remove_own(ending->data);
    for (size_t i = 0; ending->stores != NULL && i < ending->stores->count; i++) {
        char data[FZ_PATH_SIZE];
        if (fz_others_data(data, ending->data, ending->stores->list[i].name) == FZ_OK)
            fz_ready_file_remove_own(data);
    }
    if (ending->ready_file != NULL)
        fz_ready_file_remove(ending->ready_file);
}

/* Waits for one of `ends`, at most for `patience` (NULL: for ever). false: none came. */
static bool await_signal(struct ending *ending, const sigset_t *ends, const struct timespec *patience)
{
    siginfo_t came;
    if ((patience == NULL ? sigwaitinfo(ends, &came) : sigtimedwait(ends, &came, patience)) < 0)
        return false;
    ending->asked += came.si_pid != getpid();
    return true;
}

static void tell_stop_waits(const char *stage)
{
    fz_log_warning("the stop is still not over, because it waits for %s. Look at the disk, then wait, or send the signal again to "
                   "end at once; what was acknowledged stays",
                   stage);
    fz_systemd_tell_stop_waits(stage);
}

/* A disk that hangs must not make the server one that cannot be ended. Both may come at any moment of a stop: nothing
 * acknowledged is lost by it, as little as by kill -9. */
static void *watch_stop(void *argument)
{
    static const struct timespec patience = {.tv_sec = STOP_PATIENCE_S};
    struct ending *ending = argument;
    sigset_t ends;
    hold_signals(&ends);
    while (ending->asked < 2)
        if (!await_signal(ending, &ends, &patience) && errno == EAGAIN)
            tell_stop_waits(atomic_load(&ending->stage));
    fz_log_error("ended by a second signal, while it waited for %s. What was acknowledged is in the book; start the "
                 "server again as ever",
                 atomic_load(&ending->stage));
    remove_ready_files(ending);
    _exit(FZ_EXIT_TROUBLE);
}

static void stop(struct fz_server *server, struct ending *ending)
{
    pthread_t watch;
    fz_systemd_tell_stopping();
    if (pthread_create(&watch, NULL, watch_stop, ending) == 0)
        pthread_detach(watch);
    fz_server_stop(server);
    remove_ready_files(ending);
}

/* What is done before the server is there. */
static enum fz_result prepare(struct fz_serve_options *with, char *why, size_t why_size)
{
    if (with->ready_file != NULL && fz_ready_file_prepare(with->ready_file, why, why_size) != FZ_OK)
        return FZ_FAILED;
    if (with->lifeline && fz_lifeline_hold() != FZ_OK) {
        snprintf(why, why_size, "There is no thread to hold the lifeline. Raise the limit of processes.");
        return FZ_FAILED;
    }
    if (with->store_map != NULL && fz_store_map_read(with->store_map, &with->stores, why, why_size) != FZ_OK)
        return FZ_FAILED;
    return fz_systemd_take_sockets(&with->server, why, why_size);
}

static void tell_refused(const char *why)
{
    if (fz_log_is_journal())
        fz_log_error("%s", why);
    else
        fprintf(stderr, "fenzhang: %s\n", why);
}

static int run(struct fz_serve_options *with)
{
    static struct ending ending = {.stage = "the end"};
    sigset_t ends;
    char why[FZ_PATH_SIZE + 1200] = "";
    struct fz_server *server = NULL;
    keep_heaps();
    with->server.stores = ending.stores = with->store_map == NULL ? NULL : &with->stores;
    fz_server_own_process(&with->server);
    hold_signals(&ends);
    ending.data = with->server.data;
    ending.ready_file = with->ready_file;
    with->server.stop_stage = &ending.stage;
    fz_systemd_tell_starting();
    enum fz_result result = prepare(with, why, sizeof why);
    if (result == FZ_OK)
        result = fz_server_start(&with->server, &server, why, sizeof why);
    if (result == FZ_OK && with->ready_file != NULL)
        result = fz_ready_file_write(with->ready_file, server, why, sizeof why);
    if (result == FZ_OK) {
        fz_ready_file_write_own(server);
        tell_others(server);
        tell_ready(server);
        fz_systemd_tell_ready(server);
        while (!await_signal(&ending, &ends, NULL))
            ;
    } else {
        tell_refused(why);
        fz_systemd_tell_failed(why);
    }
    if (server != NULL)
        stop(server, &ending);
    return result == FZ_OK ? FZ_EXIT_DONE : FZ_EXIT_TROUBLE;
}

static int run_serve(int argc, char **argv)
{
    struct fz_serve_options with;
    if (fz_log_goes_to_journal())
        fz_log_as_journal();
    fz_serve_options(argc, argv, &with);
    if (with.server.log_format == FZ_LOG_JOURNAL)
        fz_log_as_journal();
    int status = FZ_EXIT_TROUBLE;
    char data[FZ_PATH_SIZE];
    bool is_found = fz_data_path(with.server.data, data);
    with.server.data = data;
    if (with.server.callback_ca == NULL)
        with.server.callback_ca = fz_machine_authorities();
    with.server.control_token = fz_token();
    if (is_found)
        status = with.print_config ? fz_serve_print_config(&with) : run(&with);
    free(with.given);
    fz_store_map_done(&with.stores);
    return status;
}

/* Nobody may be there any more to read what a server said when it was ready: it ended well all the same. */
const struct fz_command fz_serve_command = {
    .name = "serve",
    .summary = "runs the server",
    .heading = "A server of your own",
    .argp = &fz_serve_argp,
    .run = run_serve,
    .may_lose_output = true,
};
