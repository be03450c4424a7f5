/* The digest that tells whether a number comes again with the same content. Taken over what was read, not
 * over what was sent: letter case, escapes, order of members, sealing and defaults make no difference. Every
 * piece carries its length or has a fixed one, so no two contents share a form. What is not given leaves no
 * trace: a member that a later version adds does not change the digest of a request without it. */
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

#include "base/text.h"
#include "spec/server/request_internal.h"

#define FORM_MAX ((size_t)1 << 20) /* above any body's */

static enum fz_result add_members(struct fz_text *form, const struct fz_member *parameters,
                                  const void *values);

static void add_number(struct fz_text *form, uint64_t value)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(value >> (56 - 8 * i));
    fz_text_add(form, bytes, sizeof bytes);
}

static void add_piece(struct fz_text *form, const void *data, size_t size)
{
    add_number(form, size);
    fz_text_add(form, data, size);
}

static void begin(struct fz_text *form, const struct fz_member *member)
{
    add_piece(form, member->name, strlen(member->name));
    add_number(form, member->kind);
}

static int compare_digests(const void *a, const void *b)
{
    return memcmp(a, b, FZ_CONTENT_DIGEST_SIZE);
}

/* Items stand as their digests, sorted where their order means nothing. */
static enum fz_result add_items(struct fz_text *form, const struct fz_member *member,
                                const void *values)
{
    const char *items = *(const char *const *)fz_slot(member, values);
    size_t count = *fz_count_slot(member, values);
    add_number(form, count);
    size_t start = form->size;
    for (size_t i = 0; i < count; i++) {
        unsigned char digest[FZ_CONTENT_DIGEST_SIZE];
        enum fz_result result = fz_content_digest(
            member->members, items + i * member->size, digest);
        if (result != FZ_OK)
            return result;
        fz_text_add(form, digest, sizeof digest);
    }
    if (member->unordered && !form->failed && count > 1)
        qsort(form->data + start, count, FZ_CONTENT_DIGEST_SIZE, compare_digests);
    return FZ_OK;
}

static enum fz_result add_object(struct fz_text *form, const struct fz_member *member,
                                 const void *object)
{
    struct fz_text members = {.max = FORM_MAX};
    enum fz_result result = add_members(&members, member->members, object);
    if (result == FZ_OK && members.failed)
        result = FZ_FAILED;
    if (result == FZ_OK && members.size > 0) {
        begin(form, member);
        add_piece(form, members.data, members.size);
    }
    fz_text_done(&members);
    return result;
}

static enum fz_result add_member(struct fz_text *form, const struct fz_member *member,
                                    const void *values)
{
    const char *text;
    const void *slot = fz_slot(member, values);
    switch (member->kind) {
    case FZ_STRING:
        text = *(const char *const *)slot;
        if (text != NULL) {
            begin(form, member);
            add_piece(form, text, strlen(text));
        }
        return FZ_OK;
    case FZ_INTEGER:
        if (*(const int64_t *)slot != 0) {
            begin(form, member);
            add_number(form, (uint64_t) * (const int64_t *)slot);
        }
        return FZ_OK;
    case FZ_BOOLEAN:
        if (*(const bool *)slot)
            begin(form, member);
        return FZ_OK;
    case FZ_OBJECT:
        return add_object(form, member, slot);
    case FZ_ARRAY:
        if (*fz_count_slot(member, values) == 0)
            return FZ_OK;
        begin(form, member);
        return add_items(form, member, values);
    case FZ_TIME: /* of answers alone */
    case FZ_STRINGS:
        return FZ_FAILED;
    }
    __builtin_unreachable();
}

static enum fz_result add_members(struct fz_text *form, const struct fz_member *parameters,
                                  const void *values)
{
    enum fz_result result = FZ_OK;
    for (const struct fz_member *p = parameters; result == FZ_OK && p->name != NULL; p++)
        if (!p->not_content)
            result = add_member(form, p, values);
    return result;
}

/* Looked up once: each time would cost more than the digest itself. */
static EVP_MD *sha256;

static void fetch_sha256(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

static bool digest_form(const struct fz_text *form, unsigned char out[FZ_CONTENT_DIGEST_SIZE])
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, fetch_sha256);
    return sha256 != NULL && EVP_Digest(form->data, form->size, out, NULL, sha256, NULL) == 1;
}

enum fz_result fz_content_digest(const struct fz_member *parameters, const void *values,
                                 unsigned char out[FZ_CONTENT_DIGEST_SIZE])
{
    struct fz_text form = {.max = FORM_MAX};
    unsigned char digest[FZ_CONTENT_DIGEST_SIZE];
    enum fz_result result = add_members(&form, parameters, values);
    if (result == FZ_OK && (form.failed || !digest_form(&form, digest)))
        result = FZ_FAILED;
    fz_text_done(&form);
    if (result == FZ_OK)
        memcpy(out, digest, sizeof digest);
    return result;
}
