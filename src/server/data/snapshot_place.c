/* Where snapshots lie, and what they may be called. */
#include "server/data/snapshot_place.h"

#include <stdio.h>
#include <string.h>

#define LETTERS_AND_DIGITS "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

bool fz_snapshot_is_name(const char *name)
{
    size_t size = strlen(name);
    return size > 0 && size < FZ_SNAPSHOT_NAME_SIZE && strspn(name, LETTERS_AND_DIGITS) > 0 &&
           strspn(name, LETTERS_AND_DIGITS "._-") == size;
}

enum fz_result fz_snapshot_path(const char *data, const char *name, char out[FZ_PATH_SIZE])
{
    int size = snprintf(out, FZ_PATH_SIZE, "%s/snapshots/%s.db", data, name);
    return size < 0 || size >= FZ_PATH_SIZE ? FZ_FULL : FZ_OK;
}
