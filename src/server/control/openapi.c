/* The OpenAPI 3.1 document of the control interface, made from its rows. What a call's members mean is told in
 * docs/control.md. */
#include "server/control/openapi.h"

#include <string.h>

#include "base/text.h"
#include "server/control/calls/routes.h"
#include "spec/server/openapi.h"

static const char about[] =
    "The world outside of a Fenzhang: the payer, the bank, the auditor, the clock. Not part of the vendor's "
    "API, and not signed. Amounts in fen, times RFC 3339. What every member means: docs/control.md.";

/* The path with the name of its argument, as OpenAPI writes it. */
static void write_path(const struct fz_control_route *route, struct fz_text *out)
{
    const char *star = strchr(route->path, '*');
    if (star == NULL)
        fz_text_string(out, route->path);
    else
        fz_text_format(out, "%.*s{%s}%s", (int)(star - route->path), route->path, route->argument, star + 1);
}

static json_t *properties_json(struct fz_openapi_making *making, const struct fz_control_member *members);

/* New. What values a member has. */
static json_t *schema_json(struct fz_openapi_making *making, const struct fz_control_member *member)
{
    static const char *const types[] = {[FZ_CONTROL_TEXT] = "string",     [FZ_CONTROL_INTEGER] = "integer",
                                        [FZ_CONTROL_BOOLEAN] = "boolean", [FZ_CONTROL_TEXT_OR_INTEGER] = "string",
                                        [FZ_CONTROL_TEXTS] = "array",     [FZ_CONTROL_OBJECT] = "object"};
    json_t *kinds = json_pack("[s]", types[member->type]);
    if (member->type == FZ_CONTROL_TEXT_OR_INTEGER)
        fz_openapi_append(making, kinds, json_string("integer"));
    if (member->or_null)
        fz_openapi_append(making, kinds, json_string("null"));
    json_t *schema =
        json_array_size(kinds) == 1 ? json_pack("{s:s}", "type", types[member->type]) : json_pack("{s:O}", "type", kinds);
    json_decref(kinds);
    if (member->type == FZ_CONTROL_TEXTS)
        fz_openapi_set(making, schema, "items", json_pack("{s:s}", "type", "string"));
    if (member->members != NULL)
        fz_openapi_set(making, schema, "properties", properties_json(making, member->members));
    return schema;
}

static json_t *properties_json(struct fz_openapi_making *making, const struct fz_control_member *members)
{
    json_t *properties = json_object();
    for (const struct fz_control_member *member = members; member->name != NULL; member++) {
        json_t *schema = schema_json(making, member);
        fz_openapi_set(making, schema, "description", json_string(member->about));
        fz_openapi_set(making, properties, member->name, schema);
    }
    return properties;
}

/* New. One parameter; without an example if that is NULL. */
static json_t *parameter_json(const char *name, bool in_path, json_t *schema, const char *meaning, json_t *example)
{
    return json_pack("{s:s, s:s, s:b, s:o, s:s*, s:O*}", "name", name, "in", in_path ? "path" : "query", "required", in_path,
                     "schema", schema, "description", meaning, "example", example);
}

/* New. The path's argument, and what the query may have. */
static json_t *parameters_json(struct fz_openapi_making *making, const struct fz_control_route *route)
{
    json_t *examples = fz_openapi_example(making, route->example.parameters), *parameters = json_array();
    if (route->argument != NULL)
        fz_openapi_append(making, parameters,
                          parameter_json(route->argument, true, json_pack("{s:s}", "type", "string"), NULL,
                                         json_object_get(examples, route->argument)));
    const struct fz_control_member *member = fz_control_has_body(route) ? NULL : route->members;
    for (; member != NULL && member->name != NULL; member++)
        fz_openapi_append(making, parameters,
                          parameter_json(member->name, false, schema_json(making, member), member->about,
                                         json_object_get(examples, member->name)));
    json_decref(examples);
    return parameters;
}

/* New. What the body may have, and what it has to. */
static json_t *body_json(struct fz_openapi_making *making, const struct fz_control_route *route)
{
    json_t *required = json_array();
    const struct fz_control_member *member = route->members;
    for (; member != NULL && member->name != NULL; member++)
        if (member->required)
            fz_openapi_append(making, required, json_string(member->name));
    json_t *schema = json_pack("{s:s, s:b}", "type", "object", "additionalProperties", false);
    if (route->members != NULL)
        fz_openapi_set(making, schema, "properties", properties_json(making, route->members));
    if (json_array_size(required) > 0)
        fz_openapi_set(making, schema, "required", json_incref(required));
    json_decref(required);
    return json_pack("{s:{s:{s:o}}}", "content", "application/json", "schema", schema);
}

/* An operation's schema, alone. */
json_t *fz_control_body_schema(const char *call)
{
    struct fz_openapi_making making = {0};
    json_t *body = body_json(&making, fz_control_route_named(call));
    json_t *schema = json_incref(json_object_get(json_object_get(json_object_get(body, "content"), "application/json"), "schema"));
    json_decref(body);
    if (!making.failed)
        return schema;
    json_decref(schema);
    return NULL;
}

/* New. A content of that kind. */
static json_t *content_json(const char *kind, const char *type)
{
    return json_pack("{s:{s:{s:{s:s}}}}", "content", kind, "schema", "type", type);
}

/* New. JSON, but for what is told line by line. */
static json_t *answer_json(struct fz_openapi_making *making, const struct fz_control_route *route)
{
    bool is_object = route->example.answer != NULL && route->example.answer[0] == '{';
    bool is_stream = strstr(route->path, "/stream") != NULL;
    json_t *answer = content_json(is_object   ? "application/json"
                                  : is_stream ? "text/event-stream"
                                              : "text/plain",
                                  is_object ? "object" : "string");
    fz_openapi_set(making, answer, "description", json_string("Done"));
    return answer;
}

static json_t *operation_json(struct fz_openapi_making *making, const struct fz_control_route *route)
{
    json_t *answer = answer_json(making, route);
    json_t *body = fz_control_has_body(route) ? body_json(making, route) : NULL;
    fz_openapi_show_example(making, &route->example, body, answer);
    json_t *operation = json_pack("{s:o, s:s, s:o, s:{s:o, s:{s:s}}, s:o*}", "operationId",
                                  json_sprintf("%s %s", route->method, route->path), "summary", route->title, "parameters",
                                  parameters_json(making, route), "responses", "200", answer, "default", "$ref",
                                  "#/components/responses/Refusal", "requestBody", body);
    if (route->example.after != NULL)
        fz_openapi_set(making, operation, "x-fenzhang-example", json_pack("{s:s}", "after", route->example.after));
    return operation;
}

static void add_route(struct fz_openapi_making *making, json_t *paths, const struct fz_control_route *route)
{
    struct fz_text path = {.max = 200};
    write_path(route, &path);
    const char *key = path.data == NULL ? "" : path.data;
    json_t *item = json_object_get(paths, key);
    if (item == NULL) {
        fz_openapi_set(making, paths, key, json_object());
        item = json_object_get(paths, key);
    }
    const char *method = strcmp(route->method, "GET") == 0 ? "get" : strcmp(route->method, "POST") == 0 ? "post" : "delete";
    fz_openapi_set(making, item, method, operation_json(making, route));
    making->failed |= path.failed;
    fz_text_done(&path);
}

json_t *fz_control_openapi(void)
{
    struct fz_openapi_making making = {0};
    size_t count;
    const struct fz_control_route *routes = fz_control_routes(&count);
    json_t *paths = json_object();
    for (size_t i = 0; i < count; i++)
        add_route(&making, paths, &routes[i]);
    json_t *document =
        json_pack("{s:s, s:{s:s, s:s, s:s}, s:[{s:s}], s:o, s:{s:{s:{s:s, s:{s:{s:{s:s, s:[s]}}}}}}}", "openapi", "3.1.0",
                  "info", "title", "Fenzhang's control interface", "version", FZ_VERSION, "description", about, "servers",
                  "url", "http://127.0.0.1:8081", "paths", paths, "components", "responses", "Refusal", "description",
                  "Refused: what happened, why, what to do", "content", "application/json", "schema", "type", "object",
                  "required", "error");
    if (!making.failed)
        return document;
    json_decref(document);
    return NULL;
}
