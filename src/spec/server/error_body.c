/* Bodies of refusals. */
#include "spec/server/error_body.h"

#include <assert.h>
#include <string.h>

#include "spec/error/error.h"
#include "spec/row/json.h"
#include "wire/doctor/doctor.h"

#define BODY_CHARACTERS        8 /* of a body in the diagnosis, as the vendor cuts it */
#define CLEAN_SIZE(characters) (3 * (characters) + 1)

_Static_assert(FZ_DIAGNOSIS_MISTAKES == 1 + FZ_ERROR_ALSO_MAX, "all mistakes are told");
_Static_assert(sizeof((struct fz_diagnosis){0}.says) <= FZ_ERROR_MEANING_MAX, "what it says is told whole");
_Static_assert(FZ_DIAGNOSIS_LINE <= FZ_ERROR_LINE_MAX, "its lines are told whole");

/* The answer's texts that were not there already. */
struct made {
    char field[CLEAN_SIZE(FZ_ERROR_TEXT_MAX)];
    char value[CLEAN_SIZE(FZ_ERROR_TEXT_MAX)];
    char issue[CLEAN_SIZE(FZ_ERROR_TEXT_MAX)];
    char location[CLEAN_SIZE(FZ_ERROR_TEXT_MAX)];
    char method[CLEAN_SIZE(FZ_ERROR_TEXT_MAX)];
    char url[CLEAN_SIZE(FZ_ERROR_URL_MAX)];
    struct fz_text message;
    const char *also[FZ_ERROR_ALSO_MAX];
};

/* What a peer sent, as text that cannot break anything, in `out` of CLEAN_SIZE. */
static const char *clean(char *out, size_t size, const char *text)
{
    fz_copy_clean(out, size, text, strlen(text), size / 3);
    return out;
}

/* `field` is the name of a parameter, or of a body the JSON Pointer; under /hk/v3 that has its older form. */
static void tell_parameter(const struct fz_error *error, const struct fz_manner *manner, struct made *made,
                           struct fz_error_detail *out)
{
    static const char old_root[] = "#/properties";
    char field[sizeof old_root + sizeof error->field] = "";
    if (manner->old_spelling && strcmp(error->location, "body") == 0)
        fz_copy(field, sizeof field, error->field[0] == '\0' ? "#" : old_root);
    strcat(field, error->field);

    out->field = clean(made->field, sizeof made->field, field);
    out->value = clean(made->value, sizeof made->value, error->value);
    const char *issue = manner->chinese ? error->issue_chinese : error->issue;
    out->issue = clean(made->issue, sizeof made->issue, issue);
    if (error->location[0] != '\0')
        out->location = clean(made->location, sizeof made->location, error->location);
}

static void add_line(struct fz_text *message, const char *text)
{
    char clean[CLEAN_SIZE(FZ_ERROR_URL_MAX)];
    fz_copy_clean(clean, sizeof clean, text, strlen(text), FZ_ERROR_URL_MAX);
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

/* What the server took for the signed message. */
static void tell_message(const struct fz_sign_information *sign, struct made *made,
                         struct fz_error_sign_information *out)
{
    add_line(&made->message, sign->method);
    add_line(&made->message, sign->url);
    add_line(&made->message, sign->timestamp);
    add_line(&made->message, sign->nonce);
    add_body_start(&made->message, sign->body, sign->body_size);
    out->truncated_sign_message = made->message.data;
    out->truncated_sign_message_size = made->message.size;
    out->sign_message_length = (int64_t)(strlen(sign->method) + strlen(sign->url) + strlen(sign->timestamp) +
                                         strlen(sign->nonce) + sign->body_size + 5);
    out->method = clean(made->method, sizeof made->method, sign->method);
    out->url = clean(made->url, sizeof made->url, sign->url);
}

/* The vendor nests `detail` in `detail` here. */
static void tell_signature(const struct fz_sign_information *sign, struct made *made,
                           struct fz_error_detail *out)
{
    out->has_detail = true;
    out->detail.issue = "sign not match";
    out->field = "signature";
    out->location = "authorization";
    out->has_sign_information = true;
    tell_message(sign, made, &out->sign_information);
}

/* What the signature doctor found. */
static void tell_diagnosis(const struct fz_diagnosis *diagnosis, struct made *made,
                           struct fz_error_diagnosis *out)
{
    *out = (struct fz_error_diagnosis){
        .mistake = diagnosis->mistake, .also = made->also, .message = diagnosis->says};
    for (size_t i = 0; i < FZ_ERROR_ALSO_MAX && diagnosis->also[i] != NULL; i++)
        made->also[out->also_count++] = diagnosis->also[i];
    if (diagnosis->differs) {
        out->has_offset = out->has_line = true;
        out->offset = diagnosis->offset;
        out->line = diagnosis->line;
        out->signed_line = diagnosis->signed_line;
        out->expected = diagnosis->expected_line;
    }
}

static void tell(const struct fz_error *error, const struct fz_manner *manner,
                 const struct fz_sign_information *sign, struct made *made, struct fz_error_answer *out)
{
    const struct fz_row_text *row = fz_row_text(error->row);
    out->code = manner->old_spelling ? row->hk_code : row->code;
    out->message = manner->chinese ? row->chinese : fz_row_english(error->row, manner->old_spelling);
    bool of_parameter = strcmp(row->code, "PARAM_ERROR") == 0;
    bool of_signature = error->row == FZ_SIGN_MISMATCH && sign != NULL;
    out->has_detail = of_parameter || of_signature;
    if (of_parameter)
        tell_parameter(error, manner, made, &out->detail);
    else if (of_signature)
        tell_signature(sign, made, &out->detail);
    out->has_diagnosis = sign != NULL && sign->diagnosis != NULL && sign->diagnosis->mistake != NULL;
    if (out->has_diagnosis)
        tell_diagnosis(sign->diagnosis, made, &out->diagnosis);
}

/* A body that is not whole is taken back. */
static enum fz_result write_answer(struct fz_text *out, const struct fz_error_answer *answer)
{
    size_t before = out->size;
    struct fz_json json = {.text = *out};
    fz_members_write(&json, NULL, fz_error_answer_members, answer);
    *out = json.text;
    if (!out->failed)
        return FZ_OK;
    out->size = before;
    if (out->data != NULL)
        out->data[before] = '\0';
    return FZ_FULL;
}

enum fz_result fz_error_body_write(struct fz_text *out, const struct fz_error *error,
                                   const struct fz_manner *manner, const struct fz_sign_information *sign)
{
    assert(error->row != FZ_ROW_NONE);
    struct fz_error_answer answer = {0};
    struct made made;
    made.message = (struct fz_text){.max = 65536};
    tell(error, manner, sign, &made, &answer);
    enum fz_result result = made.message.failed ? FZ_FAILED : write_answer(out, &answer);
    fz_text_done(&made.message);
    return result;
}
