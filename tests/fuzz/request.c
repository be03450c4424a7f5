/* Requests as the server reads them: each is taken, with all of its rows' limits kept, or refused with a reason. Byte 0 of an
 * input says whether an institution calls; the rest is the method, a blank, the target, a line end, the body. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "spec/server/request.h"

static enum fz_result open_sealed(void *opener, const char *base64, char *out, size_t out_size)
{
    (void)opener;
    return fz_copy(out, out_size, base64) ? FZ_OK : FZ_MALFORMED;
}

static void read_request(bool institution, const char *method, const char *target, const char *body, size_t size)
{
    struct fz_arena arena = {.max = 1 << 20};
    struct fz_error error = {0};
    struct fz_route route;
    void *request = NULL;
    unsigned char digest[FZ_CONTENT_DIGEST_SIZE];
    const struct fz_received received = {.has_meta = true, .has_file = true, .size = 5};
    const struct fz_reading reading = {.arena = &arena, .error = &error, .caller = "1900000100", .institution = institution,
                                       .received = &received, .open_sealed = open_sealed};
    enum fz_result result = fz_route_find(method, target, &route, &error);
    if (result == FZ_OK)
        result = fz_request_read(&reading, &route, body, size, &request, digest);
    if (result == FZ_OK ? request == NULL || error.row != FZ_ROW_NONE : result != FZ_REFUSED || error.row == FZ_ROW_NONE)
        abort();
    fz_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    if (size < 2)
        return 0;
    const char *rest = (const char *)input + 1, *end = rest + size - 1;
    const char *line = memchr(rest, '\n', size - 1), *blank = line == NULL ? NULL : memchr(rest, ' ', (size_t)(line - rest));
    if (blank == NULL)
        return 0;
    char *method = strndup(rest, (size_t)(blank - rest)), *target = strndup(blank + 1, (size_t)(line - blank - 1));
    size_t body_size = (size_t)(end - line - 1);
    char *body = body_size == 0 ? NULL : malloc(body_size); /* as long as it is: what reads on is seen */
    if (body != NULL)
        memcpy(body, line + 1, body_size);
    read_request((input[0] & 1) != 0, method, target, body, body_size);
    free(method);
    free(target);
    free(body);
    return 0;
}
