/* Bill files that nobody can ask for any more are removed. What is not a bill file is left alone. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "api/bill/day.h"
#include "server/data/data_directory.h"
#include "server/files/bill_file.h"
#include "server/files/name.h"

/* In `parent`: a directory of it, or with "." itself. NULL if it cannot be read. */
static DIR *open_listing(int parent, const char *name)
{
    int handle = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *listing = handle < 0 ? NULL : fdopendir(handle);
    if (listing == NULL && handle >= 0)
        close(handle);
    return listing;
}

static void remove_bills(int parent, const char *name)
{
    struct fz_bill_link link;
    bool unfinished;
    DIR *listing = open_listing(parent, name);
    if (listing == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(listing)) != NULL;)
        if (fz_bill_name_read(entry->d_name, &link, &unfinished))
            unlinkat(dirfd(listing), entry->d_name, 0);
    closedir(listing);
}

/* In the directory of the present book: files of old days, and at a start those that nobody makes to an end. A download under way has
 * its file open and keeps it; who has a link to one still makes it again. */
static void remove_old(int parent, const char *name, int today, bool at_start)
{
    DIR *listing = open_listing(parent, name);
    if (listing == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        struct fz_bill_link link = {0};
        bool unfinished;
        if (!fz_bill_name_read(entry->d_name, &link, &unfinished))
            continue;
        bool old = link.day != FZ_NO_DAY && !fz_bill_is_kept(link.kind, link.day, today);
        if (unfinished ? at_start : old)
            unlinkat(dirfd(listing), entry->d_name, 0);
    }
    closedir(listing);
}

void fz_bill_files_sweep_old(int directory, int today)
{
    remove_old(directory, ".", today, false);
}

void fz_bill_files_sweep(const char *data, const char *book, int today, bool at_start)
{
    char path[FZ_PATH_SIZE], present[FZ_BILL_DIRECTORY_SIZE];
    DIR *bills = fz_path_join(path, data, "bills") == FZ_OK ? open_listing(AT_FDCWD, path) : NULL;
    if (bills == NULL)
        return;
    fz_bill_directory(book, present);
    for (const struct dirent *entry; (entry = readdir(bills)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (strcmp(entry->d_name, present) == 0) {
            remove_old(dirfd(bills), entry->d_name, today, at_start);
            continue;
        }
        remove_bills(dirfd(bills), entry->d_name);
        (void)unlinkat(dirfd(bills), entry->d_name, AT_REMOVEDIR); /* stays if somebody put something else into it */
    }
    remove_bills(dirfd(bills), "."); /* where they once lay */
    closedir(bills);
}
