/* fenzhang serve: runs the server until SIGTERM or SIGINT. */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "server/data_directory.h"
#include "server/server.h"
#include "server/tls.h"

#define WORKERS_MAX      64
#define LOG_REQUESTS     10000
#define LOG_BYTES        (64 << 20)
#define LOG_REQUESTS_MAX 1000000
#define LOG_BYTES_MAX    (UINT64_C(16) << 30)

#define STOP_PATIENCE_S  30 /* then it is said what a stop waits for */

enum key {
    KEY_DATA = 'd',
    KEY_LISTEN = 'l',
    KEY_CONTROL = 'c',
    KEY_WORKERS = 'w',
    KEY_STORE = 0x100,
    KEY_DEMO,
    KEY_LIMITS,
    KEY_SEED,
    KEY_PUBLIC_URL,
    KEY_SECRET_FILE,
    KEY_TOKEN_FILE,
    KEY_OVERVIEW_FIRST,
    KEY_LOG_REQUESTS,
    KEY_LOG_BYTES,
    KEY_TLS,
    KEY_TLS_CERT,
    KEY_TLS_KEY,
    KEY_PROXY,
    KEY_PROXY_REMOTE,
    KEY_CALLBACK_TO,
    KEY_CALLBACK_LADDER,
    KEY_CALLBACK_CA,
    KEY_CALLBACK_INSECURE,
    KEY_CALLBACK_PROBES
};

static const struct argp_option options[] = {
    {"data", KEY_DATA, "DIR", 0, "The data directory (${XDG_STATE_HOME:-~/.local/state}/fenzhang)", 0},
    {"listen", KEY_LISTEN, "ADDR:PORT", 0, "Where the API listens (127.0.0.1:8080); port 0 picks a free one",
     0},
    {"control", KEY_CONTROL, "ADDR:PORT", 0,
     "Where the control interface listens (127.0.0.1:8081); beyond loopback with --tls and a token alone", 0},
    {"control-token-file", KEY_TOKEN_FILE, "FILE", 0,
     "Control calls have to bear the token in this file (at least 32 characters, mode 0600)", 0},
    {"store", KEY_STORE, "URL", 0, "The book: sqlite:PATH (DIR/book.db)", 0},
    {"demo", KEY_DEMO, NULL, 0, "A new book is the demo book; one that exists is opened as it is", 0},
    {"limits", KEY_LIMITS, "real|off", 0, "The documented limits on requests hold (real), or do not (off)",
     0},
    {"log-requests", KEY_LOG_REQUESTS, "N", 0,
     "The request log keeps the latest N exchanges (10000; 0: there is no log)", 0},
    {"log-bytes", KEY_LOG_BYTES, "N", 0,
     "The request log takes at most N bytes of memory (67108864; 0: there is no log)", 0},
    {"seed", KEY_SEED, "N", 0,
     "A new book draws its values from N, and its clock begins at 2026-01-05T10:00:00+08:00, frozen", 0},
    {"workers", KEY_WORKERS, "N", 0, "HTTP workers (one a core)", 0},
    {"public-url", KEY_PUBLIC_URL, "URL", 0, "Scheme and host of bill links (those of each request)", 0},
    {"secret-file", KEY_SECRET_FILE, "FILE", 0, "What seals the keys in the book (DIR/secret.key)", 0},
    {"overview-first", KEY_OVERVIEW_FIRST, NULL, 0, "Bill files begin with their summary", 0},
    {"tls", KEY_TLS, NULL, 0, "The API speaks TLS, with a certificate of a CA that `fenzhang ca' prints", 0},
    {"tls-cert", KEY_TLS_CERT, "FILE", 0, "A certificate of one's own (PEM, its chain behind it)", 0},
    {"tls-key", KEY_TLS_KEY, "FILE", 0, "The key of --tls-cert (PEM, mode 0600)", 0},
    {"proxy", KEY_PROXY, "ADDR:PORT", 0,
     "A proxy that leads the vendor's API hosts here, for clients with hard-coded hosts; loopback only", 0},
    {"proxy-remote", KEY_PROXY_REMOTE, NULL, 0, "The proxy may listen on other addresses than loopback", 0},
    {"callback-to", KEY_CALLBACK_TO, "loopback|private|any", 0,
     "Which addresses callbacks may go to: this machine (loopback), also private networks, or any", 0},
    {"callback-ladder", KEY_CALLBACK_LADDER, "LIST", 0,
     "When a callback that failed is sent again (15s,15s,30s,3m,10m,20m,30m,30m,30m,60m,3h,3h,3h,6h,6h), or none", 0},
    {"callback-ca", KEY_CALLBACK_CA, "FILE", 0, "What the TLS certificates of callback hosts are checked against (the system's)", 0},
    {"callback-insecure", KEY_CALLBACK_INSECURE, NULL, 0, "They are not checked", 0},
    {"callback-probes", KEY_CALLBACK_PROBES, "N", 0, "Of 10000 callbacks, N have a probe with a wrong signature sent ahead (0)", 0},
    {0}};

/* Decimal digits alone: strtoull would take a minus, blanks and more. */
static bool read_number(const char *text, uint64_t max, uint64_t *out)
{
    errno = 0;
    if (text[0] == '\0' || strspn(text, "0123456789") != strlen(text))
        return false;
    unsigned long long value = strtoull(text, NULL, 10);
    if (errno != 0 || value > max)
        return false;
    *out = value;
    return true;
}

/* Bill links are made of it: scheme, host, perhaps a port; no path. */
static bool is_public_url(const char *url)
{
    size_t scheme = strncmp(url, "http://", 7) == 0 ? 7 : strncmp(url, "https://", 8) == 0 ? 8 : 0;
    const char *host = url + scheme;
    return scheme > 0 && host[0] != '\0' && strlen(url) <= 300 &&
           strspn(host, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-_:[]") ==
               strlen(host);
}

static void take_number(struct argp_state *state, struct fz_server_options *into, int key, const char *text)
{
    uint64_t number = 0;
    if (key == KEY_SEED) {
        if (!read_number(text, UINT64_MAX, &number))
            argp_error(state, "--seed %s is no number from 0 to %" PRIu64, text, UINT64_MAX);
        into->seeded = true;
        into->seed = number;
    } else {
        if (!read_number(text, WORKERS_MAX, &number) || number == 0)
            argp_error(state, "--workers %s is no number from 1 to %d", text, WORKERS_MAX);
        into->workers = (unsigned)number;
    }
}

static size_t log_number(struct argp_state *state, const char *option, const char *text, uint64_t max)
{
    uint64_t number = 0;
    if (!read_number(text, max, &number))
        argp_error(state, "%s %s is no number from 0 to %" PRIu64, option, text, max);
    return (size_t)number;
}

static void take_probes(struct argp_state *state, struct fz_server_options *into, const char *text)
{
    uint64_t number;
    if (!read_number(text, 10000, &number))
        argp_error(state, "--callback-probes %s is no number from 0 to 10000", text);
    else
        into->callback_probes = (int)number;
}

static void take_scope(struct argp_state *state, struct fz_server_options *into, const char *word)
{
    int scope = 0;
    while (fz_callback_scope_words[scope] != NULL && strcmp(fz_callback_scope_words[scope], word) != 0)
        scope++;
    if (fz_callback_scope_words[scope] == NULL)
        argp_error(state, "--callback-to %s is none of loopback, private and any", word);
    into->callback_scope = (enum fz_callback_scope)scope;
}

static void take_ladder(struct argp_state *state, struct fz_server_options *into, const char *text)
{
    if (fz_ladder_read(text, &into->callback_ladder) != FZ_OK)
        argp_error(state, "--callback-ladder %s is neither none nor a list of at most %d steps of 1s to 7d, like 15s,3m,6h", text,
                   FZ_LADDER_MAX);
}

static void take_limits(struct argp_state *state, struct fz_server_options *into, const char *word)
{
    if (strcmp(word, "real") != 0 && strcmp(word, "off") != 0)
        argp_error(state, "--limits %s is neither real nor off", word);
    into->limits = strcmp(word, "real") == 0;
}

/* Options that mean something only together. */
static void check_together(struct argp_state *state, const struct fz_server_options *with)
{
    if ((with->tls_cert == NULL) != (with->tls_key == NULL))
        argp_error(state, "--tls-cert and --tls-key go together: give both, or neither to use a certificate "
                          "that fenzhang makes");
    else if (with->tls_cert != NULL && !with->tls && with->proxy == NULL)
        argp_error(state, "--tls-cert and --tls-key do nothing without --tls or --proxy: add one of these");
    else if (with->proxy_remote && with->proxy == NULL)
        argp_error(state, "--proxy-remote does nothing without --proxy ADDR:PORT: add that");
}

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct fz_server_options *into = state->input;
    switch (key) {
    case KEY_DATA:
        into->data = argument;
        return 0;
    case KEY_LISTEN:
        into->listen = argument;
        return 0;
    case KEY_CONTROL:
        into->control = argument;
        return 0;
    case KEY_TOKEN_FILE:
        into->control_token_file = argument;
        return 0;
    case KEY_STORE:
        into->store_url = argument;
        return 0;
    case KEY_DEMO:
        into->demo = true;
        return 0;
    case KEY_LIMITS:
        take_limits(state, into, argument);
        return 0;
    case KEY_SEED:
    case KEY_WORKERS:
        take_number(state, into, key, argument);
        return 0;
    case KEY_PUBLIC_URL:
        if (!is_public_url(argument))
            argp_error(state, "--public-url %s is not http://HOST or https://HOST, without a path", argument);
        into->public_url = argument;
        return 0;
    case KEY_SECRET_FILE:
        into->secret_file = argument;
        return 0;
    case KEY_OVERVIEW_FIRST:
        into->overview_first = true;
        return 0;
    case KEY_LOG_REQUESTS:
        into->log_requests = log_number(state, "--log-requests", argument, LOG_REQUESTS_MAX);
        return 0;
    case KEY_LOG_BYTES:
        into->log_bytes = log_number(state, "--log-bytes", argument, LOG_BYTES_MAX);
        return 0;
    case KEY_TLS:
        into->tls = true;
        return 0;
    case KEY_TLS_CERT:
        into->tls_cert = argument;
        return 0;
    case KEY_TLS_KEY:
        into->tls_key = argument;
        return 0;
    case KEY_PROXY:
        into->proxy = argument;
        return 0;
    case KEY_PROXY_REMOTE:
        into->proxy_remote = true;
        return 0;
    case KEY_CALLBACK_TO:
        take_scope(state, into, argument);
        return 0;
    case KEY_CALLBACK_LADDER:
        take_ladder(state, into, argument);
        return 0;
    case KEY_CALLBACK_CA:
        into->callback_ca = argument;
        return 0;
    case KEY_CALLBACK_INSECURE:
        into->callback_insecure = true;
        return 0;
    case KEY_CALLBACK_PROBES:
        take_probes(state, into, argument);
        return 0;
    case ARGP_KEY_END:
        check_together(state, into);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "there is nothing to do with `%s'", argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

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
    _exit(1);
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
        return 1;
    }
    tell_ready(server);
    (void)sigwait(&ends, &signal_number);
    if (pthread_create(&watch, NULL, watch_stop, &stage) == 0)
        pthread_detach(watch);
    fz_server_stop(server);
    return 0;
}

int fz_serve(int argc, char **argv)
{
    static const struct argp argp = {
        options,
        take_option,
        NULL,
        "Runs the server until SIGTERM or SIGINT. When it is ready it prints one line: ready api=URL "
        "control=URL data=DIR, and behind it proxy=URL if there is one.",
        NULL,
        NULL,
        NULL};
    struct fz_server_options with = {.listen = "127.0.0.1:8080",
                                     .control = "127.0.0.1:8081",
                                     .limits = true,
                                     .log_requests = LOG_REQUESTS,
                                     .log_bytes = LOG_BYTES,
                                     .callback_ladder = fz_vendor_ladder};
    if (argp_parse(&argp, argc, argv, 0, NULL, &with) != 0)
        return 1;
    char *data = fz_data_path(with.data);
    if (data == NULL)
        return 1;
    with.data = data;
    int status = run(&with);
    free(data);
    return status;
}
