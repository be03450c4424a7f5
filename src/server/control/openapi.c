/* The OpenAPI 3.1 document of the control interface, made from its rows. What a call's members mean is told in docs/control.md. */
#include "server/control/openapi.h"

#include <string.h>

#include "base/text.h"
#include "server/control/calls/routes.h"
#include "spec/server/openapi.h"

static const char about[] = "The world outside of a Fenzhang: the payer, the bank, the auditor, the clock. Not part of the vendor's "
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

/* New. The parameters that the example has: the path's, and the query's. */
static json_t *parameters_json(struct fz_openapi_making *making, const struct fz_control_route *route)
{
    json_t *examples = fz_openapi_example(making, route->example.parameters), *parameters = json_array();
    const char *name;
    json_t *value;
    json_object_foreach(examples, name, value)
    {
        bool in_path = route->argument != NULL && strcmp(name, route->argument) == 0;
        fz_openapi_append(making, parameters,
                          json_pack("{s:s, s:s, s:b, s:{s:s}, s:O}", "name", name, "in", in_path ? "path" : "query",
                                    "required", in_path, "schema", "type", json_is_integer(value) ? "integer" : "string",
                                    "example", value));
    }
    json_decref(examples);
    return parameters;
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
    json_t *answer = content_json(is_object ? "application/json" : is_stream ? "text/event-stream" : "text/plain",
                                  is_object ? "object" : "string");
    fz_openapi_set(making, answer, "description", json_string("Done"));
    return answer;
}

static json_t *operation_json(struct fz_openapi_making *making, const struct fz_control_route *route)
{
    json_t *answer = answer_json(making, route);
    json_t *body = route->example.body == NULL ? NULL : content_json("application/json", "object");
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
    json_t *document = json_pack(
        "{s:s, s:{s:s, s:s, s:s}, s:[{s:s}], s:o, s:{s:{s:{s:s, s:{s:{s:{s:s, s:[s]}}}}}}}", "openapi", "3.1.0", "info",
        "title", "Fenzhang's control interface", "version", FZ_VERSION, "description", about, "servers", "url",
        "http://127.0.0.1:8081", "paths", paths, "components", "responses", "Refusal", "description",
        "Refused: what happened, why, what to do", "content", "application/json", "schema", "type", "object", "required",
        "error");
    if (!making.failed)
        return document;
    json_decref(document);
    return NULL;
}
