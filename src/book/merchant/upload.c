/* Uploads: taking one down, and finding it. */
#include "book/merchant/upload.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

FZ_STATEMENT(upload_known,
             "SELECT id, file_id, created_ms FROM upload WHERE caller = $1 AND sha256 = $2 AND filename = $3",
             "tbt", "iti");
FZ_STATEMENT(upload_insert,
             "INSERT INTO upload (id, file_id, caller, filename, sha256, size, created_ms)"
             " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (caller, sha256, filename) DO NOTHING",
             "itttbii", "");
FZ_STATEMENT(upload_find, "SELECT 1 FROM upload WHERE file_id = $1 AND caller = $2", "tt", "i");

static enum fz_result find_known(struct fz_tx *tx, struct fz_upload *upload)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(
        tx, &upload_known,
        FZ_VALUES(FZ_T(upload->caller), FZ_B(upload->sha256, FZ_SHA256_SIZE), FZ_T(upload->filename)), &row);
    if (result != FZ_OK)
        return result;
    upload->id = fz_int(&row, 0);
    FZ_COPY_COLUMN(upload->file_id, &row, 1);
    upload->created_ms = fz_int(&row, 2);
    return FZ_OK;
}

/* As the documents' example is: a random UUID. */
static void write_file_id(char out[FZ_FILE_ID_SIZE], const struct fz_world *world, int64_t row)
{
    uint64_t high = fz_draw(world, "file_id", row, UINT64_MAX);
    uint64_t low = fz_draw(world, "file_id low", row, UINT64_MAX);
    high = (high & ~UINT64_C(0xF000)) | UINT64_C(0x4000);   /* version 4 */
    low = (low & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63; /* of RFC 4122 */
    snprintf(out, FZ_FILE_ID_SIZE, "%08" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%012" PRIx64,
             high >> 32, high >> 16 & 0xFFFF, high & 0xFFFF, low >> 48, low & UINT64_C(0xFFFFFFFFFFFF));
}

enum fz_result fz_upload_keep(struct fz_tx *tx, struct fz_upload *upload)
{
    struct fz_upload kept = *upload;
    enum fz_result result = find_known(tx, &kept);
    if (result == FZ_ABSENT) {
        result = fz_next_id(tx, "upload", &kept.id);
        if (result != FZ_OK)
            return result;
        write_file_id(kept.file_id, tx->world, kept.id);
        kept.created_ms = tx->now_ms;
        result = fz_insert(tx, &upload_insert,
                           FZ_VALUES(FZ_I(kept.id), FZ_T(kept.file_id), FZ_T(kept.caller), FZ_T(kept.filename),
                                     FZ_B(kept.sha256, FZ_SHA256_SIZE), FZ_I(kept.size), FZ_I(kept.created_ms)));
        if (result == FZ_CONFLICT) /* another writer was first with the same file */
            result = find_known(tx, &kept);
    }
    if (result == FZ_OK)
        *upload = kept;
    return result;
}

enum fz_result fz_upload_find(struct fz_tx *tx, const char *caller, const char *file_id)
{
    FZ_CURSOR row = {0};
    return fz_query_one(tx, &upload_find, FZ_VALUES(FZ_T(file_id), FZ_T(caller)), &row);
}
