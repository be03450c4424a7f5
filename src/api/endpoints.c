/* The table of endpoints. */
#include "api/endpoint.h"

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
