/* Writes a request by its call's rows: members of path and query into the target, the others into the body. */
#include <inttypes.h>
#include <string.h>

#include "spec/client/request.h"

/* RFC 3986: what is not unreserved is escaped, in values of path and query alike, so that what is signed is
 * what any library on the way leaves as it is. */
static void add_encoded(struct fz_text *target, const char *text)
{
    static const char unreserved[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~";
    for (size_t plain; *text != '\0';) {
        plain = strspn(text, unreserved);
        fz_text_add(target, text, plain);
        text += plain;
        if (*text != '\0')
            fz_text_format(target, "%%%02X", (unsigned char)*text++);
    }
}

/* A value of path or query is a text, an integer or a boolean. */
static void add_value(struct fz_text *target, const struct fz_member *member, const void *request)
{
    const void *slot = fz_slot(member, request);
    if (member->kind == FZ_INTEGER)
        fz_text_format(target, "%" PRId64, *(const int64_t *)slot);
    else if (member->kind == FZ_BOOLEAN)
        fz_text_string(target, *(const bool *)slot ? "true" : "false");
    else
        add_encoded(target, *(const char *const *)slot);
}

/* The member of the path whose name stands at `name`, up to the brace. */
static const struct fz_member *named(const struct fz_member *members, const char *name, size_t size)
{
    for (; members->name != NULL; members++)
        if (members->place == FZ_IN_PATH && strlen(members->name) == size &&
            memcmp(members->name, name, size) == 0)
            break;
    return members;
}

static bool is_empty(const struct fz_member *member, const void *request)
{
    return !fz_is_given(member, request) ||
           (member->kind == FZ_STRING && **(const char *const *)fz_slot(member, request) == '\0');
}

static enum fz_result write_path(const struct fz_spec *spec, const char *pattern, const void *request,
                                 struct fz_text *target, const struct fz_member **missing)
{
    while (*pattern != '\0') {
        size_t plain = strcspn(pattern, "{");
        fz_text_add(target, pattern, plain);
        pattern += plain;
        if (*pattern == '\0')
            break;
        size_t size = strcspn(pattern + 1, "}");
        const struct fz_member *member = named(spec->request, pattern + 1, size);
        if (is_empty(member, request)) {
            *missing = member;
            return FZ_MALFORMED;
        }
        add_value(target, member, request);
        pattern += size + 2;
    }
    return FZ_OK;
}

static void write_query(const struct fz_spec *spec, const void *request, struct fz_text *target)
{
    const char *before = "?";
    for (const struct fz_member *member = spec->request; member->name != NULL; member++)
        if (member->place == FZ_IN_QUERY && fz_is_given(member, request)) {
            fz_text_string(target, before);
            fz_text_string(target, member->name);
            fz_text_string(target, "=");
            add_value(target, member, request);
            before = "&";
        }
}

enum fz_result fz_request_write(const struct fz_spec *spec, size_t path, const void *request,
                                const struct fz_sealing *sealing, struct fz_text *target,
                                struct fz_text *body, const struct fz_member **missing)
{
    enum fz_result result = write_path(spec, spec->paths[path], request, target, missing);
    if (result != FZ_OK)
        return result;
    write_query(spec, request, target);
    if (fz_has_body(spec)) {
        struct fz_json json = {.text = *body};
        fz_members_write_sealed(&json, spec->request, request, sealing);
        *body = json.text;
    }
    return target->failed || body->failed ? FZ_FAILED : FZ_OK;
}
