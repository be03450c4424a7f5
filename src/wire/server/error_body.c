/* Bodies of refusals. */
#include "wire/server/error_body.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "wire/doctor/doctor.h"

#define DETAIL_CHARACTERS      256  /* S-RQ: string(256) */
#define URL_CHARACTERS         2048 /* of a target in the diagnosis */
#define BODY_CHARACTERS        8    /* of a body in the diagnosis, as the vendor cuts it */
#define CLEAN_SIZE(characters) (3 * (characters) + 1)

/* Takes `value` over. A failure is kept in `failed`. */
static void set(json_t *object, const char *name, json_t *value, bool *failed)
{
    if (json_object_set_new_nocheck(object, name, value) != 0)
        *failed = true;
}

/* What a peer sent, as text that cannot break anything. */
static void set_clean(json_t *object, const char *name, const char *text, bool *failed)
{
    char clean[CLEAN_SIZE(DETAIL_CHARACTERS)];
    fz_copy_clean(clean, sizeof clean, text, strlen(text), DETAIL_CHARACTERS);
    set(object, name, json_string_nocheck(clean), failed);
}

/* New. `field` is the name of a parameter, or for a body the JSON Pointer; under /hk/v3 that has its older
 * form. */
static json_t *parameter_detail(const struct fz_error *error, const struct fz_manner *manner, bool *failed)
{
    static const char old_root[] = "#/properties";
    char field[sizeof old_root + sizeof error->field] = "";
    if (manner->old_spelling && strcmp(error->location, "body") == 0)
        fz_copy(field, sizeof field, error->field[0] == '\0' ? "#" : old_root);
    strcat(field, error->field);

    json_t *detail = json_object();
    set_clean(detail, "field", field, failed);
    set_clean(detail, "value", error->value, failed);
    set_clean(detail, "issue", manner->chinese ? error->issue_chinese : error->issue, failed);
    if (error->location[0] != '\0')
        set_clean(detail, "location", error->location, failed);
    return detail;
}

static void add_line(struct fz_text *message, const char *text)
{
    char clean[CLEAN_SIZE(URL_CHARACTERS)];
    fz_copy_clean(clean, sizeof clean, text, strlen(text), URL_CHARACTERS);
    fz_text_string(message, clean);
    fz_text_string(message, "\n");
}

/* The first characters of the body. Control characters stay (JSON escapes them): a line end that the signer's
 * body did not have is just what the diagnosis is for. */
static void add_body_start(struct fz_text *message, const char *body, size_t size)
{
    size_t at = 0;
    for (int i = 0; i < BODY_CHARACTERS && at < size; i++) {
        size_t step = 1;
        while (step < 3 && at + step < size && fz_utf8_length(body + at, step) != 1)
            step++;
        bool whole = fz_utf8_length(body + at, step) == 1;
        fz_text_add(message, whole ? body + at : "?", whole ? step : 1);
        at += whole ? step : 1;
    }
    fz_text_string(message, "\n");
}

/* New. What the server took for the signed message. */
static json_t *sign_information(const struct fz_sign_information *sign, bool *failed)
{
    struct fz_text message = {.max = 65536};
    add_line(&message, sign->method);
    add_line(&message, sign->url);
    add_line(&message, sign->timestamp);
    add_line(&message, sign->nonce);
    add_body_start(&message, sign->body, sign->body_size);
    size_t length = strlen(sign->method) + strlen(sign->url) + strlen(sign->timestamp) + strlen(sign->nonce) +
                    sign->body_size + 5;
    char url[CLEAN_SIZE(URL_CHARACTERS)];
    fz_copy_clean(url, sizeof url, sign->url, strlen(sign->url), URL_CHARACTERS);

    json_t *information = json_object();
    set_clean(information, "method", sign->method, failed);
    set(information, "sign_message_length", json_integer((json_int_t)length), failed);
    if (message.failed)
        *failed = true;
    else
        set(information, "truncated_sign_message", json_stringn_nocheck(message.data, message.size), failed);
    set(information, "url", json_string_nocheck(url), failed);
    fz_text_done(&message);
    return information;
}

/* New. The vendor nests `detail` in `detail` here. */
static json_t *signature_detail(const struct fz_sign_information *sign, bool *failed)
{
    json_t *inner = json_object();
    set(inner, "issue", json_string_nocheck("sign not match"), failed);
    json_t *detail = json_object();
    set(detail, "detail", inner, failed);
    set(detail, "field", json_string_nocheck("signature"), failed);
    set(detail, "location", json_string_nocheck("authorization"), failed);
    set(detail, "sign_information", sign_information(sign, failed), failed);
    return detail;
}

/* New. What the signature doctor found. */
static json_t *diagnosis_json(const struct fz_diagnosis *diagnosis, bool *failed)
{
    json_t *json = json_object();
    set(json, "mistake", json_string_nocheck(diagnosis->mistake), failed);
    json_t *also = json_array();
    for (size_t i = 0; i + 1 < FZ_DIAGNOSIS_MISTAKES && diagnosis->also[i] != NULL; i++)
        if (json_array_append_new(also, json_string_nocheck(diagnosis->also[i])) != 0)
            *failed = true;
    set(json, "also", also, failed);
    set(json, "message", json_string(diagnosis->says), failed);
    if (diagnosis->differs) {
        set(json, "offset", json_integer((json_int_t)diagnosis->offset), failed);
        set(json, "line", json_integer(diagnosis->line), failed);
        set(json, "signed", json_string(diagnosis->signed_line), failed);
        set(json, "expected", json_string(diagnosis->expected_line), failed);
    }
    return json;
}

enum fz_result fz_error_body_write(struct fz_text *out, const struct fz_error *error,
                                   const struct fz_manner *manner, const struct fz_sign_information *sign)
{
    assert(error->row != FZ_ROW_NONE);
    const struct fz_row_text *row = fz_row_text(error->row);
    bool failed = false;
    json_t *body = json_object();
    set(body, "code", json_string(manner->old_spelling ? row->hk_code : row->code), &failed);
    const char *english = fz_row_english(error->row, manner->old_spelling);
    set(body, "message", json_string(manner->chinese ? row->chinese : english), &failed);
    if (strcmp(row->code, "PARAM_ERROR") == 0)
        set(body, "detail", parameter_detail(error, manner, &failed), &failed);
    else if (error->row == FZ_SIGN_MISMATCH && sign != NULL)
        set(body, "detail", signature_detail(sign, &failed), &failed);
    if (sign != NULL && sign->diagnosis != NULL && sign->diagnosis->mistake != NULL)
        set(body, "diagnosis", diagnosis_json(sign->diagnosis, &failed), &failed);
    char *text = failed ? NULL : json_dumps(body, JSON_COMPACT);
    json_decref(body);
    if (text == NULL)
        return FZ_FAILED;
    fz_text_string(out, text);
    free(text);
    return out->failed ? FZ_FULL : FZ_OK;
}
