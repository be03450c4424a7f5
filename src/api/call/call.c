/* What is done alike for every call: its request is read by the description. */
#include "api/call/endpoint.h"

_Static_assert(FZ_CONTENT_DIGEST_SIZE == FZ_DIGEST_SIZE, "the book keeps the digests of contents");

static enum fz_result open_sealed(void *call, const char *base64, char *out, size_t out_size)
{
    const struct fz_call *opener = call;
    return opener->open_sealed(opener, base64, out, out_size);
}

enum fz_result fz_parameters_read(const struct fz_route *route, struct fz_call *call, const void *body,
                                  size_t body_size, void **params)
{
    struct fz_reading reading = {
        .arena = call->arena,
        .error = call->error,
        .caller = call->caller,
        .institution = call->kind == FZ_MERCHANT_INSTITUTION,
        .received = call->received,
        .open_sealed = open_sealed,
        .opener = call,
    };
    return fz_request_read(&reading, route, body, body_size, params, call->digest);
}
