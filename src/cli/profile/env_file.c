/* Settings from a demo.env: lines NAME=value as a shell reads them. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/private_file.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "cli/profile/sources.h"

#define FILE_MAX   (64 << 10)
#define VALUE_MAX  8192
#define PREFIX_MAX 64

/* What the name (of `size` bytes) stands for; FZ_SETTING_COUNT: nothing that is wanted here. */
static enum fz_setting setting_of(const char *name, size_t size)
{
    enum fz_setting setting = 0;
    for (; setting < FZ_SETTING_COUNT; setting++) {
        const char *demo = fz_setting_row(setting)->demo;
        if (demo[0] != '\0' && strlen(demo) == size && memcmp(demo, name, size) == 0)
            break;
    }
    return setting;
}

/* DIRECT_ of "direct"; "" of NULL. */
static void write_prefix(char out[PREFIX_MAX], const char *word)
{
    snprintf(out, PREFIX_MAX, "%s%s", word == NULL ? "" : word, word == NULL || word[0] == '\0' ? "" : "_");
    for (char *at = out; *at != '\0'; at++)
        *at = (char)toupper((unsigned char)*at);
}

/* What both merchants of the file have in common, and has no prefix. */
static bool is_of_the_server(enum fz_setting setting)
{
    return setting == FZ_SETTING_CA_FILE || setting == FZ_SETTING_HOSTS || setting == FZ_SETTING_CONTROL_URL;
}

static void take(struct fz_settings *out, const char *prefix, const char *name, size_t size, const char *value)
{
    size_t skipped = strlen(prefix);
    bool is_own = size > skipped && strncmp(name, prefix, skipped) == 0;
    enum fz_setting setting = is_own ? setting_of(name + skipped, size - skipped) : setting_of(name, size);
    if (setting != FZ_SETTING_COUNT && (is_own || (is_of_the_server(setting) && out->values[setting] == NULL)))
        fz_settings_set(out, setting, value);
}

/* One line: empty, a comment, or [export ]NAME=value. */
static bool take_line(const char **at, const char *prefix, struct fz_settings *out)
{
    FZ_CLEANUP(fz_text_done) struct fz_text value = {.max = VALUE_MAX};
    *at += strspn(*at, " \t");
    if (**at == '#' || **at == '\n' || **at == '\0') {
        *at += strcspn(*at, "\n");
        *at += **at == '\n';
        return true;
    }
    if (strncmp(*at, "export ", 7) == 0)
        *at += 7;
    const char *name = *at;
    size_t size = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    *at += size;
    if (size == 0 || *(*at)++ != '=' || fz_shell_word_read(at, &value) != FZ_OK || (**at != '\n' && **at != '\0'))
        return false;
    take(out, prefix, name, size, value.data == NULL ? "" : value.data);
    *at += **at == '\n';
    return true;
}

static bool take_lines(const char *path, const char *text, const char *prefix, struct fz_settings *out)
{
    int line = 1;
    for (const char *at = text; *at != '\0'; line++)
        if (!take_line(&at, prefix, out)) {
            fprintf(stderr, "fenzhang: line %d of %s is not NAME=value, as a shell reads it without expanding anything.\n",
                    line, path);
            return false;
        }
    if (out->values[FZ_SETTING_MCHID] != NULL)
        return true;
    fprintf(stderr, "fenzhang: %s has no %sMCHID, so it does not say who calls. ", path, prefix);
    fputs(prefix[0] == '\0' ? "Name the demo.env of a server: --env DIR/demo.env.\n"
                            : "--profile chooses among its merchants; for a profile of the file of profiles, leave away "
                              "--env and unset FENZHANG_ENV.\n",
          stderr);
    return false;
}

bool fz_settings_of_env_file(const char *path, const char *prefix_word, struct fz_settings *out)
{
    static char text[FILE_MAX];
    char reason[200], prefix[PREFIX_MAX];
    write_prefix(prefix, prefix_word);
    if (fz_public_file_read(path, text, sizeof text, reason, sizeof reason) != FZ_OK) {
        fprintf(
            stderr,
            "fenzhang: the file %s of --env cannot be read: %s. `fenzhang serve --demo --data DIR' makes DIR/demo.env.\n",
            path, reason);
        return false;
    }
    fz_warn_of_readers(path, "the keys in it");
    free(out->from);
    out->from = strdup(path);
    return take_lines(path, text, prefix, out);
}

bool fz_env_file_names(const char *path, const char *prefix_word)
{
    static char text[FILE_MAX];
    char reason[200], name[PREFIX_MAX + sizeof "\nMCHID="] = "\n";
    write_prefix(name + 1, prefix_word);
    size_t size = strlen(name);
    snprintf(name + size, sizeof name - size, "MCHID=");
    return fz_public_file_read(path, text, sizeof text, reason, sizeof reason) == FZ_OK && strstr(text, name) != NULL;
}
