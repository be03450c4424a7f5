/* Every call that only reads, asked for something that is there. */
#ifndef FZ_UNIT_CLIENT_QUERIES_H
#define FZ_UNIT_CLIENT_QUERIES_H

#include "unit/client/deeds.h"

/* Whom a call is for. */
enum query_mode { QUERY_BOTH, QUERY_INSTITUTION, QUERY_DIRECT };

struct query {
    const char *call;
    enum query_mode mode;
    int (*ask)(fz_client *client, const struct mode *mode, const char *call, void **answer, fz_error **error);
};

/* NULL-name-ended. */
extern const struct query queries[];

bool query_is_of(const struct query *query, const struct mode *mode);
/* Brings forth what is asked for. */
void queries_prepare(struct scene *scene);
/* As fz_call. */
int query_make(const struct query *query, const struct scene *scene, void **answer, fz_error **error);

#endif
