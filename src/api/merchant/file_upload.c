/* Upload a file: papers for a receiver's audit. The book keeps what it is, not the file. */
#include <openssl/crypto.h>
#include <string.h>
#include <strings.h>

#include "api/call/endpoint.h"
#include "base/text.h"
#include "book/merchant/upload.h"

struct params {
    const char *filename, *sha256, *digest;
};

#define DIGEST(parameter_name, said)                                                                         \
    {                                                                                                        \
        .name = #parameter_name, .place = FZ_IN_BODY, .kind = FZ_STRING, .min = 64,        \
        .max = 64, .letters = FZ_NUMBER_LETTERS, .offset = offsetof(struct params, parameter_name),          \
        .meaning = said                                                                                      \
    }

static const struct fz_member parameters[] = {
    {.name = "filename",
     .place = FZ_IN_BODY,
     .kind = FZ_STRING,
     .required = FZ_BOTH,
     .min = 1,
     .max = 128,
     .offset = offsetof(struct params, filename),
     .meaning = "Name of the file; ends in .pdf, .jpg, .bmp or .png"},
    DIGEST(sha256, "SHA-256 of the file, in hexadecimal digits"),
    DIGEST(digest, "The same by its other name; one of the two is required"),
    {0},
};

static const struct fz_field fields[] = {
    {"file_id", FZ_STRING, 64, true, NULL,
     "Number of the file, for application_file_id and partnership_file_id"},
    {0},
};

static bool has_known_ending(const char *filename)
{
    static const char *const endings[] = {".pdf", ".jpg", ".bmp", ".png"};
    size_t size = strlen(filename);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (size > strlen(endings[i]) && strcasecmp(filename + size - strlen(endings[i]), endings[i]) == 0)
            return true;
    return false;
}

static bool is_digest(const char *text, const unsigned char sha256[FZ_SHA256_SIZE])
{
    char digits[2 * FZ_SHA256_SIZE + 1];
    return OPENSSL_buf2hexstr_ex(digits, sizeof digits, NULL, sha256, FZ_SHA256_SIZE, '\0') == 1 &&
           strcasecmp(text, digits) == 0;
}

static enum fz_result refuse(const struct fz_call *call, const char *field, const char *value,
                             enum fz_issue issue)
{
    return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", field, value, issue);
}

static enum fz_result check(struct fz_call *call, void *params)
{
    const struct params *in = params;
    const struct fz_received *file = call->received;
    if (!has_known_ending(in->filename))
        return refuse(call, "/meta/filename", in->filename, FZ_ISSUE_FILE_ENDING);
    if (in->sha256 == NULL && in->digest == NULL)
        return refuse(call, "/meta/sha256", NULL, FZ_ISSUE_REQUIRED_OR_DIGEST);
    if (file->size == 0)
        return refuse(call, "/file", NULL, FZ_ISSUE_EMPTY);
    if (file->size > FZ_FILE_MAX)
        return refuse(call, "/file", NULL, FZ_ISSUE_FILE_TOO_LARGE);
    if (in->sha256 != NULL && !is_digest(in->sha256, file->sha256))
        return refuse(call, "/meta/sha256", in->sha256, FZ_ISSUE_OTHER_FILE_DIGEST);
    if (in->digest != NULL && !is_digest(in->digest, file->sha256))
        return refuse(call, "/meta/digest", in->digest, FZ_ISSUE_OTHER_FILE_DIGEST);
    return FZ_OK;
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct params *in = params;
    struct fz_upload *upload = out;
    fz_copy(upload->caller, sizeof upload->caller, call->caller);
    fz_copy(upload->filename, sizeof upload->filename, in->filename);
    memcpy(upload->sha256, call->received->sha256, sizeof upload->sha256);
    upload->size = call->received->size;
    return fz_upload_keep(tx, upload);
}

static void answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json)
{
    (void)call;
    (void)params;
    fz_json_object(json, NULL);
    fz_json_string(json, "file_id", ((const struct fz_upload *)out)->file_id);
    fz_json_end_object(json);
}

const struct fz_spec fz_spec_file_upload = {
    .name = "file-upload",
    .method = "POST",
    .paths = {"/v3/global/merchant-storage/file/upload"},
    .request = parameters,
    .fields = fields,
    .request_size = sizeof(struct params),
    .status = 200,
    .writes = true,
    .takes_file = true,
    .example = {
        .body = FZ_JSON({"meta": {"filename": "letter.pdf",
                        "sha256": "861e8bc5e68f55cc5d2b635ca7e5a79a942e3ef30a0e81c7bca73e4b68147df5"},
                        "file": "%PDF-1.4 a letter"}),
        .answer = FZ_JSON({"file_id": "1c6ed54c-b6cb-42bb-b1b2-07a20b955e52"}),
    },
    .title = "Upload a file",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/ch/apis/chapter4_1_11.shtml",
};

const struct fz_endpoint fz_endpoint_file_upload = {
    .spec = &fz_spec_file_upload,
    .out_size = sizeof(struct fz_upload),
    .check = check,
    .work = work,
    .answer = answer,
};
