/* Where the data directory is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/local/default_data.h"
#include "cli/server/data_path.h"
#include "server/data/data_directory.h"
#include "store/store.h"

static char *joined(const char *directory, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

static char *default_path(void)
{
    char *path = fz_data_default();
    if (path != NULL)
        return path;
    fputs("fenzhang: no data directory: none of STATE_DIRECTORY, XDG_STATE_HOME and HOME is set. Name one with --data DIR.\n",
          stderr);
    return NULL;
}

char *fz_data_path(const char *named)
{
    if (named == NULL)
        return default_path();
    if (named[0] == '\0') {
        fputs("fenzhang: --data names no directory. Write --data DIR.\n", stderr);
        return NULL;
    }
    if (named[0] == '-') { /* --data --how: the directory was left out */
        fprintf(stderr,
                "fenzhang: --data names no directory but the option %s. Write --data DIR; or ./%s if it is called so.\n",
                named, named);
        return NULL;
    }
    if (named[0] == '/')
        return strdup(named);
    char *here = getcwd(NULL, 0);
    if (here == NULL) {
        fputs(
            "fenzhang: the current directory is gone, so --data cannot be relative. Name an absolute path.\n",
            stderr);
        return NULL;
    }
    while (strncmp(named, "./", 2) == 0)
        named += 2;
    char *path = joined(strcmp(here, "/") == 0 ? "" : here, strcmp(named, ".") == 0 ? "" : named);
    free(here);
    return path;
}

bool fz_data_is_readable(const char *data)
{
    char path[FZ_PATH_SIZE], why[FZ_PATH_SIZE + 200];
    if (fz_path_join(path, data, "book.db") != FZ_OK || fz_store_glance(path, why, sizeof why) == FZ_OK)
        return true;
    fprintf(stderr, "fenzhang: %s\n", why);
    return false;
}
