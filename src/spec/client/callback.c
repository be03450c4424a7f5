/* The envelope of callbacks. */
#include "spec/client/callback.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "spec/callback/callback.h"
#include "spec/row/json.h"
#include "wire/base64.h"
#include "wire/sealed.h"

static const char *or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static bool is_there(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static enum fz_callback_fault check(const struct fz_callback_body *body)
{
    const struct fz_callback_resource *resource = &body->resource;
    if (is_there(resource->algorithm) && strcmp(resource->algorithm, FZ_CALLBACK_SEALED_BY) != 0)
        return FZ_CALLBACK_ALGORITHM;
    bool whole = is_there(body->event_type) && is_there(resource->algorithm) && is_there(resource->ciphertext) &&
                 strlen(or_empty(resource->nonce)) == FZ_GCM_NONCE_SIZE;
    return whole ? FZ_CALLBACK_READ : FZ_CALLBACK_ENVELOPE;
}

/* Into `room`, which has space for the ciphertext's characters; it gets a NUL behind the plain text. */
static enum fz_callback_fault open_into(unsigned char *room, const struct fz_callback_resource *sealed,
                                        const unsigned char apiv3_key[32], size_t *plain_size)
{
    size_t size = 0, sealed_size = strlen(sealed->ciphertext);
    const char *associated = or_empty(sealed->associated_data); /* it may be empty, or missing */
    enum fz_result result = fz_base64_read(sealed->ciphertext, sealed_size, room, sealed_size, &size);
    if (result != FZ_OK || size < FZ_GCM_TAG_SIZE)
        return FZ_CALLBACK_ENVELOPE;
    result = fz_gcm_open(apiv3_key, (const unsigned char *)sealed->nonce, associated, strlen(associated), room, size,
                         room);
    if (result != FZ_OK)
        return result == FZ_MALFORMED ? FZ_CALLBACK_SEAL : FZ_CALLBACK_FAILED;
    *plain_size = size - FZ_GCM_TAG_SIZE;
    room[*plain_size] = '\0';
    return FZ_CALLBACK_READ;
}

static void copy_envelope(const struct fz_callback_body *body, struct fz_callback *out)
{
    fz_copy(out->id, sizeof out->id, body->id);
    fz_copy(out->create_time, sizeof out->create_time, body->create_time.text);
    fz_copy(out->event_type, sizeof out->event_type, body->event_type);
    fz_copy(out->resource_type, sizeof out->resource_type, body->resource_type);
    fz_copy(out->original_type, sizeof out->original_type, body->resource.original_type);
    fz_copy(out->summary, sizeof out->summary, body->summary);
}

static enum fz_callback_fault open_body(const struct fz_callback_body *body, const unsigned char apiv3_key[32],
                                        struct fz_callback *out)
{
    size_t plain_size = 0;
    enum fz_callback_fault fault = check(body);
    if (fault != FZ_CALLBACK_READ)
        return fault;
    unsigned char *room = malloc(strlen(body->resource.ciphertext));
    fault = room == NULL ? FZ_CALLBACK_FAILED : open_into(room, &body->resource, apiv3_key, &plain_size);
    if (fault != FZ_CALLBACK_READ) {
        free(room); /* nothing of the plain text got there */
        return fault;
    }
    *out = (struct fz_callback){.resource = (char *)room, .resource_size = plain_size};
    copy_envelope(body, out);
    return FZ_CALLBACK_READ;
}

enum fz_callback_fault fz_callback_read(const void *text, size_t size, const unsigned char apiv3_key[32],
                                        struct fz_callback *out)
{
    char at_fault[FZ_MEMBER_NAME_SIZE];
    struct fz_callback_body body = {0};
    struct fz_arena arena = {.max = 2 * FZ_CALLBACK_MAX};
    enum fz_result result = size > FZ_CALLBACK_MAX
                                ? FZ_MALFORMED
                                : fz_members_read(fz_callback_body_members, text, size, &arena, &body, at_fault);
    enum fz_callback_fault fault = result == FZ_OK       ? open_body(&body, apiv3_key, out)
                                   : result == FZ_FAILED ? FZ_CALLBACK_FAILED
                                                         : FZ_CALLBACK_ENVELOPE;
    fz_arena_done(&arena);
    return fault;
}

void fz_callback_done(struct fz_callback *callback)
{
    if (callback->resource != NULL)
        OPENSSL_cleanse(callback->resource, callback->resource_size);
    free(callback->resource);
    callback->resource = NULL;
    callback->resource_size = 0;
}
