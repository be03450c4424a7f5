/* The table of endpoints, in the order of the calls. */
#include "api/call/endpoint.h"

#define FZ_CALL(name) extern const struct fz_endpoint fz_endpoint_##name;
#include "spec/calls.def"
#undef FZ_CALL

static const struct fz_endpoint *const endpoints[] = {
#define FZ_CALL(name) &fz_endpoint_##name,
#include "spec/calls.def"
#undef FZ_CALL
};

const struct fz_endpoint *const *fz_endpoints(size_t *count)
{
    *count = sizeof endpoints / sizeof endpoints[0];
    return endpoints;
}

const struct fz_endpoint *fz_endpoint_of(const struct fz_route *route)
{
    return route->spec == NULL ? NULL : endpoints[route->number];
}
