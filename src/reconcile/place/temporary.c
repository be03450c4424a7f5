/* Makes files without a name. */
#include "reconcile/place/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int fz_temporary_open(struct fz_trouble *trouble)
{
    const char *folder = getenv("TMPDIR");
    char path[1024];
    if (folder == NULL || folder[0] == '\0')
        folder = "/tmp";
    int file = open(folder, O_TMPFILE | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
    if (file >= 0)
        return file;
    snprintf(path, sizeof path, "%s/fenzhang-XXXXXX", folder); /* not every file system has files without a name */
    file = mkostemp(path, O_APPEND | O_CLOEXEC);
    if (file < 0)
        (void)fz_trouble_say(trouble, "No temporary file could be made in %s: %s. Set TMPDIR to a directory with room.",
                             folder, strerrordesc_np(errno));
    else
        unlink(path);
    return file;
}

enum fz_result fz_temporary_append(int file, const void *data, size_t size, struct fz_trouble *trouble)
{
    ssize_t written = write(file, data, size);
    if (written == (ssize_t)size)
        return FZ_OK;
    return fz_trouble_say(trouble, "The temporary file could not be written: %s. Set TMPDIR to a directory with room.",
                          written < 0 ? strerrordesc_np(errno) : "there is no room left");
}
