/* Files that nobody but their owner may use: keys and copies of them, profiles. */
#ifndef FZ_BASE_PRIVATE_FILE_H
#define FZ_BASE_PRIVATE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"

/* Writes a whole file (0600) in the place of what was there, whoever else does the same at this moment: after a crash
 * the name has the old content or the new one, whole. One that says this already is left alone; otherwise `changed` is
 * set. That the new one is there after a crash fz_private_directory_sync makes sure of. FZ_FAILED: errno tells. */
FZ_MUST_CHECK enum fz_result fz_private_file_write(const char *path, const void *data, size_t size, bool *changed);
/* The same, but that a power loss may leave the name with nothing in it: for copies that are made again. */
FZ_MUST_CHECK enum fz_result fz_private_file_put(const char *path, const void *data, size_t size, bool *changed);
/* Brings the names in a directory to the disk. */
FZ_MUST_CHECK enum fz_result fz_private_directory_sync(const char *path);

/* Makes a file (0600) that is there whole or not at all after a crash, and on the disk when this returns; one
 * that is there already, made by somebody at the same time perhaps, is left as it is. FZ_FAILED: errno tells.
 */
FZ_MUST_CHECK enum fz_result fz_private_file_make(const char *path, const void *data, size_t size);

/* Reads a whole file of less than `size` bytes, with a NUL behind it. One that others may use is refused.
 * FZ_ABSENT: it is not there. `reason` gets why not, as the end of a sentence. `out` is overwritten in any
 * case. */
FZ_MUST_CHECK enum fz_result fz_private_file_read(const char *path, char *out, size_t size, char *reason,
                                                  size_t reason_size);
/* The same for a file that others may see. */
FZ_MUST_CHECK enum fz_result fz_public_file_read(const char *path, char *out, size_t size, char *reason,
                                                 size_t reason_size);

#define FZ_PATH_SIZE 4096

/* `directory`/`name`; FZ_FULL when it is too long. */
FZ_MUST_CHECK enum fz_result fz_path_join(char out[FZ_PATH_SIZE], const char *directory, const char *name);

/* Makes a directory (0700) with its parents; one that is there is left as it is. */
FZ_MUST_CHECK enum fz_result fz_private_directory_make(const char *path);

#endif
