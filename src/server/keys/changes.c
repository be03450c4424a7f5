/* The number of changes that all processes have to know of. */
#include "server/keys/changes.h"

FZ_STATEMENT(changes_read, "SELECT name, changes FROM book WHERE id = 1", "", "ti");
FZ_STATEMENT(changes_add, "UPDATE book SET changes = changes + 1 WHERE id = 1", "", "");

enum fz_result fz_changes_read(struct fz_tx *tx, struct fz_changes *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &changes_read, NULL, 0, &row);
    if (result != FZ_OK)
        return result;
    FZ_COPY_COLUMN(out->book, &row, 0);
    out->number = fz_int(&row, 1);
    return FZ_OK;
}

enum fz_result fz_changes_add(struct fz_tx *tx)
{
    return fz_run(tx, &changes_add, NULL, 0, NULL);
}
