/* Reads a request as its call's rows declare it: path, query and body in one order, with the rules of modes. */
#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "spec/server/request_internal.h"

/* A request being read. */
struct request {
    const struct fz_reading *reading;
    const struct fz_route *route;
    const struct fz_member *members;
    const struct fz_json_node *body;  /* NULL: the call takes none */
    const struct fz_json_place *part; /* where it stands; NULL: it is the whole body */
    enum fz_modes mode;
};

const char *fz_mode_word(enum fz_modes modes)
{
    return modes == FZ_COMMON ? "Common mode" : "Institutional mode";
}

enum fz_issue fz_mode_issue(enum fz_modes modes)
{
    return modes == FZ_COMMON ? FZ_ISSUE_ONLY_FOR_COMMON : FZ_ISSUE_ONLY_FOR_INSTITUTIONAL;
}

/* ---- modes ---- */

/* A sub_mchid from a direct merchant is a question of relation (403), not of grammar; where mchid and
 * sp_mchid tell the modes apart there is no such case. */
bool fz_is_of_mode(const struct fz_member *member, enum fz_modes mode)
{
    return member->only == FZ_NEVER || (member->only & mode) != 0 || member->role == FZ_SUB_MCHID;
}

enum fz_result fz_absence(const struct fz_reading *reading, const struct fz_member *member,
                          enum fz_modes mode, const struct fz_json_place *place, void *target)
{
    enum fz_row row = member->role == FZ_SUB_MCHID ? FZ_PARAM_NO_SUB_MCHID : FZ_PARAM_ERROR;
    enum fz_issue issue = member->required == FZ_BOTH     ? FZ_ISSUE_REQUIRED
                          : member->required == FZ_COMMON ? FZ_ISSUE_REQUIRED_IN_COMMON
                                                          : FZ_ISSUE_REQUIRED_IN_INSTITUTIONAL;
    if ((member->required & mode) != 0)
        return fz_refuse_value(reading, row, place, NULL, issue, NULL);
    if (member->fallback != NULL)
        *(const char **)fz_slot(member, target) = member->fallback;
    return FZ_OK;
}

static bool is_sent(const struct request *request, enum fz_role role)
{
    struct fz_raw raw;
    const struct fz_member *member = fz_member_of_role(request->members, role);
    if (member == NULL)
        return false;
    if (member->place == FZ_IN_BODY)
        return fz_json_find(request->body, member->name) != NULL;
    return fz_query_find(request->route->query, member->name, &raw) != FZ_ABSENT;
}

/* Orders and refunds name their merchants, and thereby their mode; funds distribution goes by who signs. */
static enum fz_modes mode_of(const struct request *request)
{
    if (fz_member_of_role(request->members, FZ_SP_MCHID) != NULL) {
        if (is_sent(request, FZ_SP_MCHID) || is_sent(request, FZ_SUB_MCHID))
            return FZ_INSTITUTIONAL;
        if (is_sent(request, FZ_MCHID))
            return FZ_COMMON;
    }
    return request->reading->institution ? FZ_INSTITUTIONAL : FZ_COMMON;
}

/* An institution that names itself as mchid has left out its sub-merchant, or, where it need not name one,
 * means sp_mchid. */
static enum fz_result check_institution(const struct request *request, const void *values)
{
    const struct fz_reading *reading = request->reading;
    const struct fz_member *mchid = fz_member_of_role(request->members, FZ_MCHID);
    if (mchid == NULL || request->mode != FZ_COMMON || !reading->institution)
        return FZ_OK;
    if (strcmp(*(const char **)fz_slot(mchid, values), reading->caller) != 0)
        return FZ_OK;
    const struct fz_member *child = fz_member_of_role(request->members, FZ_SUB_MCHID);
    bool has_to_be_named = child != NULL && (child->required & FZ_INSTITUTIONAL) != 0;
    const struct fz_member *missing = has_to_be_named ? child : fz_member_of_role(request->members, FZ_SP_MCHID);
    struct fz_json_place place = {.place = mchid->place, .name = missing->name};
    return has_to_be_named ? fz_refuse_value(reading, FZ_PARAM_NO_SUB_MCHID, &place, NULL,
                                             FZ_ISSUE_REQUIRED_WITH_SP_MCHID, NULL)
                           : fz_refuse_value(reading, FZ_PARAM_ERROR, &place, NULL,
                                             FZ_ISSUE_REQUIRED_OF_INSTITUTION, NULL);
}

/* ---- path and query ---- */

static enum fz_result find_raw(const struct request *request, const struct fz_member *member,
                               struct fz_raw *out)
{
    const struct fz_route *route = request->route;
    if (member->place == FZ_IN_QUERY)
        return fz_query_find(route->query, member->name, out);
    for (size_t i = 0; i < route->value_count; i++)
        if (strcmp(route->values[i].name, member->name) == 0) {
            *out = (struct fz_raw){route->values[i].text, route->values[i].size};
            return FZ_OK;
        }
    return FZ_ABSENT;
}

/* Checks and stores decoded text of whatever kind. */
static enum fz_result check_decoded(const struct fz_reading *reading, const struct fz_member *member,
                                    const struct fz_json_place *place, const char *text, size_t size,
                                    const char *shown, void *slot)
{
    int64_t number;
    switch (member->kind) {
    case FZ_INTEGER:
        if (strlen(text) != size || fz_parse_int(text, &number) != FZ_OK)
            return fz_refuse_value(reading, FZ_PARAM_ERROR, place, shown, FZ_ISSUE_NO_INTEGER, NULL);
        return fz_integer_check(reading, member, place, shown, number, slot);
    case FZ_BOOLEAN:
        if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
            return fz_refuse_value(reading, FZ_PARAM_ERROR, place, shown, FZ_ISSUE_NEITHER_TRUE_NOR_FALSE, NULL);
        *(bool *)slot = text[0] == 't';
        return FZ_OK;
    default:
        return fz_text_check(reading, member, place, text, size, shown, slot);
    }
}

static enum fz_result read_raw(const struct request *request, const struct fz_member *member, void *target)
{
    struct fz_raw raw = {"", 0};
    const struct fz_reading *reading = request->reading;
    struct fz_json_place place = {.place = member->place, .name = member->name};
    enum fz_result found = find_raw(request, member, &raw);
    char sent[sizeof reading->error->value];
    fz_copy_part(sent, sizeof sent, raw.text, raw.size);
    if (found == FZ_CONFLICT)
        return fz_refuse_value(reading, FZ_PARAM_ERROR, &place, sent, FZ_ISSUE_TWICE, NULL);
    if (found != FZ_OK)
        return fz_absence(reading, member, request->mode, &place, target);
    if (!fz_is_of_mode(member, request->mode))
        return fz_refuse_value(reading, FZ_PARAM_ERROR, &place, sent, fz_mode_issue(member->only), NULL);

    const char *text;
    size_t size;
    enum fz_result result =
        fz_percent_decode(reading->arena, raw, member->place == FZ_IN_QUERY, &text, &size);
    if (result == FZ_MALFORMED)
        return fz_refuse_value(reading, FZ_PARAM_ERROR, &place, sent, FZ_ISSUE_BROKEN_ESCAPE, NULL);
    if (result != FZ_OK)
        return result;
    fz_set_given(member, target);
    const char *shown = strlen(text) == size ? text : sent;
    return check_decoded(reading, member, &place, text, size, shown, fz_slot(member, target));
}

/* ---- all of them ---- */

static enum fz_result read_all(struct request *request, void *target)
{
    const struct fz_reading *reading = request->reading;
    enum fz_result result = fz_query_known(reading, request->members, request->route->query);
    if (result == FZ_OK && request->body != NULL)
        result = fz_members_known(reading, request->members, request->part, request->body);
    request->mode = mode_of(request);
    for (const struct fz_member *m = request->members; result == FZ_OK && m->name != NULL; m++)
        result = m->place == FZ_IN_BODY
                     ? fz_member_read(reading, m, request->mode, request->part, request->body, target)
                     : read_raw(request, m, target);
    return result == FZ_OK ? check_institution(request, target) : result;
}

/* The form of a multipart body. */
static enum fz_result check_parts(const struct fz_reading *reading)
{
    const struct fz_received *received = reading->received;
    assert(received != NULL);
    struct fz_json_place place = {.place = FZ_IN_BODY, .name = "meta"};
    if (received->fault != FZ_ISSUE_NONE) {
        place.name = received->part;
        return fz_refuse_value(reading, FZ_PARAM_ERROR, received->part[0] == '\0' ? NULL : &place, NULL,
                               received->fault, NULL);
    }
    if (!received->has_meta)
        return fz_refuse_value(reading, FZ_PARAM_ERROR, &place, NULL, FZ_ISSUE_REQUIRED, NULL);
    place.name = "file";
    return received->has_file ? FZ_OK
                              : fz_refuse_value(reading, FZ_PARAM_ERROR, &place, NULL, FZ_ISSUE_REQUIRED, NULL);
}

enum fz_result fz_request_read(const struct fz_reading *reading, const struct fz_route *route,
                               const void *body, size_t body_size, void **out,
                               unsigned char digest[FZ_CONTENT_DIGEST_SIZE])
{
    static const struct fz_json_place meta = {.place = FZ_IN_BODY, .name = "meta"};
    const struct fz_spec *spec = route->spec;
    struct request request = {.reading = reading,
                              .route = route,
                              .members = spec->request,
                              .part = spec->takes_file ? &meta : NULL};
    struct fz_json_tree json;
    fz_json_tree_begin(&json);
    void *target = fz_arena_take(reading->arena, spec->request_size);
    if (target == NULL)
        return FZ_FAILED;
    enum fz_result result = spec->takes_file ? check_parts(reading) : FZ_OK;
    if (result == FZ_OK && fz_has_body(spec))
        result = fz_body_parse(reading, request.part, body, body_size, &json);
    request.body = json.root;
    if (result == FZ_OK)
        result = read_all(&request, target);
    fz_json_tree_done(&json);
    if (result == FZ_OK && spec->writes)
        result = fz_content_digest(spec->request, target, digest);
    if (result == FZ_OK)
        *out = target;
    return result;
}
