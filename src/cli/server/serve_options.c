/* The options of `fenzhang serve`: their names, their help, and what is a good value. */
#include "cli/server/serve_options.h"

#include <argp.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <openssl/x509_vfy.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command/command.h"

#define WORKERS_MAX      64
#define CONNECTIONS_MAX  512
#define LOG_REQUESTS_MAX 1000000
#define LOG_BYTES_MAX    (UINT64_C(16) << 30)
#define PROBES_MAX       10000

enum key {
    KEY_DATA = 'd',
    KEY_LISTEN = 'l',
    KEY_CONTROL = 'c',
    KEY_WORKERS = 'w',
    KEY_STORE = 0x100,
    KEY_STORE_MAP,
    KEY_STORE_CONNECTIONS,
    KEY_STORE_UNPIPELINED,
    KEY_STORE_UNPREPARED,
    KEY_DEMO,
    KEY_FROM,
    KEY_WORLD,
    KEY_LIMITS,
    KEY_SEED,
    KEY_PUBLIC_URL,
    KEY_SECRET_FILE,
    KEY_PROCESS,
    KEY_TOKEN_FILE,
    KEY_CONTROL_HOST,
    KEY_OVERVIEW_FIRST,
    KEY_LOG_REQUESTS,
    KEY_LOG_BYTES,
    KEY_LOG_FORMAT,
    KEY_READY_FILE,
    KEY_LIFELINE,
    KEY_TLS,
    KEY_TLS_CERT,
    KEY_TLS_KEY,
    KEY_TLS_NAME,
    KEY_PROXY,
    KEY_PROXY_REMOTE,
    KEY_CALLBACK_TO,
    KEY_CALLBACK_LADDER,
    KEY_CALLBACK_CA,
    KEY_CALLBACK_INSECURE,
    KEY_CALLBACK_PROBES,
    KEY_CALLBACK_WAIT,
    KEY_CONFIG,
    KEY_PRINT_CONFIG
};

enum group { BOOK = 1, ADDRESSES, TLS, BEHAVIOUR, CALLBACKS, LOGS, CONFIG };

#define GROUP(number, title) {NULL, 0, NULL, 0, title, number}

static const struct argp_option options[] = {
    GROUP(BOOK, "The book:"),
    {"data", KEY_DATA, "DIR", 0, "The data directory (${XDG_STATE_HOME:-~/.local/state}/fenzhang)", BOOK},
    {"demo", KEY_DEMO, NULL, 0, "A new book is the demo book; one that exists is opened as it is", BOOK},
    {"from", KEY_FROM, "DIR[@NAME]", 0,
     "A new book is a fork of the one in DIR, which may be in use, or of a snapshot there; one that exists is opened as it is", BOOK},
    {"world", KEY_WORLD, "FILE", 0, "A new book is what FILE tells (`fenzhang world'); one that exists is opened as it is", BOOK},
    {"seed", KEY_SEED, "N", 0,
     "A new book draws its values from N, and its clock begins at 2026-01-05T10:00:00+08:00, frozen", BOOK},
    {"secret-file", KEY_SECRET_FILE, "FILE", 0, "What seals the keys in the book (DIR/secret.key)", BOOK},
    {"process", KEY_PROCESS, "NAME", 0, "What this process is called in /health and /metrics, among several on one book (the host's name)", BOOK},
    {"store", KEY_STORE, "[NAME=]URL", 0,
     "The book: sqlite:PATH (DIR/book.db) or postgresql://…; with NAME= a further one, for the merchants of a map", BOOK},
    {"store-map", KEY_STORE_MAP, "FILE", 0, "Who lies in a further store: lines MCHID = NAME; [NAME] with control and secret-file", BOOK},
    {"store-connections", KEY_STORE_CONNECTIONS, "N", 0,
     "So many connections to PostgreSQL write, and as many read (16 each)", BOOK},
    {"store-unpipelined", KEY_STORE_UNPIPELINED, NULL, 0,
     "Each statement to PostgreSQL waits for the one before it: for a pooler in between that loses count of several", BOOK},
    {"store-unprepared", KEY_STORE_UNPREPARED, NULL, 0,
     "No prepared statements: for a pooler in between that gives each transaction another connection, like PgBouncer before 1.21", BOOK},

    GROUP(ADDRESSES, "Addresses:"),
    {"listen", KEY_LISTEN, "ADDR:PORT", 0,
     "Where the API listens (127.0.0.1:8080); a port alone is one of 127.0.0.1, port 0 picks a free one", ADDRESSES},
    {"control", KEY_CONTROL, "ADDR:PORT", 0,
     "Where the control interface listens (127.0.0.1:8081); beyond loopback with --tls and a token alone",
     ADDRESSES},
    {"control-token-file", KEY_TOKEN_FILE, "FILE", 0,
     "Control calls have to bear the token in this file (at least 32 characters, mode 0600); without it that of the "
     "variable FENZHANG_CONTROL_TOKEN, if there is one",
     ADDRESSES},
    {"control-host", KEY_CONTROL_HOST, "NAME[,NAME...]", 0,
     "Names and addresses that the control interface may be called by, besides its own and those of its certificate: "
     "at most 16. Every other is refused, as it may be that of a web page",
     ADDRESSES},
    {"proxy", KEY_PROXY, "ADDR:PORT", 0,
     "A proxy that leads the vendor's API hosts here, for clients with hard-coded hosts; loopback only",
     ADDRESSES},
    {"proxy-remote", KEY_PROXY_REMOTE, NULL, 0, "The proxy may listen on other addresses than loopback",
     ADDRESSES},
    {"public-url", KEY_PUBLIC_URL, "URL", 0, "Scheme and host of bill links (those of each request)", ADDRESSES},

    GROUP(TLS, "TLS:"),
    {"tls", KEY_TLS, NULL, 0, "The API speaks TLS, with a certificate of a CA that `fenzhang ca' prints", TLS},
    {"tls-cert", KEY_TLS_CERT, "FILE", 0, "A certificate of one's own (PEM, its chain behind it)", TLS},
    {"tls-key", KEY_TLS_KEY, "FILE", 0, "The key of --tls-cert (PEM, mode 0600)", TLS},
    {"tls-name", KEY_TLS_NAME, "NAME[,NAME...]", 0,
     "Names and addresses that the certificate is for, besides the vendor's API hosts, localhost and loopback: at most 16. "
     "They have to be given when the CA is made",
     TLS},

    GROUP(BEHAVIOUR, "What it does:"),
    {"lifeline", KEY_LIFELINE, NULL, 0,
     "It ends when its standard input does: with the program that started it, however that ends", BEHAVIOUR},
    {"limits", KEY_LIMITS, "real|off", 0, "The documented limits on requests hold (real), or do not (off)",
     BEHAVIOUR},
    {"overview-first", KEY_OVERVIEW_FIRST, NULL, 0, "Bill files begin with their summary", BEHAVIOUR},
    {"workers", KEY_WORKERS, "N", 0, "HTTP workers (one a core)", BEHAVIOUR},

    GROUP(CALLBACKS, "Callbacks:"),
    {"callback-to", KEY_CALLBACK_TO, "loopback|private|any", 0,
     "Which addresses callbacks may go to: this machine (loopback), also private networks, or any", CALLBACKS},
    {"callback-ladder", KEY_CALLBACK_LADDER, "LIST", 0,
     "When a callback that failed is sent again (15s,15s,30s,3m,10m,20m,30m,30m,30m,60m,3h,3h,3h,6h,6h), or none",
     CALLBACKS},
    {"callback-ca", KEY_CALLBACK_CA, "FILE", 0,
     "What the TLS certificates of callback hosts are checked against (the system's)", CALLBACKS},
    {"callback-insecure", KEY_CALLBACK_INSECURE, NULL, 0, "They are not checked", CALLBACKS},
    {"callback-probes", KEY_CALLBACK_PROBES, "N", 0,
     "Of 10000 callbacks, N have a probe with a wrong signature sent ahead (0)", CALLBACKS},
    {"callback-wait", KEY_CALLBACK_WAIT, NULL, 0,
     "Control calls that bring a callback forth wait for it, as \"callbacks\":\"wait\" in their bodies does", CALLBACKS},

    GROUP(LOGS, "What it tells:"),
    {"ready-file", KEY_READY_FILE, "FILE", 0,
     "When it is ready, FILE gets api, control, proxy, data and pid as JSON; removed at the end", LOGS},
    {"log-format", KEY_LOG_FORMAT, "text|json|journal|none", 0,
     "A line for each exchange and callback on standard error (text on a terminal, none elsewhere); journal is text with the "
     "journal's priorities",
     LOGS},
    {"log-requests", KEY_LOG_REQUESTS, "N", 0,
     "The request log keeps the latest N exchanges (10000; 0: there is no log)", LOGS},
    {"log-bytes", KEY_LOG_BYTES, "N", 0,
     "The request log takes at most N bytes of memory (67108864; 0: there is no log)", LOGS},

    GROUP(CONFIG, "The configuration file:"),
    {"config", KEY_CONFIG, "FILE", 0,
     "Lines NAME = VALUE with these options' names; what the command line says counts more ($CONFIGURATION_DIRECTORY/"
     FZ_SERVE_FILE_NAME ", if systemd sets that and it is there)", CONFIG},
    {"print-config", KEY_PRINT_CONFIG, NULL, 0,
     "Prints what all this comes to, as such a file, with where each value is from; and ends", CONFIG},
    {0}};

static const char about[] =
    "Runs the server until SIGTERM or SIGINT. When it is ready it prints one line: ready api=URL control=URL "
    "data=DIR, and behind it proxy=URL if there is one."
    "\v"
    "Examples:\n"
    "  fenzhang serve --demo --data ./data\n"
    "      the demo book; its numbers and keys are told in ./data/demo.env\n"
    "  fenzhang serve --demo --data ./data --listen 28080 --control 28081\n"
    "      the same on other ports\n"
    "  fenzhang serve --demo --data \"$(mktemp -d)/book\" --listen 0 --control 0 \\\n"
    "      --seed 1 --limits off --ready-file ready.json\n"
    "      for tests: free ports, told in ready.json; the same values in each run\n"
    "  fenzhang serve --from ./data --data \"$(mktemp -d)/book\" --listen 0 --control 0\n"
    "      a world like that of ./data, whose server goes on meanwhile\n"
    "  fenzhang serve --demo --data ./data --tls --listen 0.0.0.0:8080 \\\n"
    "      --control 0.0.0.0:8081 --tls-name fenzhang\n"
    "      for other machines and containers, which call it fenzhang; the control\n"
    "      interface demands the token that is in FENZHANG_CONTROL_TOKEN\n"
    "  fenzhang serve --demo --data ./data --proxy 3128\n"
    "      for clients that have the vendor's hosts built in\n"
    "\n"
    "Exit status 0: a signal ended it, and nothing was lost; 2: it could not start, and said why.";

/* ---- mistakes ---- */

/* The option at hand was given there; NULL: on the command line. */
static const struct fz_serve_word *word_of_file(const struct argp_state *state)
{
    const struct fz_serve_options *all = state->input;
    int word = state->next - 1;
    return all->file != NULL && word >= 1 && word <= all->file->count ? &all->file->words[word - 1] : NULL;
}

static void __attribute__((format(printf, 2, 3))) mistake(struct argp_state *state, const char *format, ...)
{
    const struct fz_serve_options *all = state->input;
    const struct fz_serve_word *word = word_of_file(state);
    char text[1200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (word == NULL)
        argp_error(state, "%s", text);
    else
        fz_serve_file_refuse(all->file->path, word->line, text);
}

/* ---- options that are texts and switches ---- */

#define OPTION(member) offsetof(struct fz_server_options, member)

static const struct {
    int key;
    size_t member;
} texts[] = {{KEY_DATA, OPTION(data)},
             {KEY_LISTEN, OPTION(listen)},
             {KEY_CONTROL, OPTION(control)},
             {KEY_TOKEN_FILE, OPTION(control_token_file)},
             {KEY_FROM, OPTION(from)},
             {KEY_WORLD, OPTION(world_file)},
             {KEY_SECRET_FILE, OPTION(secret_file)},
             {KEY_TLS_CERT, OPTION(tls_cert)},
             {KEY_TLS_KEY, OPTION(tls_key)},
             {KEY_PROXY, OPTION(proxy)}},
  switches[] = {{KEY_DEMO, OPTION(demo)},
                {KEY_STORE_UNPIPELINED, OPTION(store_unpipelined)},
                {KEY_STORE_UNPREPARED, OPTION(store_unprepared)},
                {KEY_OVERVIEW_FIRST, OPTION(overview_first)},
                {KEY_TLS, OPTION(tls)},
                {KEY_PROXY_REMOTE, OPTION(proxy_remote)},
                {KEY_CALLBACK_INSECURE, OPTION(callback_insecure)},
                {KEY_CALLBACK_WAIT, OPTION(callbacks_wait)}};

static bool take_plain(struct fz_server_options *into, int key, const char *argument)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].key == key) {
            *(const char **)((char *)into + texts[i].member) = argument;
            return true;
        }
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
        if (switches[i].key == key) {
            *(bool *)((char *)into + switches[i].member) = true;
            return true;
        }
    return false;
}

/* ---- numbers ---- */

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

static uint64_t number(struct argp_state *state, const char *option, const char *text, uint64_t min, uint64_t max)
{
    uint64_t value = 0;
    if (!read_number(text, max, &value) || value < min)
        mistake(state, "%s %s is no number from %" PRIu64 " to %" PRIu64, option, text, min, max);
    return value;
}

static bool take_number(struct argp_state *state, struct fz_server_options *into, int key, const char *text)
{
    switch (key) {
    case KEY_SEED:
        into->seeded = true;
        into->seed = number(state, "--seed", text, 0, UINT64_MAX);
        return true;
    case KEY_WORKERS:
        into->workers = (unsigned)number(state, "--workers", text, 1, WORKERS_MAX);
        return true;
    case KEY_STORE_CONNECTIONS:
        into->store_connections = (size_t)number(state, "--store-connections", text, 1, CONNECTIONS_MAX);
        return true;
    case KEY_LOG_REQUESTS:
        into->log_requests = (size_t)number(state, "--log-requests", text, 0, LOG_REQUESTS_MAX);
        return true;
    case KEY_LOG_BYTES:
        into->log_bytes = (size_t)number(state, "--log-bytes", text, 0, LOG_BYTES_MAX);
        return true;
    case KEY_CALLBACK_PROBES:
        into->callback_probes = (int)number(state, "--callback-probes", text, 0, PROBES_MAX);
        return true;
    default:
        return false;
    }
}

/* ---- words ---- */

/* Bill links are made of it: scheme, host, perhaps a port; no path. */
static bool is_public_url(const char *url)
{
    size_t scheme = strncmp(url, "http://", 7) == 0 ? 7 : strncmp(url, "https://", 8) == 0 ? 8 : 0;
    const char *host = url + scheme;
    return scheme > 0 && host[0] != '\0' && strlen(url) <= 300 &&
           strspn(host, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-_:[]") ==
               strlen(host);
}

static void take_scope(struct argp_state *state, struct fz_server_options *into, const char *word)
{
    int scope = 0;
    while (fz_callback_scope_words[scope] != NULL && strcmp(fz_callback_scope_words[scope], word) != 0)
        scope++;
    if (fz_callback_scope_words[scope] == NULL)
        mistake(state, "--callback-to %s is none of loopback, private and any", word);
    into->callback_scope = (enum fz_callback_scope)scope;
}

static void take_ladder(struct argp_state *state, struct fz_server_options *into, const char *text)
{
    if (fz_ladder_read(text, &into->callback_ladder) != FZ_OK)
        mistake(state,
                   "--callback-ladder %s is neither none nor a list of at most %d steps of 1s to 7d, like 15s,3m,6h",
                   text, FZ_LADDER_MAX);
}

/* Looked at here: otherwise every callback would fail for a slip of the pen. */
static void take_callback_ca(struct argp_state *state, struct fz_server_options *into, const char *path)
{
    X509_STORE *store = X509_STORE_new();
    bool good = store != NULL && X509_STORE_load_file(store, path) == 1;
    X509_STORE_free(store);
    if (!good)
        mistake(state, "--callback-ca %s cannot be read, or has no certificate in PEM in it", path);
    into->callback_ca = path;
}

static void take_limits(struct argp_state *state, struct fz_server_options *into, const char *word)
{
    into->limits_said = true;
    into->limits = strcmp(word, "real") == 0;
    if (!into->limits && strcmp(word, "off") != 0)
        mistake(state, "--limits %s is neither real nor off", word);
}

static void take_log_format(struct argp_state *state, struct fz_server_options *into, const char *word)
{
    static const char *const words[] = {[FZ_LOG_TEXT] = "text", [FZ_LOG_JSON] = "json", [FZ_LOG_JOURNAL] = "journal", [FZ_LOG_NONE] = "none"};
    enum fz_log_format format = FZ_LOG_TEXT;
    while (format < FZ_LOG_NONE && strcmp(words[format], word) != 0)
        format++;
    if (strcmp(words[format], word) != 0)
        mistake(state, "--log-format %s is none of text, json, journal and none", word);
    into->log_format = format;
}

enum fz_result fz_take_host_names(struct fz_host_names *into, const char *option, const char *list, char *why, size_t why_size)
{
    char bad[FZ_HOST_NAME_SIZE];
    enum fz_result result = fz_host_names_add(into, list, bad);
    if (result == FZ_FULL)
        snprintf(why, why_size, "%s has more than %d names", option, FZ_HOST_NAMES_MAX);
    else if (result != FZ_OK)
        snprintf(why, why_size,
                 "%s: '%s' is neither a host's name nor an address. Write names like fenzhang or pay.test.example, without scheme "
                 "and port, with commas between them",
                 option, bad);
    return result;
}

static void take_names(struct argp_state *state, struct fz_host_names *into, const char *option, const char *list)
{
    char why[600];
    if (fz_take_host_names(into, option, list, why, sizeof why) != FZ_OK)
        mistake(state, "%s", why);
}

static bool is_process_name(const char *word)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-";
    size_t size = strlen(word);
    return size > 0 && size < FZ_PROCESS_NAME_SIZE && strspn(word, letters) == size;
}

static bool take_word(struct argp_state *state, struct fz_server_options *into, int key, const char *word)
{
    switch (key) {
    case KEY_LIMITS:
        take_limits(state, into, word);
        return true;
    case KEY_LOG_FORMAT:
        take_log_format(state, into, word);
        return true;
    case KEY_PROCESS:
        if (!is_process_name(word))
            mistake(state, "--process %s is no name of 1 to 64 letters, digits, dots, dashes and underscores", word);
        into->process = word;
        return true;
    case KEY_PUBLIC_URL:
        if (!is_public_url(word))
            mistake(state, "--public-url %s is not http://HOST or https://HOST, without a path", word);
        into->public_url = word;
        return true;
    case KEY_CONTROL_HOST:
        take_names(state, &into->control_hosts, "--control-host", word);
        return true;
    case KEY_TLS_NAME:
        take_names(state, &into->tls_names, "--tls-name", word);
        return true;
    case KEY_CALLBACK_TO:
        take_scope(state, into, word);
        return true;
    case KEY_CALLBACK_LADDER:
        take_ladder(state, into, word);
        return true;
    case KEY_CALLBACK_CA:
        take_callback_ca(state, into, word);
        return true;
    default:
        return false;
    }
}

/* ---- stores ---- */

static bool take_store(struct argp_state *state, struct fz_serve_options *all, int key, const char *text)
{
    if (key != KEY_STORE)
        return false;
    if (fz_store_name_size(text) == 0) {
        all->server.store_url = text;
        return true;
    }
    enum fz_result result = fz_store_map_add(&all->stores, text);
    if (result == FZ_FULL)
        mistake(state, "--store %s is one too many: there are at most %d further stores", text, FZ_STORES_MAX);
    else if (result != FZ_OK)
        mistake(state, "--store %s: a store's name has at most %d characters", text, FZ_STORE_NAME_SIZE - 1);
    return true;
}

static void check_stores(struct argp_state *state, const struct fz_serve_options *all)
{
    if (all->stores.count > 0 && all->store_map == NULL)
        argp_error(state, "--store %s=URL is a further store, in which nobody lies without --store-map FILE: add that", all->stores.list[0].name);
    else if (all->stores.count == 0 && all->store_map != NULL)
        argp_error(state, "--store-map FILE says who lies in further stores, and there are none: add --store NAME=URL for each that it names");
}

static bool has_database(const struct fz_serve_options *all)
{
    bool has = fz_store_is_shared(all->server.store_url);
    for (size_t i = 0; i < all->stores.count; i++)
        has = has || fz_store_is_shared(all->stores.list[i].url);
    return has;
}

/* ---- all of them ---- */

/* Options that mean something only together. */
static void check_together(struct argp_state *state, const struct fz_serve_options *all)
{
    const struct fz_server_options *with = &all->server;
    bool tells_of_connections = with->store_connections != 0 || with->store_unpipelined || with->store_unprepared;
    if (tells_of_connections && !has_database(all))
        argp_error(state, "--store-connections, --store-unpipelined and --store-unprepared do nothing without --store postgresql://…: add that");
    else if (with->demo && with->world_file != NULL)
        argp_error(state, "--demo is a world, too: give it, or --world FILE, not both");
    else if ((with->tls_cert == NULL) != (with->tls_key == NULL))
        argp_error(state, "--tls-cert and --tls-key go together: give both, or neither to use a certificate "
                          "that fenzhang makes");
    else if (with->tls_cert != NULL && !with->tls && with->proxy == NULL)
        argp_error(state, "--tls-cert and --tls-key do nothing without --tls or --proxy: add one of these");
    else if (with->from != NULL && (with->demo || with->seeded || with->world_file != NULL))
        argp_error(state, "--from says what a new book is, and so do --demo, --world and --seed: leave the one or the others away");
    else if (with->tls_names.count > 0 && !with->tls && with->proxy == NULL)
        argp_error(state, "--tls-name does nothing without --tls or --proxy: add one of these");
    else if (with->tls_names.count > 0 && with->tls_cert != NULL)
        argp_error(state, "--tls-name does nothing beside --tls-cert, whose certificate has the names that it has: leave it away");
    else if (with->proxy_remote && with->proxy == NULL)
        argp_error(state, "--proxy-remote does nothing without --proxy ADDR:PORT: add that");
    else if (with->log_format != FZ_LOG_BY_TERMINAL && with->log_format != FZ_LOG_NONE &&
             (with->log_requests == 0 || with->log_bytes == 0))
        argp_error(state, "--log-format text, json and journal write what the request log has: leave --log-requests 0 and "
                          "--log-bytes 0 away");
}

/* What nobody has to give, said as it would be given. */
static const struct {
    int key;
    const char *text;
} defaults[] = {{KEY_LISTEN, "127.0.0.1:8080"},
                {KEY_CONTROL, "127.0.0.1:8081"},
                {KEY_LIMITS, "real"},
                {KEY_CALLBACK_TO, "loopback"},
                {KEY_CALLBACK_LADDER, "15s,15s,30s,3m,10m,20m,30m,30m,30m,60m,3h,3h,3h,6h,6h"},
                {KEY_CALLBACK_PROBES, "0"},
                {KEY_LOG_REQUESTS, "10000"},
                {KEY_LOG_BYTES, "67108864"}};

#define DEFAULTS (sizeof defaults / sizeof defaults[0])

static bool take_own(struct fz_serve_options *all, int key, const char *argument)
{
    switch (key) {
    case KEY_READY_FILE:
        all->ready_file = argument;
        return true;
    case KEY_STORE_MAP:
        all->store_map = argument;
        return true;
    case KEY_LIFELINE:
        all->lifeline = true;
        return true;
    case KEY_CONFIG:
        all->config_file = argument;
        return true;
    case KEY_PRINT_CONFIG:
        all->print_config = true;
        return true;
    default:
        return false;
    }
}

static bool take(struct argp_state *state, int key, const char *argument, int word)
{
    struct fz_serve_options *all = state->input;
    struct fz_server_options *into = &all->server;
    bool taken = take_own(all, key, argument) || take_store(state, all, key, argument) || take_plain(into, key, argument) || take_number(state, into, key, argument) ||
                 take_word(state, into, key, argument);
    if (taken)
        all->given[all->given_count++] = (struct fz_serve_given){key, argument, word};
    return taken;
}

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct fz_serve_options *all = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        for (size_t i = 0; i < DEFAULTS; i++)
            (void)take(state, defaults[i].key, defaults[i].text, 0);
        return 0;
    case ARGP_KEY_END:
        if (all->file != NULL)
            check_together(state, all), check_stores(state, all);
        return 0;
    default:
        return take(state, key, argument, state->next - 1) ? 0 : ARGP_ERR_UNKNOWN;
    }
}

const struct argp fz_serve_argp = {options, take_option, NULL, about, NULL, NULL, NULL};

/* ---- with the file ---- */

static void parse(int argc, char **argv, const struct fz_serve_file *file, struct fz_serve_options *out)
{
    free(out->given);
    *out = (struct fz_serve_options){.file = file, .given = calloc((size_t)argc + DEFAULTS, sizeof *out->given)};
    if (out->given == NULL)
        err(FZ_EXIT_TROUBLE, "the options could not be read");
    fz_arguments_parse(&fz_serve_argp, argc, argv, out);
}

/* The file's words come first, so that those of the command line count more. New. */
static char **join(int argc, char **argv, const struct fz_serve_file *file)
{
    char **all = calloc((size_t)(argc + file->count) + 1, sizeof *all);
    if (all == NULL)
        err(FZ_EXIT_TROUBLE, "the configuration file could not be read");
    all[0] = argv[0];
    for (int i = 0; i < file->count; i++)
        all[1 + i] = file->words[i].text;
    memcpy(all + 1 + file->count, argv + 1, (size_t)(argc - 1) * sizeof *all);
    return all;
}

/* Which file it is only the command line tells, so that is read twice. */
void fz_serve_options(int argc, char **argv, struct fz_serve_options *out)
{
    static struct fz_serve_file file; /* texts of it go into `out` */
    *out = (struct fz_serve_options){0};
    parse(argc, argv, NULL, out);
    fz_serve_file_read(out->config_file, options, &file);
    char **all = join(argc, argv, &file);
    parse(argc + file.count, all, &file, out);
    free(all);
}
