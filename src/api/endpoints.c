/* The table of endpoints. */
#include "api/call/endpoint.h"

#define FZ_ENDPOINT(name) extern const struct fz_endpoint fz_endpoint_##name;
#include "api/endpoints.def"
#undef FZ_ENDPOINT

static const struct fz_endpoint *const endpoints[] = {
#define FZ_ENDPOINT(name) &fz_endpoint_##name,
#include "api/endpoints.def"
#undef FZ_ENDPOINT
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

/* ---- the calls' descriptions, in the same order ---- */

#define FZ_ENDPOINT(name) extern const struct fz_spec fz_spec_##name;
#include "api/endpoints.def"
#undef FZ_ENDPOINT

static const struct fz_spec *const specs[] = {
#define FZ_ENDPOINT(name) &fz_spec_##name,
#include "api/endpoints.def"
#undef FZ_ENDPOINT
};

const struct fz_spec *const *fz_specs(size_t *count)
{
    *count = sizeof specs / sizeof specs[0];
    return specs;
}
