/* The demo book: a story told by the ordinary operations of the book. */
#ifndef FZ_SERVER_BIRTH_DEMO_H
#define FZ_SERVER_BIRTH_DEMO_H

#include "server/keys/secrets.h"
#include "store/store.h"

/* Tells the story into an empty book, through `tx`: it begins five days before tx->now_ms and runs forward to
 * it. Whole or not at all. */
FZ_MUST_CHECK enum fz_result fz_demo_tell(struct fz_tx *tx, const struct fz_secrets *secrets);

/* BILL_DATE of a demo book made at `created_ms`: the latest Beijing day whose bill was out then.
 * EMPTY_BILL_DATE is the day before. */
int fz_demo_bill_day(int64_t created_ms);

/* Of which book, and the server's present addresses. All borrowed. */
struct fz_demo_env {
    struct fz_store *store;
    const struct fz_secrets *secrets;
    const char *data; /* DIR */
    const char *api_url, *control_url;
    const char *proxy_url; /* "": there is none */
    const char *authority; /* where the certificate of the CA lies that clients have to trust; NULL: none */
};

/* Writes DIR/demo.env of a demo book made at `created_ms`, and the copies of its keys. `why` as elsewhere. */
FZ_MUST_CHECK enum fz_result fz_demo_write_env(const struct fz_demo_env *env, int64_t created_ms, char *why,
                                               size_t why_size);

#endif
