/* Settings from the file of profiles: [NAME] and lines name = value. */
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/command/command.h"
#include "cli/profile/sources.h"

/* The XDG base directory specification: a relative XDG_CONFIG_HOME counts as not set. */
char *fz_config_path(void)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char *path = NULL;
    int size = -1;
    if (config != NULL && config[0] == '/')
        size = asprintf(&path, "%s/fenzhang/config", config);
    else if (home != NULL && home[0] == '/')
        size = asprintf(&path, "%s/.config/fenzhang/config", home);
    else
        fputs("fenzhang: no file of profiles: neither XDG_CONFIG_HOME nor HOME is set. Name a demo.env with --env FILE, or "
              "set FENZHANG_… variables.\n",
              stderr);
    return size < 0 ? NULL : path;
}

/* ---- one value ---- */

/* A path in the file is relative to the file; "~/" is the home directory. */
static char *absolute(const char *path, const char *config)
{
    const char *home = getenv("HOME"), *slash = strrchr(config, '/');
    char *out = NULL;
    int size;
    if (path[0] == '~' && path[1] == '/' && home != NULL)
        size = asprintf(&out, "%s%s", home, path + 1);
    else if (path[0] == '/')
        size = asprintf(&out, "%s", path);
    else
        size = asprintf(&out, "%.*s/%s", (int)(slash - config), config, path);
    return size < 0 ? NULL : out;
}

struct reading {
    const char *path, *profile;
    struct fz_settings *out;
    bool found, has_secret, failed;
};

static void fail(struct reading *reading, const char *name)
{
    struct fz_nearest nearest = {.word = name};
    for (enum fz_setting setting = 0; setting < FZ_SETTING_COUNT; setting++)
        fz_nearest_try(&nearest, fz_setting_row(setting)->name);
    fprintf(stderr, "fenzhang: profile %s in %s has a setting `%s', which there is not.", reading->profile, reading->path,
            name);
    if (nearest.best != NULL)
        fprintf(stderr, " Did you mean %s?", nearest.best);
    fputs(" `fenzhang config list --all' tells them.\n", stderr);
    reading->failed = true;
}

static int take(void *argument, const char *section, const char *name, const char *value)
{
    struct reading *reading = argument;
    enum fz_setting setting = fz_setting_called(name);
    if (strcmp(section, reading->profile) != 0)
        return 1;
    reading->found = true;
    if (setting == FZ_SETTING_COUNT) {
        fail(reading, name);
        return 1;
    }
    enum fz_setting_kind kind = fz_setting_row(setting)->kind;
    char *path = kind == FZ_SETTING_PATH || kind == FZ_SETTING_KEY_PATH ? absolute(value, reading->path) : NULL;
    fz_settings_set(reading->out, setting, path == NULL ? value : path);
    free(path);
    reading->has_secret |= kind == FZ_SETTING_SECRET;
    return 1;
}

/* ---- the file ---- */

/* False after a message. A file that is not there is an empty one. */
static bool parse(const char *path, ini_handler handler, void *argument)
{
    struct stat state;
    bool is_file = stat(path, &state) != 0 || S_ISREG(state.st_mode); /* a named pipe would be waited for */
    errno = is_file ? 0 : EINVAL;
    FILE *file = is_file ? fopen(path, "re") : NULL;
    if (file == NULL && (errno == ENOENT || errno == ENOTDIR))
        return true;
    if (file == NULL) {
        fprintf(stderr, "fenzhang: the file of profiles %s cannot be read: %s.\n", path,
                is_file ? strerrordesc_np(errno) : "it is no regular file");
        return false;
    }
    int line = ini_parse_file(file, handler, argument);
    fclose(file);
    if (line == 0)
        return true;
    fprintf(stderr, "fenzhang: line %d of the file of profiles %s is neither [NAME] nor name = value, or is too long.\n",
            line, path);
    return false;
}

static bool no_profile(const char *name, const char *path)
{
    fprintf(stderr,
            "fenzhang: there is no profile `%s' in %s. `fenzhang config list' tells those that there are; `fenzhang config "
            "set --profile %s mchid NUMBER' begins a new one.\n",
            name, path, name);
    return false;
}

bool fz_settings_of_config(const char *name, bool must_exist, struct fz_settings *out)
{
    char *path = fz_config_path();
    struct reading reading = {.path = path, .profile = name, .out = out};
    if (path == NULL)
        return !must_exist;
    bool good = parse(path, take, &reading) && !reading.failed;
    if (good && must_exist && !reading.found)
        good = no_profile(name, path);
    if (good && reading.has_secret)
        fz_warn_of_readers(path, "the keys in it");
    free(out->from);
    if (asprintf(&out->from, "profile %s of %s", name, path) < 0)
        out->from = NULL;
    free(path);
    return good;
}

/* ---- which profiles there are ---- */

struct naming {
    void (*found)(void *argument, const char *name);
    void *argument;
    char last[128];
};

static int name_it(void *argument, const char *section, const char *name, const char *value)
{
    struct naming *naming = argument;
    (void)name;
    (void)value;
    if (strcmp(section, naming->last) != 0) {
        snprintf(naming->last, sizeof naming->last, "%s", section);
        naming->found(naming->argument, section);
    }
    return 1;
}

bool fz_config_each(void (*found)(void *argument, const char *name), void *argument)
{
    struct naming naming = {.found = found, .argument = argument};
    char *path = fz_config_path();
    bool good = path != NULL && parse(path, name_it, &naming);
    free(path);
    return good;
}
