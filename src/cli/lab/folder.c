/* Opens the folder of a lab: whoever reads refunds-*.csv there is to find this lab's files and no others. */
#include "cli/lab/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const patterns[] = {"refunds-*.csv", "shares-*.csv", "statement-*.csv", "records.csv", FZ_LAB_KEY};

static bool is_lab_s(const char *name)
{
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        if (fnmatch(patterns[i], name, FNM_PATHNAME) == 0)
            return true;
    return false;
}

/* What an earlier key names, and no other file. */
static void remove_earlier(int directory)
{
    int file = openat(directory, FZ_LAB_KEY, O_RDONLY | O_CLOEXEC);
    json_t *key = file < 0 ? NULL : json_loadfd(file, 0, NULL), *name;
    size_t i;
    json_array_foreach (json_object_get(key, "files"), i, name)
        if (json_is_string(name) && is_lab_s(json_string_value(name)))
            unlinkat(directory, json_string_value(name), 0);
    json_decref(key);
    if (file >= 0)
        close(file);
}

/* The first file there that has a name of a lab's; "" if there is none. */
static void find_other(int directory, char out[NAME_MAX + 1])
{
    int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listed = again < 0 ? NULL : fdopendir(again);
    out[0] = '\0';
    for (struct dirent *entry; listed != NULL && out[0] == '\0' && (entry = readdir(listed)) != NULL;)
        if (is_lab_s(entry->d_name))
            strcpy(out, entry->d_name);
    if (listed != NULL)
        closedir(listed);
    else if (again >= 0)
        close(again);
}

int fz_lab_folder_open(const char *path)
{
    char other[NAME_MAX + 1];
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "fenzhang: the folder %s cannot be made: %s. Name another with --out.\n", path,
                strerrordesc_np(errno));
        return -1;
    }
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) {
        fprintf(stderr, "fenzhang: the folder %s cannot be opened: %s. Name another with --out.\n", path,
                strerrordesc_np(errno));
        return -1;
    }
    remove_earlier(directory);
    find_other(directory, other);
    if (other[0] == '\0')
        return directory;
    fprintf(stderr,
            "fenzhang: %s has a file %s that no earlier lab names in its %s: it would be taken for this lab's. Move it "
            "away, or name another folder with --out.\n",
            path, other, FZ_LAB_KEY);
    close(directory);
    return -1;
}
