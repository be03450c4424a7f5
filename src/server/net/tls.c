/* TLS: certificate, key, and sessions. */
#include "server/net/tls.h"

#include <gnutls/gnutls.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/private_file.h"
#include "base/server/log.h"
#include "server/keys/authority_file.h"
#include "wire/api_hosts.h"
#include "wire/certificate.h"
#include "wire/server/authority.h"
#include "wire/server/key.h"

#define KEY_FILE_MAX 65536

/* Versions 1.2 and 1.3, with what GnuTLS holds to be good in them. */
static const char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

struct fz_tls {
    struct fz_text certificate, key; /* PEM */
    gnutls_datum_t ticket_key;
    char authority_path[FZ_PATH_SIZE]; /* "" with the user's own certificate */
};

/* ---- the user's own ---- */

static enum fz_result refuse(const char *path, const char *what, char *why, size_t why_size)
{
    snprintf(
        why, why_size,
        "The TLS file %s cannot be used: %s. Give --tls-cert a certificate in PEM, its chain behind it, and "
        "--tls-key its private key in PEM without a password; or neither, to use one that fenzhang makes.",
        path, what);
    return FZ_FAILED;
}

static enum fz_result check(const char *path, enum fz_pair pair, char *why, size_t why_size)
{
    static const char *const faults[] = {
        [FZ_PAIR_UNREADABLE] = "there is no certificate in it",
        [FZ_PAIR_DIFFERENT] = "its first certificate is not that of the key",
        [FZ_PAIR_EARLY] = "its first certificate is not valid yet",
        [FZ_PAIR_ENDED] = "its first certificate is not valid any more",
    };
    return pair == FZ_PAIR_GOOD ? FZ_OK : refuse(path, faults[pair], why, why_size);
}

static enum fz_result load_own_key(struct fz_tls *tls, const char *path, EVP_PKEY **out, char *why,
                                   size_t why_size)
{
    static const size_t size = KEY_FILE_MAX;
    char reason[160], *pem = malloc(size);
    enum fz_result result = FZ_FAILED;
    if (pem == NULL)
        return refuse(path, "memory is short", why, why_size);
    if (fz_private_file_read(path, pem, size, reason, sizeof reason) != FZ_OK)
        (void)refuse(path, reason, why, why_size);
    else if ((*out = fz_tls_key_read(pem)) == NULL)
        (void)refuse(path, "there is no private key in it, or it has a password", why, why_size);
    else
        result = fz_key_write(*out, &tls->key); /* in the one form that GnuTLS reads of every kind */
    OPENSSL_cleanse(pem, size);
    free(pem);
    return result;
}

static enum fz_result load_own(struct fz_tls *tls, const struct fz_tls_files *files, char *why,
                               size_t why_size)
{
    char reason[160], *pem = malloc(FZ_CERTIFICATE_FILE_MAX);
    EVP_PKEY *key = NULL;
    enum fz_result result = load_own_key(tls, files->key, &key, why, why_size);
    if (result == FZ_OK && pem == NULL)
        result = refuse(files->certificate, "memory is short", why, why_size);
    if (result == FZ_OK &&
        fz_public_file_read(files->certificate, pem, FZ_CERTIFICATE_FILE_MAX, reason, sizeof reason) != FZ_OK)
        result = refuse(files->certificate, reason, why, why_size);
    if (result == FZ_OK)
        result = check(files->certificate, fz_pair_check(pem, key, fz_wire_now_ms()), why, why_size);
    if (result == FZ_OK)
        fz_text_string(&tls->certificate, pem);
    EVP_PKEY_free(key);
    free(pem);
    return result;
}

/* ---- ours ---- */

/* Who trusts a CA that was made before this host was known goes on trusting it, for the others. */
static void warn_of_old(const struct fz_tls *tls, const struct fz_authority *authority)
{
    if (!tls->certificate.failed && !fz_certificate_names(tls->certificate.data, FZ_API_RETRY_HOST))
        fz_log_warning("The CA %s was made by an older version and cannot vouch for " FZ_API_RETRY_HOST
                       ", so clients that retry there refuse the certificate. To serve that host too, remove "
                       "the directory tls, start again, and trust the new CA.",
                       authority->path);
}

/* The certificate costs less than a millisecond, so it is made for each run and lies nowhere: it is never of
 * another CA, nor near its end. */
static enum fz_result issue(struct fz_tls *tls, const struct fz_authority *authority, const struct fz_host_names *names)
{
    EVP_PKEY *key = fz_tls_key_new();
    enum fz_result result = key == NULL ? FZ_FAILED : fz_key_write(key, &tls->key);
    if (result == FZ_OK)
        result = fz_authority_issue(authority->key, authority->pem, key, names, fz_wire_now_ms(), &tls->certificate);
    EVP_PKEY_free(key);
    if (result == FZ_OK)
        warn_of_old(tls, authority);
    (void)fz_copy(tls->authority_path, sizeof tls->authority_path, authority->path);
    return result;
}

static enum fz_result load_made(struct fz_tls *tls, const struct fz_tls_files *files, char *why, size_t why_size)
{
    struct fz_authority *authority = malloc(sizeof *authority);
    enum fz_result result = authority == NULL ? FZ_FAILED : fz_authority_open(files->data, files->names, authority, why, why_size);
    if (result == FZ_OK) {
        result = issue(tls, authority, files->names);
        if (result != FZ_OK)
            snprintf(why, why_size, "TLS cannot be served: the CA in %s/tls cannot sign. Look at its files.",
                     files->data);
        fz_authority_done(authority);
    }
    free(authority);
    return result;
}

enum fz_result fz_tls_load(const struct fz_tls_files *files, struct fz_tls **out, char *why, size_t why_size)
{
    struct fz_tls *tls = calloc(1, sizeof *tls);
    snprintf(why, why_size, "TLS cannot be served: memory is short. Make room, then start again.");
    if (tls == NULL)
        return FZ_FAILED;
    tls->key.max = KEY_FILE_MAX;
    tls->certificate.max = 2 * FZ_CERTIFICATE_FILE_MAX;
    enum fz_result result = files->certificate != NULL ? load_own(tls, files, why, why_size)
                                                       : load_made(tls, files, why, why_size);
    if (result == FZ_OK && (tls->key.failed || tls->certificate.failed ||
                            gnutls_session_ticket_key_generate(&tls->ticket_key) != GNUTLS_E_SUCCESS))
        result = FZ_FAILED;
    if (result == FZ_OK)
        *out = tls;
    else
        fz_tls_free(tls);
    return result;
}

void fz_tls_free(struct fz_tls *tls)
{
    if (tls == NULL)
        return;
    if (tls->key.data != NULL)
        OPENSSL_cleanse(tls->key.data, tls->key.size);
    if (tls->ticket_key.data != NULL)
        OPENSSL_cleanse(tls->ticket_key.data, tls->ticket_key.size);
    gnutls_free(tls->ticket_key.data);
    fz_text_done(&tls->key);
    fz_text_done(&tls->certificate);
    free(tls);
}

const char *fz_tls_authority_path(const struct fz_tls *tls)
{
    return tls->authority_path[0] == '\0' ? NULL : tls->authority_path;
}

bool fz_tls_names(const struct fz_tls *tls, const char *host)
{
    return fz_certificate_names(tls->certificate.data, host);
}

/* ---- daemons and connections ---- */

void fz_tls_options(const struct fz_tls *tls, struct MHD_OptionItem out[FZ_TLS_OPTIONS])
{
    size_t count = 0;
    if (tls != NULL) {
        out[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, tls->key.data};
        out[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, tls->certificate.data};
        out[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)priorities};
    }
    out[count] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
}

static gnutls_session_t session_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info == NULL ? NULL : info->tls_session;
}

/* With epoll, libmicrohttpd 0.9.75 asks a connection whose handshake has stalled again and again, and takes a whole core
 * for it; with poll it waits. */
unsigned fz_tls_daemon_flags(const struct fz_tls *tls)
{
    return tls == NULL ? (unsigned)MHD_USE_EPOLL_INTERNAL_THREAD : (unsigned)MHD_USE_POLL_INTERNAL_THREAD | (unsigned)MHD_USE_TLS;
}

static int on_finished(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                       const gnutls_datum_t *message)
{
    (void)type, (void)when, (void)message;
    if (incoming != 0)
        fz_socket_wait(gnutls_db_get_ptr(session), fz_ticks_ms());
    return 0;
}

/* The pointer of the session database is ours to use: there is no such database. */
void fz_tls_begin(const struct fz_tls *tls, struct MHD_Connection *connection, struct fz_socket *socket)
{
    gnutls_session_t session = session_of(connection);
    if (session == NULL)
        return;
    (void)gnutls_session_ticket_enable_server(session, &tls->ticket_key); /* without it, no resumption */
    gnutls_db_set_ptr(session, socket);
    gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_FINISHED, GNUTLS_HOOK_POST, on_finished);
}

void fz_tls_send(struct MHD_Connection *connection, const void *data, size_t size)
{
    gnutls_session_t session = session_of(connection);
    if (session != NULL)
        (void)gnutls_record_send(session, data, size);
}

void fz_tls_end(struct MHD_Connection *connection)
{
    gnutls_session_t session = session_of(connection);
    if (session != NULL)
        (void)gnutls_bye(session, GNUTLS_SHUT_WR);
}
