/* Compares the lines of a signed message with the service's sign_information, which has them cut: method, URL, timestamp, nonce,
 * and the body's first characters, and the whole message's length. */
#include "client/signature_difference.h"

#include <string.h>

#include "base/memory.h"

static const char *const names[] = {"method", "path and query", "timestamp", "nonce", "body"};

/* The line at `*at`, which moves behind it. */
static struct fz_piece next_line(const char **at)
{
    size_t size = strcspn(*at, "\n");
    struct fz_piece line = {*at, size};
    *at += size + ((*at)[size] == '\n');
    return line;
}

static bool same(struct fz_piece one, struct fz_piece other, bool is_cut)
{
    size_t size = is_cut && other.size < one.size ? other.size : one.size;
    return (is_cut || one.size == other.size) && memcmp(one.data, other.data, size) == 0;
}

char *fz_signature_difference(const struct fz_sending *sending, const struct fz_error_answer *body)
{
    const char *theirs = body->detail.sign_information.truncated_sign_message, *diagnosis = body->diagnosis.message;
    if (theirs == NULL)
        return fz_text_copy(diagnosis);
    struct fz_piece ours[] = {{sending->method, strlen(sending->method)},
                              {sending->target, strlen(sending->target)},
                              {NULL, 0}, /* drawn anew for every attempt: the service's are what it read in the header */
                              {NULL, 0},
                              {sending->body == NULL ? "" : sending->body, sending->body_size}};
    struct fz_text text = {.max = 8192};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        struct fz_piece line = next_line(&theirs);
        if (ours[i].data == NULL || same(ours[i], line, i == 4))
            continue;
        fz_text_format(&text, "The %s differs: signed here \"%.*s\", the service took \"%.*s\".\n", names[i],
                       (int)(ours[i].size > 200 ? 200 : ours[i].size), (const char *)ours[i].data,
                       (int)(line.size > 200 ? 200 : line.size), (const char *)line.data);
    }
    if (text.size == 0)
        fz_text_string(&text, "Every line is the same as the one that was signed here: the key, or the serial number that names its "
                              "certificate, is another.\n");
    if (diagnosis != NULL)
        fz_text_format(&text, "%s\n", diagnosis);
    return text.data;
}
