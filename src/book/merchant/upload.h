/* Uploads: the papers that a merchant hands in for a receiver's audit. The book keeps what is known of a
 * file; the file itself, which nobody can read back through the API, is not kept. */
#ifndef FZ_BOOK_MERCHANT_UPLOAD_H
#define FZ_BOOK_MERCHANT_UPLOAD_H

#include "book/merchant/merchant.h"

#define FZ_FILE_ID_SIZE  37
#define FZ_FILENAME_SIZE 385
#define FZ_SHA256_SIZE   32

struct fz_upload {
    int64_t id;
    char file_id[FZ_FILE_ID_SIZE]; /* drawn, in the form of a UUID */
    char caller[FZ_MCHID_SIZE];
    char filename[FZ_FILENAME_SIZE];
    unsigned char sha256[FZ_SHA256_SIZE];
    int64_t size; /* bytes */
    int64_t created_ms;
};

/* Takes down an upload (id, file_id and created_ms are set). The same file under the same name again is
 * the upload that it was. */
FZ_MUST_CHECK enum fz_result fz_upload_keep(struct fz_tx *tx, struct fz_upload *upload);
/* FZ_OK if `file_id` is an upload of `caller`, else FZ_ABSENT. */
FZ_MUST_CHECK enum fz_result fz_upload_find(struct fz_tx *tx, const char *caller, const char *file_id);

#endif
