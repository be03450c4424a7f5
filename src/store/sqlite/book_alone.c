/* The book's file as it is without its WAL. Together they are a book only if the WAL goes on where the file ends, and
 * SQLite does not look: beside an older copy of the file it would put the pages of the later WAL into it, and what
 * comes of that is neither. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/sqlite/engine.h"

char *fz_immutable_uri(const char *path)
{
    static const char begin[] = "file:", end[] = "?immutable=1", special[] = "%?#";
    char *uri = malloc(sizeof begin + 3 * strlen(path) + sizeof end);
    if (uri == NULL)
        return NULL;
    char *to = stpcpy(uri, begin);
    for (const char *at = path; *at != '\0'; at++) {
        if (strchr(special, *at) == NULL)
            *to++ = *at;
        else
            to += sprintf(to, "%%%02X", (unsigned)(unsigned char)*at);
    }
    stpcpy(to, end);
    return uri;
}

int64_t fz_book_alone(const char *path, const char *vfs)
{
    struct fz_connection alone = {0};
    int64_t number = 0;
    char *uri = fz_immutable_uri(path);
    int code = uri == NULL ? SQLITE_NOMEM
                           : sqlite3_open_v2(uri, &alone.handle,
                                             SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, vfs);
    if (code == SQLITE_OK)
        code = fz_commit_number(&alone, &number);
    sqlite3_close(alone.handle);
    free(uri);
    return code == SQLITE_OK ? number : FZ_NOT_TOLD;
}
