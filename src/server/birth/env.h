/* DIR/demo.env: shell variables for whoever uses the book that a world made. */
#ifndef FZ_SERVER_BIRTH_ENV_H
#define FZ_SERVER_BIRTH_ENV_H

#include "server/birth/world_file.h"

/* Of which book, and the server's present addresses. All borrowed. */
struct fz_demo_env {
    struct fz_store *store;
    const struct fz_secrets *secrets;
    const char *data; /* DIR */
    const char *api_url, *control_url;
    const char *proxy_url; /* "": there is none */
    const char *authority; /* where the certificate of the CA lies that clients have to trust; NULL: none */
};

/* Writes DIR/demo.env of a book made of `file` at `created_ms`, and the copies of its keys. `why` as elsewhere. */
FZ_MUST_CHECK enum fz_result fz_demo_write_env(const struct fz_demo_env *env, const struct fz_world_file *file, int64_t created_ms,
                                               char *why, size_t why_size);

#endif
