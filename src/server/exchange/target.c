/* A request's target in its one form: path and query. */
#include "wire/server/target.h"

#include <stdlib.h>
#include <string.h>

#include "server/exchange/exchange.h"

/* A URL without a path stands for "/" (RFC 9110, 4.2.3). */
static char *copy_path(const char *path)
{
    size_t size = strlen(path);
    bool bare = path[0] != '/';
    char *copy = malloc(size + bare + 1);
    if (copy == NULL)
        return NULL;
    copy[0] = '/';
    memcpy(copy + bare, path, size + 1);
    return copy;
}

bool fz_exchange_set_target(struct fz_exchange *exchange, const char *target)
{
    size_t size;
    const char *authority = fz_target_authority(target, &size);
    exchange->target_size = strlen(target);
    if (authority == NULL) {
        exchange->target = strdup(target);
        return exchange->target != NULL;
    }
    exchange->authority = strndup(authority, size);
    exchange->target = copy_path(authority + size);
    if (exchange->authority != NULL && exchange->target != NULL)
        return true;
    free(exchange->authority);
    free(exchange->target);
    return false;
}
