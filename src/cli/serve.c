/* fenzhang serve: runs the server until SIGTERM or SIGINT. */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/serve_options.h"
#include "server/data_directory.h"
#include "server/server.h"
#include "server/tls.h"

#define STOP_PATIENCE_S  30 /* then it is said what a stop waits for */

/* A command that can be pasted at once: in a demo book a signed request, made with nothing but a shell,
 * openssl and curl. */
static void print_example(const struct fz_server *server)
{
    char environment[FZ_PATH_SIZE];
    bool demo = fz_path_join(environment, server->options.data, "demo.env") == FZ_OK &&
                access(environment, R_OK) == 0;
    bool ours = server->options.tls && fz_tls_authority_path(server->tls) != NULL;
    if (!demo && server->options.control_token_file == NULL)
        printf("curl -s %s/clock; echo\n", server->control_url);
    else if (demo)
        printf(". '%s'; p=/v3/global/profit-sharing/refunds/refundable-balance t=$(date +%%s) n=$(openssl "
               "rand -hex 16); "
               "s=$(printf 'GET\\n%%s\\n%%s\\n%%s\\n\\n' $p $t $n | openssl dgst -sha256 -sign "
               "\"$PRIVATE_KEY_PEM\" | base64 -w0); "
               "curl -s%s \"$BASE_URL$p\" -H 'Accept: application/json' -H \"Authorization: "
               "WECHATPAY2-SHA256-RSA2048 "
               "mchid=\\\"$MCHID\\\",nonce_str=\\\"$n\\\",timestamp=\\\"$t\\\",serial_no=\\\"$SERIAL_NO\\\","
               "signature=\\\"$s\\\"\"; echo\n",
               environment, ours ? " --cacert \"$CA_CERT_PEM\"" : "");
}

static void tell_ready(const struct fz_server *server)
{
    bool proxy = server->proxy_url[0] != '\0';
    printf("ready api=%s control=%s data=%s%s%s\n", server->api_url, server->control_url,
           server->options.data, proxy ? " proxy=" : "", server->proxy_url);
    if (isatty(STDOUT_FILENO))
        print_example(server);
    fflush(stdout);
}

/* The signals that end the server wait for sigwait, in this thread and those that come from it. */
static void hold_signals(sigset_t *out)
{
    sigemptyset(out);
    sigaddset(out, SIGTERM);
    sigaddset(out, SIGINT);
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

/* A disk that hangs must not make the server one that cannot be ended. Both may come at any moment of a stop: nothing
 * acknowledged is lost by it, as little as by kill -9. */
static void *watch_stop(void *argument)
{
    static const struct timespec patience = {.tv_sec = STOP_PATIENCE_S};
    fz_stop_stage *stage = argument;
    sigset_t ends;
    hold_signals(&ends);
    while (sigtimedwait(&ends, NULL, &patience) < 0)
        if (errno == EAGAIN)
            fprintf(stderr,
                    "fenzhang: the stop is still not over, because it waits for %s. Look at the disk, then wait, or send the "
                    "signal again to end at once; what was acknowledged stays.\n",
                    atomic_load(stage));
    fprintf(stderr,
            "fenzhang: ended by a second signal, while it waited for %s. What was acknowledged is in the book; start the "
            "server again as ever.\n",
            atomic_load(stage));
    _exit(FZ_EXIT_TROUBLE);
}

static int run(struct fz_server_options *with)
{
    static fz_stop_stage stage = "the end";
    pthread_t watch;
    sigset_t ends;
    int signal_number;
    char why[1200] = "";
    struct fz_server *server = NULL;
    keep_heaps();
    hold_signals(&ends);
    with->stop_stage = &stage;
    if (fz_server_start(with, &server, why, sizeof why) != FZ_OK) {
        fprintf(stderr, "fenzhang: %s\n", why);
        return FZ_EXIT_TROUBLE;
    }
    tell_ready(server);
    (void)sigwait(&ends, &signal_number);
    if (pthread_create(&watch, NULL, watch_stop, &stage) == 0)
        pthread_detach(watch);
    fz_server_stop(server);
    return FZ_EXIT_DONE;
}

int fz_serve(int argc, char **argv)
{
    struct fz_server_options with;
    fz_serve_options(argc, argv, &with);
    char *data = fz_data_path(with.data);
    if (data == NULL)
        return FZ_EXIT_TROUBLE;
    with.data = data;
    int status = run(&with);
    free(data);
    return status;
}
