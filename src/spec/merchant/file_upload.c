/* Upload a file: papers for a receiver's audit. `meta` of the multipart body has the request's members. */
#include "spec/merchant/merchant.h"

#define DIGEST_ROW(which, said)                                                                              \
    FZ_TEXT_OF(fz_file_upload_request, which, 64, 64, .letters = FZ_NUMBER_LETTERS, .meaning = said)

static const struct fz_member fz_file_upload_request_members[] = {
    FZ_TEXT(fz_file_upload_request, filename, 128, .required = FZ_BOTH,
            .meaning = "Name of the file; ends in .pdf, .jpg, .bmp or .png"),
    DIGEST_ROW(sha256, "SHA-256 of the file, in hexadecimal digits"),
    DIGEST_ROW(digest, "The same by its other name; one of the two is required"),
    {0},
};

static const struct fz_member fz_file_upload_answer_members[] = {
    FZ_TEXT(fz_file_upload_answer, file_id, 64, .required = FZ_BOTH,
            .meaning = "Number of the file, for application_file_id and partnership_file_id"),
    {0},
};

const struct fz_spec fz_spec_file_upload = {
    .name = "file-upload",
    .method = "POST",
    .paths = {"/v3/global/merchant-storage/file/upload"},
    FZ_REQUEST(fz_file_upload_request),
    FZ_ANSWER(fz_file_upload_answer),
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
