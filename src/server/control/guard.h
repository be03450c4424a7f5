/* Who may call the control interface: it can do everything, so web pages, other machines and strangers on
 * this one are kept out. */
#ifndef FZ_SERVER_CONTROL_GUARD_H
#define FZ_SERVER_CONTROL_GUARD_H

#include <microhttpd.h>

#include "server/control/request/call.h"

#define FZ_TOKEN_FILE_MAX 4096

struct fz_host_names; /* base/server/host_names.h */
struct fz_tls;

struct fz_control_guard {
    char scheme[10];               /* "http://" or "https://" */
    const struct fz_tls *tls;      /* NULL: plain HTTP */
    const struct fz_host_names *hosts; /* further names, borrowed; NULL: none */
    char own_host[80];             /* the address listened on, as in a Host header, without the port */
    char token[FZ_TOKEN_FILE_MAX]; /* "" if none is demanded */
};

struct fz_control_guard_setup {
    const char *url;          /* as printed at the start */
    const char *token_file;   /* NULL: `token` counts */
    const char *token;        /* NULL, and no file: no token is demanded */
    const struct fz_host_names *hosts; /* what it may be called by besides; NULL: nothing */
    const struct fz_tls *tls; /* NULL, or what is spoken where `url` says so */
};

/* What happened, why and what to do in `why`. */
FZ_MUST_CHECK enum fz_result fz_control_guard_init(struct fz_control_guard *out,
                                                   const struct fz_control_guard_setup *setup, char *why,
                                                   size_t why_size);

/* How the control interface is to be reached. */
struct fz_control_access {
    const char *address;            /* as the user named it */
    bool tls;                       /* that is spoken */
    const char *token_file, *token; /* as in struct fz_control_guard_setup */
};

/* Refuses a socket that other machines can reach, unless they have to bear a token and TLS is spoken; and a token that cannot be
 * used, before anything was made. */
FZ_MUST_CHECK enum fz_result fz_control_check_access(const struct fz_control_access *access, int socket,
                                                     char *why, size_t why_size);

/* Whether a request may go on; if not, the call is answered. Looks at headers alone. */
bool fz_control_guard_admits(const struct fz_control_guard *guard, struct MHD_Connection *connection,
                             const char *method, struct fz_control_call *call);

#endif
