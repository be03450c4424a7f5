/* Reads the parameters of a request as its endpoint's row declares them: path, query and body in one order,
 * with the rules of modes. */
#include <assert.h>
#include <string.h>

#include "api/reading.h"
#include "base/text.h"

/* A request being read. */
struct reading {
    const struct fz_route *route;
    struct fz_call *call;
    json_t *body;               /* NULL: the endpoint takes none */
    const struct fz_spot *part; /* where it stands; NULL: it is the whole body */
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

static bool is_sub_mchid(const struct fz_parameter *parameter)
{
    return strcmp(parameter->name, "sub_mchid") == 0;
}

/* A sub_mchid from a direct merchant is a question of relation (403), not of grammar; where mchid and
 * sp_mchid tell the modes apart there is no such case. */
bool fz_is_of_mode(const struct fz_parameter *parameter, enum fz_modes mode)
{
    return (parameter->modes & mode) != 0 || is_sub_mchid(parameter);
}

enum fz_result fz_absence(const struct fz_call *call, const struct fz_parameter *parameter,
                          enum fz_modes mode, const struct fz_spot *spot, void *target)
{
    enum fz_row row = is_sub_mchid(parameter) ? FZ_PARAM_NO_SUB_MCHID : FZ_PARAM_ERROR;
    enum fz_issue issue = parameter->required == FZ_BOTH     ? FZ_ISSUE_REQUIRED
                          : parameter->required == FZ_COMMON ? FZ_ISSUE_REQUIRED_IN_COMMON
                                                             : FZ_ISSUE_REQUIRED_IN_INSTITUTIONAL;
    if ((parameter->required & mode) != 0)
        return fz_spot_refuse(call, row, spot, NULL, issue, NULL);
    if (parameter->fallback != NULL)
        *(const char **)fz_slot(parameter, target) = parameter->fallback;
    return FZ_OK;
}

static const struct fz_parameter *declared(const struct fz_endpoint *endpoint, const char *name)
{
    for (const struct fz_parameter *p = endpoint->parameters; p->name != NULL; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

static bool is_given(const struct reading *reading, const char *name)
{
    struct fz_raw raw;
    const struct fz_parameter *parameter = declared(reading->route->endpoint, name);
    if (parameter == NULL)
        return false;
    if (parameter->place == FZ_IN_BODY)
        return json_object_get(reading->body, name) != NULL;
    return fz_query_find(reading->route->query, name, &raw) != FZ_ABSENT;
}

/* Orders and refunds name their merchants, and thereby their mode; funds distribution goes by who signs. */
static enum fz_modes mode_of(const struct reading *reading)
{
    if (declared(reading->route->endpoint, "sp_mchid") != NULL) {
        if (is_given(reading, "sp_mchid") || is_given(reading, "sub_mchid"))
            return FZ_INSTITUTIONAL;
        if (is_given(reading, "mchid"))
            return FZ_COMMON;
    }
    return reading->call->kind == FZ_MERCHANT_INSTITUTION ? FZ_INSTITUTIONAL : FZ_COMMON;
}

/* An institution that names itself as mchid has left out its sub-merchant, or, where it need not name one,
 * means sp_mchid. */
static enum fz_result check_institution(const struct reading *reading, const void *params)
{
    const struct fz_parameter *mchid = declared(reading->route->endpoint, "mchid");
    if (mchid == NULL || reading->mode != FZ_COMMON || reading->call->kind != FZ_MERCHANT_INSTITUTION)
        return FZ_OK;
    if (strcmp(*(const char **)fz_slot(mchid, params), reading->call->caller) != 0)
        return FZ_OK;
    const struct fz_parameter *child = declared(reading->route->endpoint, "sub_mchid");
    bool has_to_be_named = child != NULL && (child->required & FZ_INSTITUTIONAL) != 0;
    struct fz_spot spot = {.place = mchid->place, .name = has_to_be_named ? "sub_mchid" : "sp_mchid"};
    if (has_to_be_named)
        return fz_spot_refuse(reading->call, FZ_PARAM_NO_SUB_MCHID, &spot, NULL,
                              FZ_ISSUE_REQUIRED_WITH_SP_MCHID, NULL);
    return fz_spot_refuse(reading->call, FZ_PARAM_ERROR, &spot, NULL, FZ_ISSUE_REQUIRED_OF_INSTITUTION, NULL);
}

/* ---- path and query ---- */

static enum fz_result find_raw(const struct reading *reading, const struct fz_parameter *parameter,
                               struct fz_raw *out)
{
    if (parameter->place == FZ_IN_QUERY)
        return fz_query_find(reading->route->query, parameter->name, out);
    for (size_t i = 0; i < reading->route->value_count; i++)
        if (strcmp(reading->route->values[i].name, parameter->name) == 0) {
            *out = (struct fz_raw){reading->route->values[i].text, reading->route->values[i].size};
            return FZ_OK;
        }
    return FZ_ABSENT;
}

/* Checks and stores decoded text of whatever kind. */
static enum fz_result check_decoded(const struct fz_call *call, const struct fz_parameter *parameter,
                                    const struct fz_spot *spot, const char *text, size_t size,
                                    const char *shown, void *slot)
{
    int64_t number;
    switch (parameter->kind) {
    case FZ_INTEGER:
        if (strlen(text) != size || fz_parse_int(text, &number) != FZ_OK)
            return fz_spot_refuse(call, FZ_PARAM_ERROR, spot, shown, FZ_ISSUE_NO_INTEGER, NULL);
        return fz_integer_check(call, parameter, spot, shown, number, slot);
    case FZ_BOOLEAN:
        if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
            return fz_spot_refuse(call, FZ_PARAM_ERROR, spot, shown, FZ_ISSUE_NEITHER_TRUE_NOR_FALSE, NULL);
        *(bool *)slot = text[0] == 't';
        return FZ_OK;
    default:
        return fz_text_check(call, parameter, spot, text, size, shown, slot);
    }
}

static enum fz_result read_raw(const struct reading *reading, const struct fz_parameter *parameter,
                               void *target)
{
    struct fz_raw raw = {"", 0};
    const struct fz_call *call = reading->call;
    struct fz_spot spot = {.place = parameter->place, .name = parameter->name};
    enum fz_result found = find_raw(reading, parameter, &raw);
    char sent[sizeof call->error->value];
    fz_copy_part(sent, sizeof sent, raw.text, raw.size);
    if (found == FZ_CONFLICT)
        return fz_spot_refuse(call, FZ_PARAM_ERROR, &spot, sent, FZ_ISSUE_TWICE, NULL);

    if (found != FZ_OK)
        return fz_absence(call, parameter, reading->mode, &spot, target);
    if (!fz_is_of_mode(parameter, reading->mode))
        return fz_spot_refuse(call, FZ_PARAM_ERROR, &spot, sent, fz_mode_issue(parameter->modes), NULL);

    const char *text;
    size_t size;
    enum fz_result result =
        fz_percent_decode(call->arena, raw, parameter->place == FZ_IN_QUERY, &text, &size);
    if (result == FZ_MALFORMED)
        return fz_spot_refuse(call, FZ_PARAM_ERROR, &spot, sent, FZ_ISSUE_BROKEN_ESCAPE, NULL);
    if (result != FZ_OK)
        return result;
    const char *shown = strlen(text) == size ? text : sent;
    return check_decoded(call, parameter, &spot, text, size, shown, fz_slot(parameter, target));
}

/* ---- all of them ---- */

static enum fz_result read_all(struct reading *reading, void *target)
{
    const struct fz_endpoint *endpoint = reading->route->endpoint;
    enum fz_result result = fz_query_known(reading->call, endpoint->parameters, reading->route->query);
    if (result == FZ_OK && reading->body != NULL)
        result = fz_members_known(reading->call, endpoint->parameters, reading->part, reading->body);
    reading->mode = mode_of(reading);
    for (const struct fz_parameter *p = endpoint->parameters; result == FZ_OK && p->name != NULL; p++)
        result = p->place == FZ_IN_BODY
                     ? fz_member_read(reading->call, p, reading->mode, reading->part, reading->body, target)
                     : read_raw(reading, p, target);
    if (result == FZ_OK)
        result = check_institution(reading, target);
    if (result == FZ_OK && endpoint->writes)
        result = fz_content_digest(endpoint->parameters, target, reading->call->digest);
    return result;
}

static bool takes_body(const struct fz_endpoint *endpoint)
{
    for (const struct fz_parameter *p = endpoint->parameters; p->name != NULL; p++)
        if (p->place == FZ_IN_BODY)
            return true;
    return false;
}

/* The form of a multipart body. */
static enum fz_result check_parts(const struct fz_call *call)
{
    const struct fz_received *received = call->received;
    assert(received != NULL);
    struct fz_spot spot = {.place = FZ_IN_BODY, .name = "meta"};
    if (received->fault != FZ_ISSUE_NONE) {
        spot.name = received->part;
        return fz_spot_refuse(call, FZ_PARAM_ERROR, received->part[0] == '\0' ? NULL : &spot, NULL,
                              received->fault, NULL);
    }
    if (!received->has_meta)
        return fz_spot_refuse(call, FZ_PARAM_ERROR, &spot, NULL, FZ_ISSUE_REQUIRED, NULL);
    spot.name = "file";
    return received->has_file ? FZ_OK : fz_spot_refuse(call, FZ_PARAM_ERROR, &spot, NULL, FZ_ISSUE_REQUIRED, NULL);
}

enum fz_result fz_parameters_read(const struct fz_route *route, struct fz_call *call, const void *body,
                                  size_t body_size, void **params)
{
    static const struct fz_spot meta = {.place = FZ_IN_BODY, .name = "meta"};
    struct reading reading = {
        .route = route, .call = call, .part = route->endpoint->takes_file ? &meta : NULL};
    void *target = fz_arena_take(call->arena, route->endpoint->params_size);
    if (target == NULL)
        return FZ_FAILED;
    enum fz_result result = route->endpoint->takes_file ? check_parts(call) : FZ_OK;
    if (result == FZ_OK && takes_body(route->endpoint))
        result = fz_body_parse(call, reading.part, body, body_size, &reading.body);
    if (result != FZ_OK)
        return result;
    result = read_all(&reading, target);
    json_decref(reading.body);
    if (result == FZ_OK)
        *params = target;
    return result;
}
