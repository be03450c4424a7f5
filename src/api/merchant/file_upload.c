/* Upload a file: papers for a receiver's audit. The book keeps what it is, not the file. */
#include <openssl/crypto.h>
#include <string.h>
#include <strings.h>

#include "api/call/endpoint.h"
#include "base/text.h"
#include "book/merchant/upload.h"
#include "spec/merchant/merchant.h"

struct out {
    struct fz_file_upload_answer answer;
    struct fz_upload upload;
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
    const struct fz_file_upload_request *in = params;
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
    const struct fz_file_upload_request *in = params;
    struct out *kept = out;
    struct fz_upload *upload = &kept->upload;
    fz_copy(upload->caller, sizeof upload->caller, call->caller);
    fz_copy(upload->filename, sizeof upload->filename, in->filename);
    memcpy(upload->sha256, call->received->sha256, sizeof upload->sha256);
    upload->size = call->received->size;
    kept->answer.file_id = upload->file_id;
    return fz_upload_keep(tx, upload);
}

const struct fz_endpoint fz_endpoint_file_upload = {
    .spec = &fz_spec_file_upload,
    .out_size = sizeof(struct out),
    .check = check,
    .work = work,
};
