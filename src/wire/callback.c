/* The envelope of callbacks. */
#include "wire/callback.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/base64.h"
#include "wire/json_read.h"
#include "wire/sealed.h"

/* What the resource has to be opened with; all is borrowed from the JSON. */
struct sealed {
    const char *nonce, *associated_data, *ciphertext; /* associated data may be empty, or missing */
    size_t ciphertext_size;
};

static enum fz_callback_fault find_sealed(const json_t *resource, struct sealed *out)
{
    const char *algorithm = fz_json_member_text(resource, "algorithm");
    *out = (struct sealed){.nonce = fz_json_member_text(resource, "nonce"),
                           .associated_data = fz_json_member_text(resource, "associated_data"),
                           .ciphertext = fz_json_member_text(resource, "ciphertext")};
    out->ciphertext_size = strlen(out->ciphertext);
    if (strcmp(algorithm, "AEAD_AES_256_GCM") != 0)
        return algorithm[0] == '\0' ? FZ_CALLBACK_ENVELOPE : FZ_CALLBACK_ALGORITHM;
    bool whole = out->ciphertext_size > 0 && strlen(out->nonce) == FZ_GCM_NONCE_SIZE;
    return whole ? FZ_CALLBACK_READ : FZ_CALLBACK_ENVELOPE;
}

/* Into `room`, which has space for the ciphertext's characters; it gets a NUL behind the plain text. */
static enum fz_callback_fault open_into(unsigned char *room, const struct sealed *sealed,
                                        const unsigned char apiv3_key[32], size_t *plain_size)
{
    size_t size = 0;
    enum fz_result result =
        fz_base64_read(sealed->ciphertext, sealed->ciphertext_size, room, sealed->ciphertext_size, &size);
    if (result != FZ_OK || size < FZ_GCM_TAG_SIZE)
        return FZ_CALLBACK_ENVELOPE;
    result =
        fz_gcm_open(apiv3_key, (const unsigned char *)sealed->nonce, sealed->associated_data,
                    strlen(sealed->associated_data), room, size, room);
    if (result != FZ_OK)
        return result == FZ_MALFORMED ? FZ_CALLBACK_SEAL : FZ_CALLBACK_FAILED;
    *plain_size = size - FZ_GCM_TAG_SIZE;
    room[*plain_size] = '\0';
    return FZ_CALLBACK_READ;
}

static void copy_envelope(const json_t *root, const json_t *resource, struct fz_callback *out)
{
    fz_copy(out->id, sizeof out->id, fz_json_member_text(root, "id"));
    fz_copy(out->create_time, sizeof out->create_time, fz_json_member_text(root, "create_time"));
    fz_copy(out->event_type, sizeof out->event_type, fz_json_member_text(root, "event_type"));
    fz_copy(out->resource_type, sizeof out->resource_type, fz_json_member_text(root, "resource_type"));
    fz_copy(out->original_type, sizeof out->original_type, fz_json_member_text(resource, "original_type"));
    fz_copy(out->summary, sizeof out->summary, fz_json_member_text(root, "summary"));
}

enum fz_callback_fault fz_callback_read(const void *body, size_t size, const unsigned char apiv3_key[32],
                                        struct fz_callback *out)
{
    FZ_CLEANUP(fz_json_done) json_t *root = NULL;
    enum fz_result result = size > FZ_CALLBACK_MAX ? FZ_MALFORMED : fz_json_read(body, size, &root);
    if (result != FZ_OK)
        return result == FZ_FAILED ? FZ_CALLBACK_FAILED : FZ_CALLBACK_ENVELOPE;
    const json_t *resource = json_object_get(root, "resource");
    struct sealed sealed;
    enum fz_callback_fault fault = find_sealed(resource, &sealed);
    if (fault == FZ_CALLBACK_READ && fz_json_member_text(root, "event_type")[0] == '\0')
        fault = FZ_CALLBACK_ENVELOPE;
    if (fault != FZ_CALLBACK_READ)
        return fault;
    unsigned char *room = malloc(sealed.ciphertext_size);
    size_t plain_size = 0;
    fault = room == NULL ? FZ_CALLBACK_FAILED : open_into(room, &sealed, apiv3_key, &plain_size);
    if (fault != FZ_CALLBACK_READ) {
        free(room); /* nothing of the plain text got there */
        return fault;
    }
    *out = (struct fz_callback){.resource = (char *)room, .resource_size = plain_size};
    copy_envelope(root, resource, out);
    return FZ_CALLBACK_READ;
}

void fz_callback_done(struct fz_callback *callback)
{
    if (callback->resource != NULL)
        OPENSSL_cleanse(callback->resource, callback->resource_size);
    free(callback->resource);
    callback->resource = NULL;
    callback->resource_size = 0;
}
