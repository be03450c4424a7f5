/* Where the data directory is. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/local/default_data.h"
#include "cli/server/data_path.h"
#include "server/data/data_directory.h"
#include "store/store.h"

static bool default_path(char out[FZ_PATH_SIZE])
{
    if (fz_data_default(out))
        return true;
    fputs("fenzhang: no data directory: none of STATE_DIRECTORY, XDG_STATE_HOME and HOME is set. Name one with --data DIR.\n",
          stderr);
    return false;
}

/* False after a message. */
static bool is_name(const char *named)
{
    if (named[0] == '\0')
        fputs("fenzhang: --data names no directory. Write --data DIR.\n", stderr);
    else if (named[0] == '-') /* --data --how: the directory was left out */
        fprintf(stderr, "fenzhang: --data names no directory but the option %s. Write --data DIR; or ./%s if it is called so.\n", named,
                named);
    return named[0] != '\0' && named[0] != '-';
}

/* Always false, after the message. */
static bool is_too_long(void)
{
    fputs("fenzhang: the path of the data directory is too long. Name a shorter one with --data.\n", stderr);
    return false;
}

static bool seen_from_here(const char *named, char out[FZ_PATH_SIZE])
{
    char here[FZ_PATH_SIZE];
    if (getcwd(here, sizeof here) == NULL) {
        fputs("fenzhang: the current directory is gone, so --data cannot be relative. Name an absolute path.\n", stderr);
        return false;
    }
    while (strncmp(named, "./", 2) == 0)
        named += 2;
    return fz_path_join(out, strcmp(here, "/") == 0 ? "" : here, strcmp(named, ".") == 0 ? "" : named) == FZ_OK || is_too_long();
}

bool fz_data_path(const char *named, char out[FZ_PATH_SIZE])
{
    if (named == NULL)
        return default_path(out);
    if (!is_name(named))
        return false;
    if (named[0] != '/')
        return seen_from_here(named, out);
    return fz_copy(out, FZ_PATH_SIZE, named) || is_too_long();
}

bool fz_data_is_readable(const char *data)
{
    char path[FZ_PATH_SIZE], why[FZ_PATH_SIZE + 200];
    if (fz_path_join(path, data, "book.db") != FZ_OK || fz_store_glance(path, why, sizeof why) == FZ_OK)
        return true;
    fprintf(stderr, "fenzhang: %s\n", why);
    return false;
}
