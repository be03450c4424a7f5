/* Whether a data directory that has no CA yet is one that somebody meant. A CA made in the wrong place is trusted, and no server
 * has it. */
#include <dirent.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command/command.h"
#include "cli/server/data_path.h"
#include "server/data/data_directory.h"

/* Empty, or with what a server leaves. */
static bool is_data_directory(const char *data, DIR *listing)
{
    static const char *const ours[] = {"book.db", "secret.key", "tls"};
    char path[FZ_PATH_SIZE];
    size_t count = 0;
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (fz_path_join(path, data, ours[i]) == FZ_OK && access(path, F_OK) == 0)
            return true;
    while (readdir(listing) != NULL)
        count++;
    return count <= 2; /* "." and ".." */
}

/* The data directory beside `data` whose name is near; false: there is none. */
static bool find_neighbour(const char *parent, const char *name, char out[FZ_PATH_SIZE])
{
    DIR *listing = opendir(parent);
    struct fz_nearest nearest = {.word = name};
    char path[FZ_PATH_SIZE], book[FZ_PATH_SIZE];
    bool found = false;
    for (struct dirent *entry; listing != NULL && (entry = readdir(listing)) != NULL;) {
        size_t before = nearest.distance;
        bool first = nearest.best == NULL;
        if (fz_path_join(path, parent, entry->d_name) != FZ_OK || fz_path_join(book, path, "book.db") != FZ_OK ||
            access(book, F_OK) != 0)
            continue;
        fz_nearest_try(&nearest, entry->d_name);
        if (nearest.best != NULL && (first || nearest.distance < before)) {
            memcpy(out, path, sizeof path);
            found = true;
        }
    }
    if (listing != NULL)
        closedir(listing);
    return found;
}

/* Of one that is not there: its parent is, and nothing beside it has nearly its name. */
static bool may_be_made(const char *data)
{
    char of_parent[FZ_PATH_SIZE], of_name[FZ_PATH_SIZE], meant[FZ_PATH_SIZE];
    snprintf(of_parent, sizeof of_parent, "%s", data);
    snprintf(of_name, sizeof of_name, "%s", data);
    const char *parent = dirname(of_parent), *name = basename(of_name);
    if (access(parent, F_OK) != 0)
        fprintf(stderr,
                "fenzhang: there is no CA in %s, and not even the directory %s, so the name may be a slip; nothing was made. "
                "If it is none, make the directory first: mkdir -p -m 700 DIR\n",
                data, parent);
    else if (find_neighbour(parent, name, meant))
        fprintf(stderr,
                "fenzhang: there is no directory %s. Did you mean %s? Nothing was made; if you did not, make the directory first: "
                "mkdir -m 700 DIR\n",
                data, meant);
    else
        return true;
    return false;
}

bool fz_ca_is_meant(const char *data)
{
    DIR *listing = opendir(data);
    if (listing == NULL)
        return access(data, F_OK) == 0 || may_be_made(data);
    bool ours = is_data_directory(data, listing);
    closedir(listing);
    if (!ours)
        fprintf(stderr,
                "fenzhang: there is no CA in %s, and what lies there is not a server's, so the name may be a slip; nothing "
                "was made. Name the data directory of the server, or an empty one, with --data.\n",
                data);
    return ours;
}
