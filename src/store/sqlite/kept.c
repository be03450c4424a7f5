/* Before a book's tables change, a copy of it is kept beside it: BOOK-schema-N, with the number of the tables that it has. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/copy.h"
#include "store/sqlite/engine.h"

#define KEPT_MAX 2 /* copies */

/* New; NULL: memory is short. */
static char *name_of(const char *path, int64_t schema, const char *ending)
{
    char *name = NULL;
    return asprintf(&name, "%s-schema-%" PRId64 "%s", path, schema, ending) < 0 ? NULL : name;
}

/* A copy that a killed start left half is made anew; one that is whole stays. */
static enum fz_result make(const char *path, const char *part, const char *name, char *why, size_t why_size)
{
    char *count = NULL;
    if (access(name, F_OK) == 0)
        return FZ_OK;
    fz_store_remove(part);
    enum fz_result result = fz_store_copy(path, part, NULL, why, why_size);
    if (result != FZ_OK)
        return result;
    if (asprintf(&count, "%s-acknowledged", part) >= 0) { /* it goes with a directory, not with a copy */
        (void)unlink(count);
        free(count);
    }
    if (rename(part, name) == 0)
        return FZ_OK;
    snprintf(why, why_size, "%s: %s.", name, strerrordesc_np(errno));
    fz_store_remove(part);
    return FZ_FAILED;
}

/* The oldest ones go. */
static void forget(const char *path, int64_t schema)
{
    int kept = 0;
    for (; schema > 0; schema--) {
        char *name = name_of(path, schema, "");
        if (name != NULL && access(name, F_OK) == 0 && ++kept > KEPT_MAX)
            (void)unlink(name);
        free(name);
    }
}

static void tell(const struct fz_store *store, int64_t schema, const char *name)
{
    char sentence[FZ_SENTENCE_SIZE];
    snprintf(sentence, sizeof sentence,
             "the book's tables are brought from number %" PRId64 " to %zu; as it was, it is kept in %s. An older version of this program "
             "needs that copy",
             schema, fz_migration_count, name);
    if (store->note != NULL)
        store->note(sentence);
}

enum fz_result fz_keep_before_migration(const struct fz_store *store, int64_t schema, char *why, size_t why_size)
{
    char said[FZ_SENTENCE_SIZE] = "memory is short";
    const char *path = store->file.path;
    if (schema == 0 || schema >= (int64_t)fz_migration_count)
        return FZ_OK;
    char *name = name_of(path, schema, ""), *part = name_of(path, schema, ".part");
    enum fz_result result = name == NULL || part == NULL ? FZ_FAILED : make(path, part, name, said, sizeof said);
    if (result == FZ_OK) {
        tell(store, schema, name);
        forget(path, schema);
    } else {
        snprintf(why, why_size, "The book was not upgraded, because no copy of it could be kept: %s Nothing of it was changed.", said);
    }
    free(part);
    free(name);
    return result;
}
