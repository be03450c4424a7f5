/* Paths, directories, and what is said of them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "cli/bill/job.h"

bool fz_bill_make_directories(const char *path, unsigned mode)
{
    char part[FZ_BILL_PATH_SIZE];
    if (!fz_copy(part, sizeof part, path)) {
        errno = ENAMETOOLONG;
        return false;
    }
    for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, mode) != 0 && errno != EEXIST)
            return false;
        *slash = '/';
    }
    return mkdir(part, mode) == 0 || errno == EEXIST;
}

bool fz_bill_path(char out[FZ_BILL_PATH_SIZE], const char *directory, const struct fz_bill_job *job, const char *date,
                  const char *suffix)
{
    int size = snprintf(out, FZ_BILL_PATH_SIZE, "%s/%s-%s%s", directory, job->name, date, suffix);
    if (size >= 0 && size < FZ_BILL_PATH_SIZE)
        return true;
    errno = ENAMETOOLONG;
    return false;
}

void fz_bill_tell_file(const char *path, const char *done)
{
    fprintf(stderr, "fenzhang: %s could not be %s: %s.%s\n", path, done, strerrordesc_np(errno),
            errno == ENOSPC || errno == EFBIG || errno == EDQUOT
                ? " Make room, and repeat the command: what is there already is not fetched again."
                : "");
}
