/* What a life is made of: calls, each checked as it ends. */
#ifndef FZ_TORTURE_STEPS_H
#define FZ_TORTURE_STEPS_H

#include "fenzhang.h"

/* NULL when it could not be made, which is checked. `directory`: where certificates are kept; NULL: in memory. `attempt_ms`:
 * how long an attempt may take, where one may lose what it waits for. */
fz_client *make_client(const char *directory, int64_t attempt_ms);

void query(fz_client *client);
void submit(fz_client *client);
void order(fz_client *client);
void upload(fz_client *client);
void callback(fz_client *client);

/* The order, for a call by its name. */
struct fz_order_place_request order_request(void);
/* What came of it. Both are freed. */
void check_order(void *answer, fz_error *error);
void check_query(void *answer, fz_error *error);
struct fz_refund_by_out_refund_no_request query_request(void);

#endif
