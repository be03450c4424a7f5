/* Where snapshots lie: DIR/snapshots/NAME/book.db. */
#include "server/snapshot/place.h"

#include <string.h>

#define LETTERS_AND_DIGITS "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

bool fz_snapshot_is_name(const char *name)
{
    size_t size = strlen(name);
    return size > 0 && size < FZ_SNAPSHOT_NAME_SIZE && strspn(name, LETTERS_AND_DIGITS) > 0 &&
           strspn(name, LETTERS_AND_DIGITS "._-") == size;
}

enum fz_result fz_snapshot_directory(const char *data, const char *name, char out[FZ_PATH_SIZE])
{
    char all[FZ_PATH_SIZE];
    enum fz_result result = fz_path_join(all, data, "snapshots");
    return result == FZ_OK ? fz_path_join(out, all, name) : result;
}

enum fz_result fz_snapshot_book(const char *data, const char *name, char out[FZ_PATH_SIZE])
{
    char directory[FZ_PATH_SIZE];
    enum fz_result result = fz_snapshot_directory(data, name, directory);
    return result == FZ_OK ? fz_path_join(out, directory, "book.db") : result;
}
