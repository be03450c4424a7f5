/* Which calls answer with secrets: their rows are looked through once, for all servers of the process. */
#include "server/log/secret_answers.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "server/log/mask.h"
#include "spec/calls.h"

#define CALLS_MAX 128

static bool secret[CALLS_MAX]; /* by the call's place in fz_specs() */

static bool has_secret_name(const struct fz_member *members)
{
    for (; members != NULL && members->name != NULL; members++)
        if (fz_is_secret_name(members->name, strlen(members->name)) || has_secret_name(members->members))
            return true;
    return false;
}

static void look_through(void)
{
    size_t count;
    const struct fz_spec *const *specs = fz_specs(&count);
    assert(count <= CALLS_MAX);
    for (size_t i = 0; i < count; i++)
        secret[i] = has_secret_name(specs[i]->answer);
}

bool fz_has_secret_answer(const struct fz_route *route)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, look_through);
    return secret[route->number];
}
