/* The file of profiles written anew. */
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/private_file.h"
#include "cli/config/edit.h"

#define CONFIG_MAX (256 << 10)

static bool fail(const char *path, const char *why)
{
    fprintf(stderr, "fenzhang: the file of profiles %s was not changed: %s.\n", path, why);
    return false;
}

/* ---- what it would say ---- */

struct reading {
    const char *profile, *name;
    char value[256];
    bool found;
};

static int read_back(void *argument, const char *section, const char *name, const char *value)
{
    struct reading *reading = argument;
    if (strcmp(section, reading->profile) == 0 && strcmp(name, reading->name) == 0) {
        reading->found = true;
        fz_copy(reading->value, sizeof reading->value, value);
    }
    return 1;
}

/* Whether whoever reads the new text finds what was meant: a value may be too long, or look like a comment. */
static bool says_so(const char *text, const char *profile, const char *name, const char *value)
{
    struct reading reading = {.profile = profile, .name = name};
    if (ini_parse_string(text, read_back, &reading) != 0)
        return false;
    return value == NULL ? !reading.found : reading.found && strcmp(reading.value, value) == 0;
}

/* ---- the file ---- */

static bool read_old(const char *path, char *out)
{
    char reason[200];
    out[0] = '\0';
    enum fz_result result = fz_public_file_read(path, out, CONFIG_MAX, reason, sizeof reason);
    if (result == FZ_ABSENT)
        out[0] = '\0';
    struct stat state;
    if (result == FZ_OK && stat(path, &state) == 0 && (size_t)state.st_size != strlen(out))
        return fail(path, "it has a zero byte in it, behind which everything would be lost");
    return result == FZ_OK || result == FZ_ABSENT || fail(path, reason);
}

static bool replace(const char *path, const char *profile, const char *name, const char *value)
{
    static char old[CONFIG_MAX];
    FZ_CLEANUP(fz_text_done) struct fz_text text = {.max = CONFIG_MAX};
    bool changed = false;
    if (!read_old(path, old))
        return false;
    fz_config_edit(old, profile, name, value, &text);
    if (text.failed)
        return fail(path, "it would be too large");
    if (!says_so(text.data == NULL ? "" : text.data, profile, name, value))
        return fail(path, value == NULL ? "another line of it cannot be read, or says the same again"
                                        : "the value would not be read as it is (too long, or with a comment in it), or "
                                          "another line cannot be read");
    if (fz_private_file_write(path, text.data == NULL ? "" : text.data, text.size, &changed) != FZ_OK)
        return fail(path, strerrordesc_np(errno));
    return true;
}

/* Two programs that change it at once do so one after the other. -1 after a message. */
static int lock_directory(const char *path)
{
    char *copy = strdup(path);
    const char *directory = copy == NULL ? "" : dirname(copy);
    int lock = fz_private_directory_make(directory) == FZ_OK ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (lock < 0 || flock(lock, LOCK_EX) != 0)
        (void)fail(path, strerrordesc_np(errno));
    free(copy);
    return lock;
}

static bool has_controls(const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

bool fz_config_change(const char *path, const char *profile, const char *name, const char *value)
{
    if (profile[0] == '\0' || has_controls(profile) || has_controls(value))
        return fail(path, profile[0] == '\0' ? "a profile has a name" : "no name and no value has control characters");
    int lock = lock_directory(path);
    if (lock < 0)
        return false;
    char *real = realpath(path, NULL); /* who keeps it elsewhere has a link here, which stays */
    bool done = replace(real == NULL ? path : real, profile, name, value);
    free(real);
    close(lock);
    return done;
}
