/* A merchant with a client, a sandbox, and the book's own word on what was done. */
#ifndef FZ_UNIT_CLIENT_SHOP_H
#define FZ_UNIT_CLIENT_SHOP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "fenzhang-sandbox.h"
#include "fenzhang.h"

#define SHOP_APPID "wx8888888888888888"

struct shop {
    fz_sandbox *sandbox;
    struct fz_sandbox_credentials merchant;
    const char *hosts[4];
    struct fz_client_options options; /* of the client, and of the next */
    fz_client *client;
};

/* A sandbox with the demo book, and its merchant's client: few and short waits. */
int shop_open(void **state);
int shop_close(void **state);
/* Another client by shop->options, in the place of the one there was. */
void shop_reopen(struct shop *shop);
fz_client *shop_client(const struct fz_client_options *options);

/* What a control call says has to be done; fails the test otherwise. */
void shop_must(int result);
/* Requests of `endpoint` go wrong by these members of a rule. */
void shop_fault(struct shop *shop, const char *endpoint, const char *members);

/* A paid order of 1000 fen. */
struct fz_sandbox_paid shop_paid(struct shop *shop, bool marked);
/* A refund of 100 fen of it under `number`; `source` lies with the caller. */
struct fz_refund_submit_request shop_refund(const struct fz_sandbox_paid *paid, const char *number);
/* How many refunds of an order there are, and what they come to, as the service tells a client that nothing disturbs. */
int64_t shop_refunds(struct shop *shop, const struct fz_sandbox_paid *paid, int64_t *sum);
/* How many requests of `path` with this status the service's log has; status NULL: any. */
size_t shop_requests(struct shop *shop, const char *path, const char *status);

/* That a call was refused with `code`; the error is freed. */
#define shop_refused(call, error, code)     \
    do {                                    \
        assert_int_equal(call, -1);         \
        shop_take_refusal(error, code);     \
    } while (0)
void shop_take_refusal(fz_error *error, enum fz_code code);
/* That a call went well; says why not otherwise. A macro, as `error` is to be looked at after the call. */
#define shop_good(call, error)                    \
    do {                                          \
        if ((call) != 0)                          \
            fail_msg("%s", fz_error_message(error)); \
    } while (0)

#endif
