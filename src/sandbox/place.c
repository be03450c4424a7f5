/* The directory of a sandbox: found or made, read, and removed. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/sandbox.h"

#define DEPTH_MAX 16 /* descriptors that the removal may use */

static enum fz_result make_temporary(char **out, char *why, size_t why_size)
{
    const char *below = getenv("TMPDIR");
    if (below == NULL || below[0] != '/')
        below = "/tmp";
    if (asprintf(out, "%s/fenzhang-sandbox-XXXXXX", below) < 0) {
        *out = NULL;
        snprintf(why, why_size, "The sandbox cannot start: memory is short.");
        return FZ_FAILED;
    }
    if (mkdtemp(*out) != NULL)
        return FZ_OK;
    snprintf(why, why_size, "The sandbox cannot start: no directory can be made in %s (%s). Set TMPDIR, or name a directory.",
             below, strerrordesc_np(errno));
    free(*out);
    *out = NULL;
    return FZ_FAILED;
}

static char *absolute(const char *named)
{
    char *here = getcwd(NULL, 0), *path = NULL;
    if (here == NULL || asprintf(&path, "%s/%s", here, named) < 0)
        path = NULL;
    free(here);
    return path;
}

enum fz_result fz_sandbox_place(const char *named, char **out, char *why, size_t why_size)
{
    if (named == NULL)
        return make_temporary(out, why, why_size);
    *out = named[0] == '/' ? strdup(named) : absolute(named);
    if (*out != NULL)
        return FZ_OK;
    snprintf(why, why_size,
             "The sandbox cannot start: the current directory is gone, or memory is short. Name an absolute path.");
    return FZ_FAILED;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about, (void)kind, (void)where;
    (void)remove(path);
    return 0; /* and the others */
}

void fz_sandbox_place_remove(const char *path)
{
    (void)nftw(path, remove_one, DEPTH_MAX, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

bool fz_sandbox_place_read(const char *path, char *out, size_t size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? 0 : read(file, out, size);
    if (file >= 0)
        close(file);
    if (got < 0 || (size_t)got >= size)
        return false;
    while (got > 0 && out[got - 1] == '\n')
        got--;
    out[got] = '\0';
    return true;
}
