/* Bill files that nobody can ask for any more are removed. What is not a bill file is left alone. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "server/bill_file.h"
#include "server/data_directory.h"

#define BILL ".csv"

const char *fz_bill_directory(const char *book)
{
    return book[0] == '\0' ? "first" : book; /* books once had no names */
}

static bool ends_with(const char *name, const char *end)
{
    size_t size = strlen(name), end_size = strlen(end);
    return size >= end_size && strcmp(name + size - end_size, end) == 0;
}

static bool is_bill(const char *name)
{
    const char *end = strstr(name, BILL);
    if (end == NULL)
        return false;
    end += strlen(BILL);
    if (strncmp(end, FZ_BILL_COMPRESSED, strlen(FZ_BILL_COMPRESSED)) == 0)
        end += strlen(FZ_BILL_COMPRESSED);
    return *end == '\0' || strcmp(end, FZ_BILL_UNFINISHED) == 0;
}

/* In `parent`: a directory of it, or with "." itself. NULL if it cannot be read. */
static DIR *open_listing(int parent, const char *name)
{
    int handle = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *listing = handle < 0 ? NULL : fdopendir(handle);
    if (listing == NULL && handle >= 0)
        close(handle);
    return listing;
}

/* The bill files there; with `unfinished` those alone that are. */
static void remove_bills(int parent, const char *name, bool unfinished)
{
    DIR *listing = open_listing(parent, name);
    if (listing == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(listing)) != NULL;)
        if (is_bill(entry->d_name) && (!unfinished || ends_with(entry->d_name, FZ_BILL_UNFINISHED)))
            unlinkat(dirfd(listing), entry->d_name, 0);
    closedir(listing);
}

void fz_bill_files_sweep(const char *data, const char *book, bool at_start)
{
    char path[FZ_PATH_SIZE];
    DIR *bills = fz_path_join(path, data, "bills") == FZ_OK ? open_listing(AT_FDCWD, path) : NULL;
    if (bills == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(bills)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        bool present = strcmp(entry->d_name, fz_bill_directory(book)) == 0;
        if (!present || at_start)
            remove_bills(dirfd(bills), entry->d_name, present);
        if (!present) /* stays if somebody put something else into it */
            (void)unlinkat(dirfd(bills), entry->d_name, AT_REMOVEDIR);
    }
    remove_bills(dirfd(bills), ".", false); /* where they once lay */
    closedir(bills);
}
