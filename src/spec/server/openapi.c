/* The OpenAPI 3.1 document of all calls, made from their rows. */
#include "spec/calls.h"
#include "spec/error/error.h"
#include "spec/server/openapi.h"

static const char about[] = "A durable stand-in for the refund and funds-distribution API v3 of WeChat Pay "
                            "Global. Every request is signed, as every answer to a signed request is. "
                            "Common mode: a merchant that is connected directly. Institutional mode: an "
                            "institution acts for its sub-merchants.";

static const char about_signature[] =
    "WECHATPAY2-SHA256-RSA2048 mchid=\"…\",nonce_str=\"…\",signature=\"…\",timestamp=\"…\",serial_no=\"…\": "
    "signature is the RSA (PKCS #1 v1.5) SHA-256 "
    "signature, in base64, over method, path with query as sent, timestamp in seconds, nonce and body, each "
    "followed by a line feed.";

/* New. A parameter of path or query. */
static json_t *parameter_json(struct fz_openapi_making *making, const struct fz_member *member,
                              const json_t *examples)
{
    json_t *schema = fz_openapi_member_schema(making, member);
    if (json_object_del(schema, "description") != 0)
        making->failed = true;
    return json_pack("{s:s, s:s, s:b, s:o, s:o, s:O*}", "name", member->name, "in",
                     member->place == FZ_IN_PATH ? "path" : "query", "required",
                     member->place == FZ_IN_PATH || member->required == FZ_BOTH, "description",
                     fz_openapi_description(member), "schema", schema, "example",
                     json_object_get(examples, member->name));
}

static json_t *parameters_json(struct fz_openapi_making *making, const struct fz_spec *spec,
                               bool *has_body)
{
    json_t *parameters = json_array(), *examples = fz_openapi_example(making, spec->example.parameters);
    *has_body = false;
    for (const struct fz_member *p = spec->request; p->name != NULL; p++) {
        if (p->place == FZ_IN_BODY)
            *has_body = true;
        else
            fz_openapi_append(making, parameters, parameter_json(making, p, examples));
    }
    json_decref(examples);
    return parameters;
}

static json_t *responses_json(struct fz_openapi_making *making, const struct fz_spec *spec)
{
    json_t *good;
    if (spec->answers_file == FZ_FILE_WITH_SHA1)
        good = json_pack("{s:s, s:{s:{s:{s:s}}}, s:{s:{s:s, s:{s:s, s:s}}}}", "description",
                         "The file. The answer's signature covers {\"sha1\":\"…\"} in place of the body",
                         "content", "text/plain", "schema", "type", "string", "headers",
                         "Wechatpay-Statement-Sha1", "description", "SHA-1 of the file, uncompressed",
                         "schema", "type", "string", "pattern", "^[0-9a-f]{40}$");
    else if (spec->answers_file)
        good = json_pack("{s:s, s:{s:{s:{s:s}}}}", "description", "The file", "content", "text/plain",
                         "schema", "type", "string");
    else if (spec->answer == NULL)
        good = json_pack("{s:s}", "description", "Done");
    else
        good = json_pack("{s:s, s:{s:{s:o}}}", "description", "Success", "content", "application/json",
                         "schema", fz_openapi_answer_schema(making, spec->answer));
    json_t *responses = json_object();
    fz_openapi_set(making, responses, spec->status == 204 ? "204" : "200", good);
    fz_openapi_set(making, responses, "default",
                   json_pack("{s:s}", "$ref", "#/components/responses/Refusal"));
    return responses;
}

static json_t *body_json(struct fz_openapi_making *making, const struct fz_spec *spec)
{
    json_t *schema = fz_openapi_body_schema(making, spec->request);
    if (!spec->takes_file)
        return json_pack("{s:b, s:{s:{s:o}}}", "required", 1, "content", "application/json", "schema",
                         schema);
    return json_pack("{s:b, s:{s:{s:{s:s, s:{s:{s:s, s:s, s:s, s:o}, s:{s:s, s:s}}, s:[s, s]}}}}", "required",
                     1, "content", "multipart/form-data", "schema", "type", "object", "properties", "meta",
                     "type", "string", "description",
                     "What the file is; the request's signature covers this JSON alone", "contentMediaType",
                     "application/json", "contentSchema", schema, "file", "type", "string",
                     "contentMediaType", "application/octet-stream", "required", "meta", "file");
}

/* Whoever repeats the example has to know who calls, and what comes before. */
static void add_example(struct fz_openapi_making *making, json_t *operation, const struct fz_spec *spec)
{
    const struct fz_example *example = &spec->example;
    json_t *answer = json_object_get(json_object_get(operation, "responses"), spec->status == 204 ? "204" : "200");
    fz_openapi_show_example(making, example, json_object_get(operation, "requestBody"), answer);
    fz_openapi_set(making, operation, "x-fenzhang-example",
                   json_pack("{s:s, s:s*}", "caller", example->direct ? "direct" : "institution", "after", example->after));
}

/* The same operation under another path needs another name. */
static json_t *operation_json(struct fz_openapi_making *making, const struct fz_spec *spec,
                              size_t path)
{
    bool has_body;
    json_t *parameters = parameters_json(making, spec, &has_body);
    json_t *id = path == 0 ? json_string(spec->name) : json_sprintf("%s-%zu", spec->name, path + 1);
    json_t *operation = json_pack("{s:o, s:s, s:{s:s}, s:o, s:o}", "operationId", id, "summary",
                                  spec->title, "externalDocs", "url", spec->document, "parameters",
                                  parameters, "responses", responses_json(making, spec));
    if (has_body)
        fz_openapi_set(making, operation, "requestBody", body_json(making, spec));
    add_example(making, operation, spec);
    return operation;
}

static void method_key(const char *method, char out[16])
{
    size_t i = 0;
    for (; method[i] != '\0' && i < 15; i++)
        out[i] = (char)(method[i] | 0x20); /* an upper-case letter's lower case */
    out[i] = '\0';
}

static void add_path(struct fz_openapi_making *making, json_t *paths, const struct fz_spec *spec,
                     size_t path)
{
    char method[16];
    method_key(spec->method, method);
    json_t *item = json_object_get(paths, spec->paths[path]);
    if (item == NULL) {
        fz_openapi_set(making, paths, spec->paths[path], json_object());
        item = json_object_get(paths, spec->paths[path]);
    }
    fz_openapi_set(making, item, method, operation_json(making, spec, path));
}

static json_t *paths_json(struct fz_openapi_making *making)
{
    size_t count;
    const struct fz_spec *const *specs = fz_specs(&count);
    json_t *paths = json_object();
    for (size_t i = 0; i < count; i++)
        for (size_t path = 0; path < FZ_PATHS_MAX && specs[i]->paths[path] != NULL; path++)
            add_path(making, paths, specs[i], path);
    return paths;
}

/* `detail` is open: a SIGN_ERROR's has sign_information instead of a parameter. */
static json_t *refusal_schema(struct fz_openapi_making *making)
{
    json_t *refusal = fz_openapi_answer_schema(making, fz_error_answer_members);
    json_t *properties = json_object_get(refusal, "properties");
    json_t *meaning = json_object_get(json_object_get(properties, "detail"), "description");
    fz_openapi_set(making, properties, "detail",
                   json_pack("{s:O, s:[o, {s:s}]}", "description", meaning, "anyOf",
                             fz_openapi_answer_schema(making, fz_error_parameter_members), "type", "object"));
    return refusal;
}

static json_t *components_json(struct fz_openapi_making *making)
{
    return json_pack("{s:{s:o}, s:{s:{s:s, s:{s:{s:{s:s}}}}}, s:{s:{s:s, s:s, s:s, s:s}}}", "schemas",
                     "Refusal", refusal_schema(making), "responses", "Refusal", "description", "Refused",
                     "content", "application/json", "schema", "$ref", "#/components/schemas/Refusal", "securitySchemes",
                     "signature", "type", "apiKey", "in", "header", "name", "Authorization", "description",
                     about_signature);
}

json_t *fz_openapi(void)
{
    struct fz_openapi_making making = {0};
    json_t *document = json_pack("{s:s, s:{s:s, s:s, s:s}, s:[{s:s}], s:[{s:[]}], s:o, s:o}", "openapi",
                                 "3.1.0", "info", "title", "Fenzhang", "version", FZ_VERSION, "description",
                                 about, "servers", "url", "http://127.0.0.1:8080", "security", "signature",
                                 "paths", paths_json(&making), "components", components_json(&making));
    if (!making.failed)
        return document;
    json_decref(document);
    return NULL;
}
