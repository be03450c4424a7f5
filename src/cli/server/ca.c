/* fenzhang ca: prints the certificate of the CA that clients have to trust for --tls. */
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/server/commands.h"
#include "cli/server/data_path.h"
#include "cli/server/serve_options.h"
#include "server/keys/authority_file.h"

struct options {
    const char *data;
    struct fz_host_names names;
    bool how;
};

enum { KEY_HOW = 0x100, KEY_NAME };

static const struct argp_option options[] = {
    {"data", 'd', "DIR", 0, "The data directory (${XDG_STATE_HOME:-~/.local/state}/fenzhang)", 0},
    {"how", KEY_HOW, NULL, 0, "Instead, say how systems and languages are told to trust it", 0},
    {"tls-name", KEY_NAME, "NAME[,NAME...]", 0, "The server's --tls-name: a CA that is made can vouch for these, too", 0},
    {0}};

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct options *into = state->input;
    char why[600];
    switch (key) {
    case 'd':
        into->data = argument;
        return 0;
    case KEY_HOW:
        into->how = true;
        return 0;
    case KEY_NAME:
        if (fz_take_host_names(&into->names, "--tls-name", argument, why, sizeof why) != FZ_OK)
            argp_error(state, "%s", why);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_how(const char *path)
{
    printf(
        "The CA's certificate is %1$s. It can vouch for mch.weixin.qq.com,\n"
        "api2.wechatpay.cn, localhost, the loopback addresses and what --tls-name named\n"
        "when it was made, and for nothing else.\n"
        "\n"
        "For one process. What is marked * then trusts this CA alone, so it reaches no other server.\n"
        "\n"
        "  curl *          curl --cacert '%1$s' ...\n"
        "                  export CURL_CA_BUNDLE='%1$s'\n"
        "  Node            export NODE_EXTRA_CA_CERTS='%1$s'\n"
        "  Python *        export REQUESTS_CA_BUNDLE='%1$s'    (requests)\n"
        "                  export SSL_CERT_FILE='%1$s'         (ssl, urllib, httpx, aiohttp)\n"
        "  Go *            export SSL_CERT_FILE='%1$s'         (Linux; on macOS and Windows: the machine's)\n"
        "  PHP *           php -d curl.cainfo='%1$s' -d openssl.cafile='%1$s' ...\n"
        "  Java *          keytool -importcert -noprompt -alias fenzhang -file '%1$s' \\\n"
        "                      -keystore fenzhang.p12 -storepass changeit\n"
        "                  java -Djavax.net.ssl.trustStore=fenzhang.p12 \\\n"
        "                      -Djavax.net.ssl.trustStorePassword=changeit ...\n"
        "  .NET *          export SSL_CERT_FILE='%1$s'         (Linux; on macOS and Windows: the machine's)\n"
        "  Ruby *          export SSL_CERT_FILE='%1$s'\n"
        "\n"
        "For the machine\n"
        "\n"
        "  Debian, Ubuntu  sudo install -m 644 '%1$s' /usr/local/share/ca-certificates/fenzhang.crt\n"
        "                  sudo update-ca-certificates\n"
        "  Fedora          sudo install -m 644 '%1$s' /etc/pki/ca-trust/source/anchors/fenzhang.pem\n"
        "                  sudo update-ca-trust\n"
        "  macOS           sudo security add-trusted-cert -d -r trustRoot \\\n"
        "                      -k /Library/Keychains/System.keychain '%1$s'\n"
        "  Windows         certutil -addstore Root FILE        (as administrator, FILE: a copy of it)\n"
        "  Java            sudo keytool -importcert -noprompt -cacerts -storepass changeit \\\n"
        "                      -alias fenzhang -file '%1$s'\n",
        path);
}

/* False after a message. `is_new`: it was made now. */
static bool open_authority(const char *data, const struct options *with, struct fz_authority *out, bool *is_new)
{
    char path[FZ_PATH_SIZE], why[6000];
    *is_new = fz_path_join(path, data, "tls") != FZ_OK || access(path, F_OK) != 0;
    if (*is_new && with->data != NULL && !fz_ca_is_meant(data))
        return false;
    if (fz_data_directory_make(data, why, sizeof why) == FZ_OK &&
        fz_authority_open(data, &with->names, out, why, sizeof why) == FZ_OK)
        return true;
    fprintf(stderr, "fenzhang: %s\n", why);
    return false;
}

/* `data` is with->data, or what counts without it. */
static int run(const char *data, const struct options *with)
{
    static struct fz_authority authority;
    bool is_new;
    if (!fz_data_is_readable(data) || !open_authority(data, with, &authority, &is_new))
        return FZ_EXIT_TROUBLE;
    if (is_new)
        fprintf(stderr,
                "fenzhang: there was no CA in %s, so a new one was made. Servers with this data directory have it; any other has "
                "its own.\n",
                data);
    if (with->how)
        print_how(authority.path);
    else
        fputs(authority.pem, stdout);
    fz_authority_done(&authority);
    return FZ_EXIT_DONE;
}

static const struct argp argp = {
    options,
    take_option,
    NULL,
    "Prints the certificate (PEM) of the CA that clients have to trust for "
    "`fenzhang serve --tls' and `--proxy'. Makes it if the data directory has "
    "none yet, and then says so.\v"
    "Examples:\n"
    "  fenzhang ca --data ./data > ca.pem\n"
    "  fenzhang ca --data ./data --how\n",
    NULL,
    NULL,
    NULL};

static int run_ca(int argc, char **argv)
{
    struct options with = {0};
    char data[FZ_PATH_SIZE];
    fz_arguments_parse(&argp, argc, argv, &with);
    return fz_data_path(with.data, data) ? run(data, &with) : FZ_EXIT_TROUBLE;
}

const struct fz_command fz_ca_command = {
    .name = "ca",
    .summary = "prints the certificate of the CA that clients have to trust for --tls",
    .argp = &argp,
    .run = run_ca,
};
