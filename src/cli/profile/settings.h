/* What a profile can say, a row each: settings.def. */
#ifndef FZ_CLI_PROFILE_SETTINGS_H
#define FZ_CLI_PROFILE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

enum fz_setting {
#define FZ_SETTING(id, name, kind, demo, meaning) FZ_SETTING_##id,
#include "cli/profile/settings.def"
#undef FZ_SETTING
    FZ_SETTING_COUNT
};

enum fz_setting_kind {
    FZ_SETTING_PLAIN,
    FZ_SETTING_PATH,     /* of a file; in the file of profiles relative to that, "~/" is the home directory */
    FZ_SETTING_KEY_PATH, /* of one that nobody else may read */
    FZ_SETTING_SECRET    /* never in an argument, never shown */
};

struct fz_setting_row {
    const char *name;     /* in the file of profiles */
    const char *variable; /* FENZHANG_… */
    const char *demo;     /* in a demo.env; "": not there */
    enum fz_setting_kind kind;
    const char *meaning;
};

const struct fz_setting_row *fz_setting_row(enum fz_setting setting);
/* The one that is called `name`; FZ_SETTING_COUNT: there is none. */
enum fz_setting fz_setting_called(const char *name);

/* What one source says of them; each its own, NULL: nothing. Zero-initialised. */
struct fz_settings {
    char *values[FZ_SETTING_COUNT];
    char *from; /* the source, for people: "profile test in /home/a/.config/fenzhang/config" */
};
/* Takes a copy. Later ones replace earlier ones. */
void fz_settings_set(struct fz_settings *settings, enum fz_setting setting, const char *value);
void fz_settings_done(struct fz_settings *settings); /* wipes secrets */

#endif
