/* Whether others can read what they should not. */
#include <stdio.h>
#include <sys/stat.h>

#include "cli/profile/sources.h"

void fz_warn_of_readers(const char *path, const char *what)
{
    struct stat about;
    if (stat(path, &about) == 0 && S_ISREG(about.st_mode) && (about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        fprintf(stderr, "fenzhang: warning: others can read %s: chmod 600 %s\n", what, path);
}
